"""The command line knows no runtime and no kind of board: what they do differently is in verbs/runtimes."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

import pytest

from edgeq.verbs.runtimes import names, runtimes

KINDS = ("is_accelerator", "is_host", "sdk", "kind")
"""What a board says of its kind."""

TABLES = {
    "cli/compare.py": "titles of columns",
}
"""Where a name may stand outside, and as what."""


def branches(tree: ast.AST) -> Iterator[str]:
    """Conditions on the kind of a board."""
    for node in ast.walk(tree):
        if isinstance(node, ast.If | ast.IfExp | ast.Match | ast.While | ast.comprehension):
            tests = node.ifs if isinstance(node, ast.comprehension) else [getattr(node, "test", node)]
            for test in tests:
                for inner in ast.walk(test):
                    if isinstance(inner, ast.Attribute) and inner.attr in KINDS:
                        yield ast.unparse(inner)


def compared_names(tree: ast.AST, known: set[str]) -> Iterator[str]:
    """Runtimes' names as text, documentation left out."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in known:
            yield node.value


def test_the_command_line_has_no_branch_on_the_kind_of_a_board(modules: Mapping[str, ast.Module]) -> None:
    shown = {"cli/boards.py", "cli/options.py"}  # lists boards, whatever they are; an option has a kind, too
    wrong = {
        path: list(branches(tree))
        for path, tree in modules.items()
        if path.startswith("cli/") and path not in shown
    }
    assert {path: what for path, what in wrong.items() if what} == {}


def test_runtimes_are_named_in_their_own_files_and_nowhere_else(modules: Mapping[str, ast.Module]) -> None:
    wrong = {
        path: list(compared_names(tree, set(names())))
        for path, tree in modules.items()
        if path.startswith(("cli/", "verbs/"))
        and not path.startswith("verbs/runtimes/")
        and path not in TABLES
    }
    assert {path: what for path, what in wrong.items() if what} == {}


def test_what_every_runtime_stands_on_names_none(modules: Mapping[str, ast.Module]) -> None:
    """A firmware's manifest of an older version names no runtime: it is ``aot``."""
    below = ("base/", "graph/", "boards/", "data/", "converter/", "targets/", "builder/")
    wrong = {
        path: list(compared_names(tree, set(names())))
        for path, tree in modules.items()
        if path.startswith(below) and path != "builder/manifest.py"
    }
    assert {path: what for path, what in wrong.items() if what} == {}


def test_a_runtime_is_named_by_its_file_and_the_registry(modules: Mapping[str, ast.Module]) -> None:
    for name in [runtime.name for runtime in runtimes()]:
        home = f"verbs/runtimes/{name}.py"
        assert home in modules
        places = {
            path
            for path, tree in modules.items()
            if path.startswith("verbs/runtimes/") and name in compared_names(tree, {name})
        }
        assert places == {home, "verbs/runtimes/__init__.py"}


@pytest.mark.parametrize(
    "source",
    ["if board.is_accelerator: pass", "x = 1 if board.sdk is not None else 2", "[b for b in x if b.is_host]"],
)
def test_a_branch_is_seen(source: str) -> None:
    assert list(branches(ast.parse(source)))


def test_a_name_is_seen() -> None:
    assert list(compared_names(ast.parse("x = runtime == 'tflm'"), set(names()))) == ["tflm"]
