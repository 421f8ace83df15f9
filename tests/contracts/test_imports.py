"""The direction of the house: imports go along the arrow, and heavy ones wait until they are needed."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator, Mapping

import pytest

ARROW = (
    ("base",),
    ("features",),
    ("graph", "boards"),
    ("interpreter",),
    ("data",),
    ("converter", "checker", "edgetpu"),
    ("builder",),
    ("backends",),
    ("targets",),
    ("judge",),
    ("verbs",),
    ("cli",),
    ("__main__",),
)
"""What stands later may import what stands earlier; two of one row know nothing of each other."""

RANK = {name: rank for rank, row in enumerate(ARROW) for name in row}

HEAVY = ("ai_edge_litert", "tflite_runtime", "tensorflow", "unicorn", "jinja2", "serial", "PIL", "elftools")


def home_of(path: str) -> str:
    """``graph/reader.py`` lives in ``graph``, ``__main__.py`` in ``__main__``."""
    return path.split("/", maxsplit=1)[0].removesuffix(".py")


def imported_modules(tree: ast.AST) -> Iterator[str]:
    """Every module that a tree imports anywhere, ``from edgeq import x`` as ``edgeq.x``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide the arrow"
            if node.module == "edgeq":
                yield from (f"edgeq.{name.name}" for name in node.names)
            elif node.module:
                yield node.module


def against_the_arrow(path: str, tree: ast.Module) -> list[str]:
    """The imports of one module that go backwards or sideways."""
    home = home_of(path)
    wrong = []
    for module in imported_modules(tree):
        top, _, rest = module.partition(".")
        target = rest.split(".")[0]
        if top != "edgeq" or target in (home, "__version__", ""):
            continue
        if RANK[target] >= RANK[home]:
            wrong.append(f"{path} imports {module}")
    return wrong


def test_every_module_has_a_place_on_the_arrow(modules: Mapping[str, ast.Module]) -> None:
    homes = {home_of(path) for path in modules} - {"__init__"}
    assert homes == set(RANK)


def test_imports_go_only_along_the_arrow(modules: Mapping[str, ast.Module]) -> None:
    wrong = [
        line
        for path, tree in modules.items()
        if path != "__init__.py"
        for line in against_the_arrow(path, tree)
    ]
    assert not wrong


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("graph/reader.py", "from edgeq.checker import check"),
        ("backends/aot/plan.py", "def f():\n    import edgeq.targets.opening"),
        ("boards/model.py", "from edgeq import interpreter"),
    ],
)
def test_an_import_against_the_arrow_is_seen(path: str, source: str) -> None:
    assert against_the_arrow(path, ast.parse(source))


def test_importing_edgeq_loads_nothing_heavy() -> None:
    assert loaded_by("import edgeq", ("numpy", *HEAVY)) == []


def test_importing_the_command_line_loads_nothing_heavy() -> None:
    assert loaded_by("import edgeq.cli.app", ("numpy", "rich", "pydantic", *HEAVY)) == []


def test_importing_the_pytest_plugin_loads_nothing_but_itself() -> None:
    """Every run of pytest pays for it, where edgeq is installed."""
    plugin = "edgeq.verbs.testing.plugin"
    assert loaded_by(f"import {plugin}", ("numpy", "rich", "pydantic", "click", *HEAVY)) == []
    code = f"import sys, {plugin}; print(*[name for name in sys.modules if name.startswith('edgeq')])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True
    )
    assert set(done.stdout.split()) == {"edgeq", "edgeq.verbs", "edgeq.verbs.testing", plugin}


def test_importing_a_stage_loads_no_interpreter_simulator_or_template_engine() -> None:
    """Whoever imports a stage for its types does not pay for what the stage calls."""
    imports = "; ".join(f"import edgeq.{name}" for name in RANK if name != "__main__")
    assert loaded_by(imports, HEAVY) == []


def loaded_by(statement: str, names: tuple[str, ...]) -> list[str]:
    """Which of these packages a statement has loaded, in a fresh Python."""
    code = f"import sys; {statement}; print(*[n for n in {names!r} if n in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()
