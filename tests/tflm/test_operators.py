"""With a real TFLM library: every operator of the table, in firmware of its own, equal to the interpreter."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from edgeq.backends.tflm.arena import estimated
from edgeq.backends.tflm.generate import generate
from edgeq.backends.tflm.operators import SUPPORT
from edgeq.backends.tflm.signatures import SIGNATURES
from edgeq.base.errors import BuildError
from edgeq.boards import load_board
from edgeq.builder import build
from edgeq.builder.tflm import Kernels
from edgeq.checker import check
from edgeq.graph import DType, write_model
from edgeq.interpreter import smallest_arena
from edgeq.judge.evaluation import EvaluationData, data_for
from edgeq.judge.report import Thresholds
from edgeq.targets import USUAL_PLACE
from edgeq.verbs.images import judge_image

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

from one_operator import SKETCHES
from sketch import Sketch

pytestmark = pytest.mark.slow

WITHOUT_INPUT = {"BROADCAST_ARGS"}
"""Operators that models have on constants only, which the check folds away."""
FORMS = sorted(
    (opcode, dtype, min(form.outputs or {dtype}, key=lambda one: one.value))
    for opcode in sorted(set(SIGNATURES) - WITHOUT_INPUT)
    for form in SUPPORT[opcode]
    for dtype in form.types
)


@pytest.mark.parametrize("kernels", ["cmsis_nn", "reference"])
@pytest.mark.parametrize(("opcode", "dtype", "result"), FORMS)
def test_equal_to_the_interpreter(
    opcode: str, dtype: DType, result: DType, kernels: Kernels, tflm: Path, tmp_path: Path
) -> None:
    model = write_model(SKETCHES[opcode][1](Sketch(dtype, result)))
    checked = check(model, name=opcode.lower(), runtime="tflm")
    arena = estimated(smallest_arena(model), checked.graph)
    generate(checked, load_board("sim-m4"), arena, kernels).write(tmp_path / "p")
    try:
        image = build(tmp_path / "p", tflm_dir=tflm, warnings_are_errors=True)
    except BuildError as error:
        if "no TFLM library fits" not in error.message:
            raise
        pytest.skip(f"{error.message}: {error.hint}")
    report = judge_image(
        checked,
        image,
        data_for(EvaluationData(samples=40), None, checked.graph),
        Thresholds(require_exact=True),
        serial_log=tmp_path / "serial.log",
        place=USUAL_PLACE,
    )
    assert report.verdict == "pass"
