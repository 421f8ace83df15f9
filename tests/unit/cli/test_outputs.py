"""Every verb that writes: a second run needs no flag, and what the user did in between is named and kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from .conftest import Edgeq
from .models import float_dense, int8_dense, samples

COMMANDS = {
    "deploy q.tflite --board host --samples 2": "q-host",
    "generate q.tflite --board sim-m4": "q-sim-m4-project",
    "generate q.tflite --format carray": "q-carray",
    "generate q.tflite --format library --board sim-m4": "q-library",
    "compare f.tflite --calibration cal.npz --out forms": "forms",
    "boards show sim-m4 --project first": "first",
}


@pytest.fixture
def files(folder: Path) -> Path:
    (folder / "q.tflite").write_bytes(int8_dense())
    (folder / "f.tflite").write_bytes(float_dense())
    np.savez(folder / "cal.npz", x=samples()[0])
    return folder


@pytest.mark.sample(2)
@pytest.mark.parametrize(
    "command",
    [pytest.param(one, marks=pytest.mark.slow) if one.startswith("compare") else one for one in COMMANDS],
)
def test_a_folder(edgeq: Edgeq, files: Path, command: str) -> None:
    place = files / COMMANDS[command]
    assert edgeq(*command.split()).code == 0
    assert edgeq(*command.split()).code == 0
    made = sorted(path for path in place.rglob("*") if path.is_file() and path.suffix != ".log")
    edited = next(path for path in made if path.name != "edgeq.json" and "build" not in path.parts)
    whole = edited.read_bytes()
    edited.write_bytes(b"edited")
    (place / "notes").mkdir()
    (place / "notes" / "mine.txt").write_text("mine")
    refused = edgeq(*command.split(), "--json").error
    assert refused["exit_code"] == 2
    assert edited.name in refused["message"] and "notes/" in refused["message"]
    forced = edgeq(*command.split(), "--force")
    assert forced.code == 0
    assert "kept" in forced.err and "notes" in forced.err and f"{edited.name}.orig" in forced.err
    assert (place / "notes" / "mine.txt").read_text() == "mine"
    assert edited.with_name(f"{edited.name}.orig").read_bytes() == b"edited"
    if edited.name != "report.json":
        assert edited.read_bytes() == whole


@pytest.mark.slow
def test_a_file(edgeq: Edgeq, files: Path) -> None:
    command = ["convert", "f.tflite", "--calibration", "cal.npz", "--out", "made.tflite"]
    assert edgeq(*command).code == 0
    whole = (files / "made.tflite").read_bytes()
    assert edgeq(*command).code == 0
    (files / "made.tflite").write_bytes(int8_dense())
    refused = edgeq(*command, "--json").error
    assert (refused["exit_code"], "exists" in refused["message"]) == (2, True)
    assert (files / "made.tflite").read_bytes() == int8_dense()
    assert edgeq(*command, "--force").code == 0
    assert (files / "made.tflite").read_bytes() == whole
