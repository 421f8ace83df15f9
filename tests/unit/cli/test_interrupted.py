"""Ctrl-C at the beginning of each stage of ``deploy``: what is kept is whole, and is named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edgeq.cli.listen import Lines

from .conftest import Edgeq
from .models import float_dense, int8_dense, samples

STAGES = ("read", "convert", "check", "generate", "build", "float", "run")


def content(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture
def files(folder: Path) -> Path:
    """The working folder with a float model, calibration data and labelled test data."""
    pytest.importorskip("unicorn")
    pytest.importorskip("ziglang")
    x, y = samples(8)
    (folder / "m.tflite").write_bytes(float_dense())
    np.savez(folder / "test.npz", x=x, y=y)
    return folder


@pytest.mark.sample(2)
@pytest.mark.parametrize("stage", STAGES[::-1])
def test_what_is_kept(edgeq: Edgeq, files: Path, monkeypatch: pytest.MonkeyPatch, stage: str) -> None:
    plain = Lines.stage

    def interrupted(self: Lines, name: str, detail: str = "") -> None:
        plain(self, name, detail)
        if name == stage and (detail or name != "build"):
            raise KeyboardInterrupt

    monkeypatch.setattr(Lines, "stage", interrupted)
    before = content(files)
    command = "deploy m.tflite --calibration test.npz --data test.npz --board sim-m4 --out made"
    result = edgeq(*command.split())
    assert (result.code, result.out) == (130, "")
    assert f"interrupted in the {stage} stage" in result.err
    assert "Traceback" not in result.err
    after = content(files)
    assert {name: after[name] for name in before} == before
    made = {name for name in after if name not in before}
    assert not [name for name in made if ".part-" in name or ".old-" in name]
    if stage in STAGES[:4]:
        assert made == set()
    else:
        assert "made/model_int8.tflite" in made
        assert "made/report.json" not in made
        assert "kept in made" in result.err
        assert ("made/project/build/firmware.elf" in made) == (stage in ("float", "run"))
    monkeypatch.setattr(Lines, "stage", plain)
    assert edgeq(*command.split()).code == 0


def test_an_earlier_result_outlives_a_failed_conversion(edgeq: Edgeq, files: Path) -> None:
    """An output is replaced only when there is something to replace it by."""
    command = "deploy m.tflite --calibration test.npz --board host --out made"
    assert edgeq(*command.split()).code == 0
    before = content(files)
    assert edgeq(*command.replace("test.npz", "none.npz").split()).code == 2
    assert content(files) == before


def test_a_model_that_was_exchanged(edgeq: Edgeq, files: Path) -> None:
    (files / "q.tflite").write_bytes(int8_dense())
    assert edgeq(*["deploy", "q.tflite", "--board", "host", "--out", "made"]).code == 0
    (files / "made" / "project" / "model.tflite").write_bytes(float_dense())
    error = edgeq("run", "made", "--json").error
    assert error["exit_code"] == 2
    assert "not the model that the firmware was built from" in error["message"]
