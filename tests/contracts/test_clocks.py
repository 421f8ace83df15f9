"""No test is lost to a busy machine: what is asserted is counted, or a clock of the test's own."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

CLOCKS = {"monotonic", "perf_counter", "time.time"}


def asks(node: ast.AST, told: set[str]) -> bool:
    """Whether something asks the machine's clock, or has a name of what it told."""
    called = {ast.unparse(one.func) for one in ast.walk(node) if isinstance(one, ast.Call)}
    named = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
    return any(name in CLOCKS or name.split(".")[-1] in CLOCKS for name in called) or bool(named & told)


def timed(tree: ast.AST) -> Iterator[str]:
    """Assertions of the machine's clock. Waiting is ``tests/common/waiting.py``'s."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef | ast.Module):
            continue
        told: set[str] = set()
        for node in ast.walk(function) if isinstance(function, ast.FunctionDef) else function.body:
            if isinstance(node, ast.Assign) and asks(node.value, told):
                told |= {target.id for target in node.targets if isinstance(target, ast.Name)}
            if isinstance(node, ast.Assert) and asks(node.test, told):
                yield ast.unparse(node)


def test_no_test_asserts_how_long_something_took(tracked: tuple[Path, ...], repository: Path) -> None:
    found = {
        path.relative_to(repository).as_posix(): list(timed(ast.parse(path.read_text(encoding="utf-8"))))
        for path in tracked
        if path.suffix == ".py" and path.is_relative_to(repository / "tests")
    }
    assert {path: what for path, what in found.items() if what} == {}


@pytest.mark.parametrize(
    "source",
    [
        "assert time.monotonic() - began < 2",
        "assert perf_counter() < end, got",
        "def test():\n    began = time.monotonic()\n    took = time.monotonic() - began\n    assert took < 2",
    ],
)
def test_an_assertion_of_the_clock_is_seen(source: str) -> None:
    assert list(timed(ast.parse(source)))
