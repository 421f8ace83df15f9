"""Data from a user's function."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgeq.data import load_data

from .common import FLOAT, TWO, refused


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Any:
    """Writes a module into the current folder and gives its ``module:f``."""
    monkeypatch.chdir(tmp_path)
    name = f"user_{abs(hash(request.node.name)) % 10**8}"

    def write(body: str) -> str:
        (tmp_path / f"{name}.py").write_text("import numpy as np\n" + body)
        return f"{name}:f"

    return write


@pytest.mark.parametrize(
    ("body", "labels"),
    [
        ("def f():\n    return np.ones((3, 4, 4, 1))", None),
        ("def f():\n    return np.ones((3, 4, 4, 1)), [0, 1, 2]", [0, 1, 2]),
        ("def f():\n    return {'x': np.ones((3, 4, 4)), 'y': np.array([0, 1, 2])}", [0, 1, 2]),
        ("def f():\n    return {'image': np.ones((3, 4, 4))}, np.array([0, 1, 2])", [0, 1, 2]),
        ("def f():\n    for i in range(3):\n        yield np.ones((4, 4, 1)), i", [0, 1, 2]),
        ("def f():\n    for i in range(3):\n        yield [np.ones((1, 4, 4, 1), 'f4')]", None),
        ("def f():\n    return [np.ones((4, 4))] * 3", None),
    ],
)
def test_functions(module: Any, body: str, labels: list[int] | None) -> None:
    found = load_data(module(body), FLOAT)
    assert found.x[0].shape == (3, 4, 4, 1) and found.x[0].dtype == np.float32
    assert (None if found.y is None else found.y.tolist()) == labels


def test_functions_for_several_inputs(module: Any) -> None:
    for body in (
        "def f():\n    for i in range(3):\n        yield [np.ones(2), np.ones(3)], i",
        "def f():\n    return (np.ones((3, 2)), np.ones((3, 3))), [0, 1, 2]",
    ):
        spec = module(body)
        sys.modules.pop(spec.partition(":")[0], None)
        found = load_data(spec, TWO)
        assert [array.shape for array in found.x] == [(3, 2), (3, 3)]


def test_an_endless_generator_is_limited(module: Any) -> None:
    spec = module("def f():\n    while True:\n        yield np.ones((4, 4, 1))")
    assert len(load_data(spec, FLOAT, limit=7)) == 7


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("def f():\n    return 1 / 0", ":3: ZeroDivisionError: division by zero"),
        ("def f():\n    yield np.ones((4, 4, 1))\n    raise KeyError('lost')", "KeyError: 'lost'"),
        ("def f():\n    raise SystemExit(3)", "SystemExit: 3"),
        ("import no_such_module_here\n", "ModuleNotFoundError: No module named 'no_such_module_here'"),
        ("def f(:\n", "SyntaxError"),
        ("g = 1\n", "has no function f"),
        ("def f():\n    return 5", "returned int"),
        ("def f():\n    return 'text'", "returned str"),
        ("def f():\n    return iter(())", "gives no samples"),
        ("def f():\n    return [np.ones(3), np.ones(4)]", "different shapes"),
        ("def f():\n    return [object()]", "Python objects"),
        ("def f():\n    yield np.ones((4, 4)), 1\n    yield np.ones((4, 4))", "2 samples and 1 labels"),
        ("def f():\n    return np.ones((3, 5))", "takes samples of shape"),
    ],
)
def test_functions_that_fail(module: Any, body: str, said: str) -> None:
    assert said in refused(module(body)).message


def test_a_module_that_is_not_there() -> None:
    assert "there is no module no_such_module" in refused("no_such_module:f").message
