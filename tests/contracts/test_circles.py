"""No circles: what a module needs never comes back to it, nor what a folder needs, at any depth."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

import pytest

Graph = Mapping[str, set[str]]


def name_of(path: str) -> str:
    """``boards/flashing/__init__.py`` is ``edgeq.boards.flashing.__init__``."""
    return "edgeq." + path.removesuffix(".py").replace("/", ".")


def imports_of(modules: Mapping[str, ast.Module]) -> dict[str, set[str]]:
    """Which modules each one imports anywhere: at the top, in functions, for types alone.

    ``edgeq/__init__`` is left out: it offers what stands at the end of the arrow, and imports it when asked.
    """
    trees = {name_of(path): tree for path, tree in modules.items() if path != "__init__.py"}

    def home(name: str) -> str | None:
        """The module that a dotted name is, or is in."""
        while name and name not in trees and f"{name}.__init__" not in trees:
            name = name.rpartition(".")[0]
        return name if name in trees else f"{name}.__init__" if name else None

    def named(tree: ast.Module) -> Iterator[str]:
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from (f"{node.module}.{alias.name}" for alias in node.names)

    return {
        name: {found for word in named(tree) if (found := home(word)) is not None} - {name}
        for name, tree in trees.items()
    }


def circles(graph: Graph) -> list[list[str]]:
    """The strongly connected components of more than one node (Tarjan 1972)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in sorted(graph[node]):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            at = stack.index(node)
            component = sorted(stack[at:])
            del stack[at:]
            if len(component) > 1:
                found.append(component)

    for node in sorted(graph):
        if node not in index:
            visit(node)
    return found


def by_folder(graph: Graph) -> dict[str, dict[str, set[str]]]:
    """For each folder, which of the files and folders directly in it import which others of them.

    ``boards/flashing`` may import ``boards/strict.py``, and ``boards/model.py`` may import
    ``boards/flashing``; but nothing in ``flashing`` may then import ``model.py``.
    """
    folders: dict[str, dict[str, set[str]]] = {}
    for name, others in graph.items():
        for other in others:
            mine, its = name.split("."), other.split(".")
            same = next(at for at, pair in enumerate(zip(mine, its, strict=False)) if pair[0] != pair[1])
            folder = folders.setdefault(".".join(mine[:same]), {})
            folder.setdefault(mine[same], set()).add(its[same])
            folder.setdefault(its[same], set())
    return folders


def test_no_modules_import_each_other(modules: Mapping[str, ast.Module]) -> None:
    assert circles(imports_of(modules)) == []


def test_no_folders_import_each_other(modules: Mapping[str, ast.Module]) -> None:
    folders = by_folder(imports_of(modules))
    assert {"edgeq", "edgeq.boards", "edgeq.targets"} <= set(folders)
    assert {name: found for name, graph in folders.items() if (found := circles(graph))} == {}


CASES = {
    "in a function": (
        {"a/x.py": "import edgeq.a.y", "a/y.py": "def f():\n    from edgeq.a import x"},
        (True, True),
    ),
    "for types": (
        {"a/x.py": "if TYPE_CHECKING:\n    from edgeq.a.y import Y", "a/y.py": "import edgeq.a.x"},
        (True, True),
    ),
    "through __init__": (
        {"a/__init__.py": "from edgeq.a.x import X", "a/x.py": "from edgeq.a import X"},
        (True, True),
    ),
    "a folder and the files beside it": (
        {"a/b/x.py": "import edgeq.a.z", "a/y.py": "import edgeq.a.b.w", "a/z.py": "", "a/b/w.py": ""},
        (False, False),
    ),
    "folders only": (
        {"a/b/x.py": "import edgeq.a.z", "a/z.py": "import edgeq.a.b.w", "a/b/w.py": ""},
        (False, True),
    ),
}
"""Sources by path; whether modules, and whether folders, then import each other."""


@pytest.mark.parametrize(("sources", "expected"), CASES.values(), ids=CASES)
def test_circles_are_seen(sources: dict[str, str], expected: tuple[bool, bool]) -> None:
    graph = imports_of({path: ast.parse(text) for path, text in sources.items()})
    seen = bool(circles(graph)), any(circles(of) for of in by_folder(graph).values())
    assert seen == expected
