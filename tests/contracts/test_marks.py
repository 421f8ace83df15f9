"""A test's marks say what they do."""

from __future__ import annotations

import ast
from pathlib import Path


def marks(function: ast.FunctionDef) -> set[str]:
    """The names behind ``pytest.mark.`` above a function, whatever they are given."""
    called = [one.func if isinstance(one, ast.Call) else one for one in function.decorator_list]
    return {one.attr for one in called if isinstance(one, ast.Attribute)}


def test_what_is_sampled_is_not_slow_as_a_whole(tracked: tuple[Path, ...], repository: Path) -> None:
    """Of a test that has both marks no case would run by default."""
    tests = {
        f"{path.relative_to(repository)}::{node.name}": marks(node)
        for path in tracked
        if path.suffix == ".py" and path.is_relative_to(repository / "tests")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    }
    assert [name for name, found in tests.items() if "sample" in found]
    assert [name for name, found in tests.items() if {"sample", "slow"} <= found] == []
