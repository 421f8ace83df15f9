"""Running a command line in-process, in an empty folder without settings."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from edgeq.cli import main


@dataclass(frozen=True)
class Result:
    """What a command line gave."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """stdout as one JSON object; fails if it is anything else."""
        value = json.loads(self.out)
        assert isinstance(value, dict)
        assert next(iter(value)) == "schema_version"
        assert value["schema_version"] == 1
        return value

    @property
    def error(self) -> dict[str, Any]:
        """The error object, which agrees with the exit code."""
        error = self.json["error"]
        assert error["exit_code"] == self.code
        assert error["message"]
        assert set(error) >= {"message", "hint", "exit_code", "kind"}
        return dict(error)


Edgeq = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder: empty, and no settings of the developer reach it."""
    (tmp_path / ".git").mkdir()  # the search for edgeq.toml ends here
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    for name in ("EDGEQ_BOARD", "EDGEQ_PORT", "EDGEQ_DEVICE", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return work


@pytest.fixture
def edgeq(folder: Path, capsys: pytest.CaptureFixture[str]) -> Edgeq:
    """Run ``edgeq ARGS`` in the working folder."""

    def run(*args: str | Path) -> Result:
        capsys.readouterr()
        code = main([str(arg) for arg in args])
        captured = capsys.readouterr()
        return Result(code, captured.out, captured.err)

    return run
