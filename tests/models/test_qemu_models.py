"""Models on QEMU's boards: exact, and counted as the simulator counts."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Literal

import pytest

import edgeq
from edgeq.base.errors import BuildError
from edgeq.builder import load_image
from edgeq.judge.report import Instructions
from edgeq.targets.simulators.qemu_target import QEMU
from tests.sim.talking import comes_back_to_text

pytestmark = pytest.mark.skipif(shutil.which(QEMU) is None, reason=f"needs {QEMU} (apt: qemu-system-arm)")

MODELS = ("ad", "kws", "vww", "ic")
QEMU_BOARDS = ("mps2_an385", "mps2_an386", "mps2_an500", "mps2_an505", "mps3_an547")
HARDWARE = ("netduinoplus2", "microbit")
"""Real boards, whose firmware QEMU runs as it is; of MLPerf Tiny's models the micro:bit holds kws alone."""
SAMPLES = 3
CLOSE = 0.01


def is_exact(report: edgeq.Report, samples: int) -> bool:
    """Whether every output value of that many samples equals the oracle's."""
    assert report.exactness.samples == samples
    assert "BUILTIN_REF" in report.exactness.oracle
    return report.verdict == "pass" and report.exactness.is_exact


@pytest.mark.parametrize(
    "board",
    [
        "mps3_an547",
        *(pytest.param(b, marks=pytest.mark.slow) for b in ("mps2_an386", *HARDWARE)),
    ],
)
def test_a_small_model_and_what_a_host_left_in_bulk_mode(board: str, examples: Path, tmp_path: Path) -> None:
    digits = examples / "digits"
    report = edgeq.deploy(
        digits / "digits_float.tflite",
        board=board,
        simulator="qemu",
        calibration=digits / "calibration.npz",
        data=digits / "test.npz",
        limit=5,
        out=tmp_path / "out",
    )
    assert is_exact(report, 5)
    comes_back_to_text(load_image(tmp_path / "out" / "project"), "qemu")
    if board in HARDWARE:
        assert report.latency.cost is None
        assert any("simulated by QEMU" in finding.message for finding in report.findings)
    else:
        assert isinstance(report.latency.cost, Instructions)


@pytest.mark.slow
@pytest.mark.parametrize("toolchain", ["gcc", "zig"])
@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("board", [*QEMU_BOARDS, "netduinoplus2"])
def test_every_byte_is_the_oracles(
    board: str, name: str, toolchain: Literal["gcc", "zig"], shared: Path, tmp_path: Path
) -> None:
    if toolchain == "gcc" and shutil.which("arm-none-eabi-gcc") is None:
        pytest.skip("needs arm-none-eabi-gcc (apt: gcc-arm-none-eabi)")
    model = shared / "models" / "mlperf_tiny" / f"{name}_int8.tflite"

    def on(where: str) -> edgeq.Report:
        return edgeq.deploy(
            model,
            board=where,
            simulator="qemu" if where == board else None,
            toolchain=toolchain,
            samples=SAMPLES,
            out=tmp_path / where,
        )

    report = on(board)
    assert is_exact(report, SAMPLES)
    if board == "mps2_an386":
        twin, counted = on("sim-m4").latency.cost, report.latency.cost
        assert isinstance(twin, Instructions)
        assert isinstance(counted, Instructions)
        assert counted.warm == pytest.approx(twin.warm, rel=CLOSE)
        assert counted.first == pytest.approx(twin.first, rel=CLOSE)


@pytest.mark.sample(1)
@pytest.mark.parametrize("name", [name for name in MODELS if name != "kws"])
def test_what_the_smallest_board_is_too_small_for(name: str, shared: Path, tmp_path: Path) -> None:
    model = shared / "models" / "mlperf_tiny" / f"{name}_int8.tflite"
    with pytest.raises(BuildError, match="too big for microbit"):
        edgeq.deploy(model, board="microbit", simulator="qemu", samples=1, out=tmp_path / "out")


@pytest.mark.slow
def test_what_the_smallest_board_holds_by_rows(shared: Path, tmp_path: Path) -> None:
    """16 KB of RAM: less than the layers of kws take whole."""
    model = shared / "models" / "mlperf_tiny" / "kws_int8.tflite"
    report = edgeq.deploy(model, board="microbit", simulator="qemu", samples=2, out=tmp_path / "out")
    assert is_exact(report, 2)
    assert any("next faster plan" in finding.message for finding in report.findings)
