"""The four MLPerf Tiny models, from the file to the judged board: exact, and no dearer than with TFLM."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import edgeq
from edgeq.judge.report import Instructions

MODELS = ("ad", "kws", "vww", "ic")
BOARDS = ("sim-m0", "sim-m3", "sim-m4", "sim-m7", "sim-m33", "host")
SAMPLES = 20
REAL = {"kws": "kws_samples_int8.npz", "ad": "ad_samples_float.npz"}

DSP_BOARDS = ("sim-m4", "sim-m7", "sim-m33")
TFLM_INSTRUCTIONS = {"ad": 583_000, "kws": 7_700_000, "vww": 24_100_000, "ic": 29_900_000}
"""Of TensorFlow Lite Micro with CMSIS-NN on a Cortex-M4, gcc -O2."""
TFLM_FLASH = {"ad": 23_996, "kws": 47_184, "vww": 47_216, "ic": 44_348}
"""Bytes without the model, the smallest found (-Os, int8 only)."""


@pytest.fixture(scope="module")
def tiny(shared: Path) -> Path:
    return shared / "models" / "mlperf_tiny"


def is_exact(report: edgeq.Report, samples: int) -> bool:
    """Whether every output value of that many samples equals the oracle's."""
    assert report.exactness.samples == samples
    assert "BUILTIN_REF" in report.exactness.oracle
    return report.verdict == "pass" and report.exactness.is_exact


@pytest.mark.sample(2)
@pytest.mark.parametrize(
    ("board", "name"),
    [
        pytest.param(board, name, marks=() if board == "sim-m4" else pytest.mark.slow)
        for board in BOARDS
        for name in MODELS
    ],
)
def test_every_byte_is_the_oracles(board: str, name: str, tiny: Path, tmp_path: Path) -> None:
    report = edgeq.deploy(tiny / f"{name}_int8.tflite", board=board, samples=SAMPLES, out=tmp_path / "out")
    assert is_exact(report, SAMPLES)
    if board in DSP_BOARDS:
        assert isinstance(report.latency.cost, Instructions)
        assert report.latency.cost.warm <= TFLM_INSTRUCTIONS[name]
    if board == "sim-m4":
        assert report.flash.code < TFLM_FLASH[name]
        memory = json.loads((tmp_path / "out" / "project" / "edgeq.json").read_text())["memory"]
        assert report.ram.arena <= 1.05 * memory["live_peak"] + memory["scratch"]


@pytest.mark.sample(1)
@pytest.mark.parametrize("name", REAL)
def test_real_samples_are_exact_too(name: str, tiny: Path, tmp_path: Path) -> None:
    report = edgeq.deploy(
        tiny / f"{name}_int8.tflite",
        board="sim-m4",
        data=tiny / REAL[name],
        limit=SAMPLES,
        out=tmp_path / "out",
    )
    assert is_exact(report, SAMPLES)


@pytest.mark.slow
@pytest.mark.parametrize("board", ["sim-m4", "host"])
@pytest.mark.parametrize("name", MODELS)
def test_the_float_models_convert_and_are_exact(board: str, name: str, tiny: Path, tmp_path: Path) -> None:
    real = tiny / REAL["ad"] if name == "ad" else None
    report = edgeq.deploy(
        tiny / f"{name}_float.tflite",
        board=board,
        calibration=real,
        random_calibration=real is None,
        samples=SAMPLES,
        out=tmp_path / "out",
    )
    assert is_exact(report, SAMPLES)
    told = " ".join(finding.message for finding in report.findings)
    assert ("not truly float" in told) == (name == "kws")


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_the_float_models_in_int16_are_exact(name: str, tiny: Path, tmp_path: Path) -> None:
    real = tiny / REAL["ad"] if name == "ad" else None
    report = edgeq.deploy(
        tiny / f"{name}_float.tflite",
        board="sim-m4",
        form="int16x8",
        mode="minmax",
        calibration=real,
        random_calibration=real is None,
        samples=2,
        out=tmp_path / "out",
    )
    assert is_exact(report, 2)
