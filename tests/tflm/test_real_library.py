"""With a real TFLM library: every model equal to TFLM's own interpreter, in the smallest arena that works.

The libraries are the user's: TFLM_DIR names a checkout in which they were made (docs/tflm.md).
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from edgeq.base.errors import BuildError
from edgeq.base.progress import SILENT
from edgeq.boards import load_board
from edgeq.builder import build
from edgeq.builder.tflm import Kernels, open_tree
from edgeq.checker import check
from edgeq.judge.evaluation import EvaluationData, data_for
from edgeq.judge.report import Instructions, Report, Thresholds
from edgeq.targets import USUAL_PLACE
from edgeq.targets.simulators.qemu_target import QEMU
from edgeq.verbs.images import judge_image
from edgeq.verbs.request import GenerateRequest, TflmChoice
from edgeq.verbs.runtimes.tflm import Tflm
from edgeq.verbs.runtimes.tflm_arena import _Bench

pytestmark = pytest.mark.slow

# Published in docs/tflm.md: instructions of a warm inference, in millions.
M4 = {
    ("ad", "cmsis_nn"): 0.583,
    ("kws", "cmsis_nn"): 7.69,
    ("vww", "cmsis_nn"): 24.2,
    ("ic", "cmsis_nn"): 30.3,
    ("ad", "reference"): 1.95,
    ("kws", "reference"): 43.0,
    ("vww", "reference"): 100.3,
    ("ic", "reference"): 107.4,
}
M55 = {
    ("ad", "cmsis_nn"): 0.150,
    ("kws", "cmsis_nn"): 1.81,
    ("vww", "cmsis_nn"): 6.56,
    ("ic", "cmsis_nn"): 4.91,
}
"""With Helium; what the reference kernels take there hangs on what the compiler makes of it."""
EXPECTED = {"sim-m4": M4, "mps2_an386": M4, "mps3_an547": M55}


@pytest.mark.parametrize("kernels", ["cmsis_nn", "reference"])
@pytest.mark.parametrize("name", ["ad", "kws", "vww", "ic"])
@pytest.mark.parametrize("board", EXPECTED)
def test_exact_and_in_the_smallest_arena(
    board: str, name: str, kernels: Kernels, tflm: Path, shared: Path, tmp_path: Path
) -> None:
    if load_board(board).simulator == "qemu" and shutil.which(QEMU) is None:
        pytest.skip(f"needs {QEMU} (apt: qemu-system-arm)")
    model = (shared / "models" / "mlperf_tiny" / f"{name}_int8.tflite").read_bytes()
    checked = check(model, name=f"{name}_int8", runtime="tflm")
    try:
        request = GenerateRequest(model, load_board(board), tflm=TflmChoice(tflm, kernels))
        project = Tflm().project(checked, request, None, SILENT)
    except BuildError as error:
        pytest.skip(f"{error.message}: {error.hint}")
    project.write(tmp_path / "p")
    image = build(tmp_path / "p", tflm_dir=tflm, warnings_are_errors=True)
    report: Report = judge_image(
        checked,
        image,
        data_for(EvaluationData(samples=20), None, checked.graph),
        Thresholds(require_exact=True),
        serial_log=tmp_path / "serial.log",
        place=USUAL_PLACE,
    )
    assert report.verdict == "pass"
    assert report.exactness is not None
    assert report.exactness.is_exact
    assert report.exactness.oracle.startswith("tflite-micro ")
    arena = project.manifest["tflm"]["arena"]
    assert arena["bytes"] <= 1.01 * arena["smallest"]
    bench = _Bench(image, checked)
    assert bench.works(arena["bytes"])
    assert bench.works(arena["smallest"])
    assert not bench.works(arena["smallest"] - 16)
    assert isinstance(report.latency.cost, Instructions)
    warm = report.latency.cost.warm
    expected = EXPECTED[board].get((name, kernels))
    if open_tree(tflm).commit is not None and expected is not None:  # another compiler's differs, but little
        assert warm == pytest.approx(expected * 1e6, rel=0.15)


def test_the_tree_has_everything_that_any_operator_needs(tflm: Path) -> None:
    from edgeq.backends.tflm.operators import SUPPORT, addition

    tree = open_tree(tflm)
    for opcode, forms in SUPPORT.items():
        for dtype in {dtype for form in forms for dtype in form.types}:
            one = addition(opcode, [dtype])
            assert one.method in tree.adds, opcode
            if one.registration is not None:
                assert one.registration in tree.registrations, opcode
                header = tree.headers / "tensorflow/lite/micro/kernels" / str(one.header)
                assert re.search(rf"\b{one.registration}\(", header.read_text()), opcode
