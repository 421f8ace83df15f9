"""Damaged models through the command line: a result or a refusal, and nothing else."""

from __future__ import annotations

import random
import resource
import time
from pathlib import Path

import pytest

from edgeq.cli import main

from .conftest import contents

SECONDS_FOR_ONE = 20.0
"""Of this process's own time: no single damaged model may take more, converted and generated."""


def _run(command: str, capfd: pytest.CaptureFixture[str]) -> int:
    began = time.process_time()
    code = main(["--quiet", *command.split()])
    captured = capfd.readouterr()
    assert "Traceback" not in captured.err, captured.err
    assert "internal error" not in captured.err, captured.err
    assert code in (0, 1, 2), (code, captured.err)
    assert time.process_time() - began < SECONDS_FOR_ONE
    return code


def _flipped(data: bytes, seed: int) -> bytes:
    chance = random.Random(seed)
    damaged = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 8))):
        damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
    return bytes(damaged)


@pytest.mark.parametrize("model", ["float.tflite", "int8.tflite"])
def test_cut_at_many_places(model: str, kitchen: Path, capfd: pytest.CaptureFixture[str]) -> None:
    data = (kitchen / model).read_bytes()
    for length in sorted({*range(0, 64), *range(64, len(data), len(data) // 150)}):
        (kitchen / "cut.tflite").write_bytes(data[:length])
        assert _run("check cut.tflite", capfd) != 0, length
        assert _run("inspect cut.tflite", capfd) == 2, length


@pytest.mark.parametrize("model", ["float.tflite", "int8.tflite"])
@pytest.mark.parametrize("times", [100, pytest.param(1500, marks=pytest.mark.slow)])
def test_flipped_bytes(model: str, times: int, kitchen: Path, capfd: pytest.CaptureFixture[str]) -> None:
    data = (kitchen / model).read_bytes()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    codes = []
    for seed in range(times):
        (kitchen / "bad.tflite").write_bytes(_flipped(data, seed))
        codes.append(_run("inspect bad.tflite", capfd))
        codes.append(_run("check bad.tflite", capfd))
    grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown_kb < 300_000
    assert {0, 2} <= set(codes)  # some flips hurt nothing, some are refused


def _header_flipped(data: bytes, seed: int) -> bytes:
    """Flips where it hurts: most bytes of a model are weights, and any value of a weight is a good one."""
    chance = random.Random(seed)
    damaged = bytearray(data)
    zeros = [i for i in range(len(data)) if data[i] == 0]  # offsets, lengths and shapes are mostly zero bytes
    for _ in range(chance.choice((1, 1, 2, 4))):
        damaged[chance.choice(zeros) if chance.random() < 0.7 else chance.randrange(len(data))] ^= (
            1 << chance.randrange(8)
        )
    return bytes(damaged)


@pytest.mark.parametrize(
    ("model", "command"),
    [
        pytest.param(
            "float.tflite",
            "convert bad.tflite --calibration calibration.npz --mode minmax --out made.tflite",
            marks=pytest.mark.slow,
        ),
        ("int8.tflite", "generate bad.tflite --board sim-m4 --out made"),
    ],
)
@pytest.mark.parametrize("times", [20, pytest.param(150, marks=pytest.mark.slow)])
def test_flips_go_the_road(
    model: str, command: str, times: int, kitchen: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    data = (kitchen / model).read_bytes()
    known = set(contents(kitchen)) | {"bad.tflite"}
    for seed in range(times):
        (kitchen / "bad.tflite").write_bytes(_header_flipped(data, seed))
        code = _run(f"{command} --force", capfd)
        left = {name for name in set(contents(kitchen)) - known if not name.startswith("made")}
        assert not left, (seed, code, left)
