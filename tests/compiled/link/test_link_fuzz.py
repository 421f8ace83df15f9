"""Mutated frames, to the firmware under sanitizers and to the client: nothing comes of them.

`python benchmarks/fuzz.py` sends a million to each.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from compiling import compile_link
from fuzzing import BAUD, DEFINES, fuzz_client, fuzz_firmware, sanitizers
from line import Line

AMOUNTS = [5_000, pytest.param(50_000, marks=pytest.mark.slow)]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compile_link(tmp_path_factory.mktemp("fuzz") / "device", "0" * 16, DEFINES, sanitizers())


@pytest.mark.parametrize("frames", AMOUNTS)
def test_mutated_frames_do_nothing_to_the_firmware(program: Path, frames: int) -> None:
    line = Line(program, baud=BAUD)
    try:
        found = fuzz_firmware(line, frames, seed=1)
    finally:
        line.close()
    assert set(found) == {"frames", "answers"}, found
    assert found["answers"] > frames / 4


@pytest.mark.parametrize("frames", AMOUNTS)
def test_mutated_answers_end_as_the_devices_answer_or_as_an_error(
    program: Path, frames: int, tmp_path: Path
) -> None:
    line = Line(program, baud=BAUD)
    try:
        found = fuzz_client(line, frames, 1, tmp_path)
    finally:
        line.close()
    assert set(found) <= {"frames", "right", "errors", "other model"}, found
    assert found["right"] > frames / 40 and found["errors"] > frames / 400
