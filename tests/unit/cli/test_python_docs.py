"""docs/python.md shows every function of the API, and its examples run."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import edgeq
from edgeq.verbs import api

from .models import float_dense, int8_dense, samples

pytest.importorskip("unicorn")
pytest.importorskip("ziglang")

PAGE = Path(__file__).resolve().parents[3] / "docs" / "python.md"


def examples() -> str:
    return "\n".join(re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.S))


def test_every_function_is_shown() -> None:
    functions = [name for name in api.__all__ if callable(getattr(api, name)) and name.islower()]
    assert len(functions) == 17
    for name in functions:
        assert f"edgeq.{name}(" in PAGE.read_text(), name
        assert getattr(edgeq, name) is getattr(api, name)


@pytest.mark.slow
def test_the_examples_run(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "model_float.tflite").write_bytes(float_dense())
    (folder / "model_int8.tflite").write_bytes(int8_dense())
    x, y = samples()
    np.savez(folder / "train.npz", x=x)
    np.savez(folder / "test.npz", x=x, y=y)
    exec(compile(examples(), str(PAGE), "exec"), {})
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "pass 1.0 True"
    assert told[1].startswith("pass [") and "cpu-only" in told[1]
    assert told[2] == "10"
