"""With a real TFLM library: every operator of the table, in firmware of its own, equal to the interpreter."""

from __future__ import annotations

from pathlib import Path

import pytest
from checker_models import GOOD
from nets import Net

from edgeq.backends.tflm.arena import estimated
from edgeq.backends.tflm.generate import generate
from edgeq.base.errors import BuildError
from edgeq.boards import load_board
from edgeq.builder import build
from edgeq.builder.tflm import Kernels
from edgeq.checker import check
from edgeq.checker.runtimes import operators_of
from edgeq.graph import Graph, write_model
from edgeq.interpreter import smallest_arena
from edgeq.judge.evaluation import EvaluationData, data_for
from edgeq.judge.report import Thresholds
from edgeq.targets import USUAL_PLACE
from edgeq.verbs.images import judge_image

pytestmark = pytest.mark.slow

SHAPE = (1, 4, 5, 3)


def own(opcode: str) -> Graph:
    """Operators that the table has for TFLM alone, or in another form."""
    net = Net(3, opcode.lower())
    x = net.input(SHAPE, (0.05, 4))
    if opcode == "TRANSPOSE":
        net.op(opcode, (x, net.ints([0, 3, 1, 2])), (1, 3, 4, 5), (0.05, 4), output=True)
    elif opcode == "RELU6":
        net.op(opcode, (x,), SHAPE, (0.05, 4), output=True)
    else:
        options = {"alpha": 0.2} if opcode == "LEAKY_RELU" else {}
        net.op(opcode, (x,), SHAPE, (0.04, -20), output=True, **options)
    return net.graph()


OWN = ("HARD_SWISH", "LEAKY_RELU", "RELU6", "TRANSPOSE")


def test_every_operator_is_tried() -> None:
    assert {*OWN, *GOOD} >= set(operators_of("tflm"))


@pytest.mark.parametrize("kernels", ["cmsis_nn", "reference"])
@pytest.mark.parametrize("opcode", sorted(operators_of("tflm")))
def test_equal_to_the_interpreter(opcode: str, kernels: Kernels, tflm: Path, tmp_path: Path) -> None:
    model = write_model(own(opcode) if opcode in OWN else GOOD[opcode].graph())
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
