"""Rules of the house that the source itself shows: who prints, who runs a shell, who can make a Checked."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Mapping

import pytest

from edgeq.backends.aot.generate import generate
from edgeq.checker import Checked
from edgeq.graph import Graph


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Every call with the dotted name of what it calls (``subprocess.run``), as far as it has one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def printing(tree: ast.AST) -> list[str]:
    """What in a tree writes to the terminal or brings the libraries that do."""
    found = [name for name, _ in calls(tree) if name in ("print", "pprint") or name.endswith("stdout.write")]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [name.name for name in node.names if name.name.split(".")[0] in ("click", "rich")]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in ("click", "rich"):
            found.append(node.module or "")
    return found


def test_only_the_command_line_prints(modules: Mapping[str, ast.Module]) -> None:
    found = {path: printing(tree) for path, tree in modules.items() if not path.startswith("cli/")}
    assert {path: what for path, what in found.items() if what} == {}


@pytest.mark.parametrize("source", ["print(1)", "import rich.table", "from click import echo"])
def test_printing_is_seen(source: str) -> None:
    assert printing(ast.parse(source))


def test_only_the_checker_makes_a_checked(modules: Mapping[str, ast.Module]) -> None:
    makers = {
        path.split("/")[0]
        for path, tree in modules.items()
        for name, _ in calls(tree)
        if name.split(".")[-1] == "Checked"
    }
    assert makers == {"checker"}
    keys = {path for path, tree in modules.items() if "_PASSED" in ast.unparse(tree)}
    assert keys == {"checker/check.py"}


def test_nobody_else_can_make_a_checked() -> None:
    graph = Graph("m", (), (), (), ())
    with pytest.raises(TypeError, match="checker"):
        Checked(object(), b"", graph, "aot", ())


def test_backends_take_nothing_but_a_checked() -> None:
    parameters = inspect.signature(generate).parameters
    assert {name: str(p.annotation) for name, p in parameters.items()} == {
        "checked": "Checked",
        "board": "Board",
        "golden": "GoldenVector | None",
        "budget": "Budget | None",
        "console": "Console | None",
        "explained": "bool",
        "stepwise": "bool",
    }


def test_no_subprocess_runs_in_a_shell(modules: Mapping[str, ast.Module]) -> None:
    for path, tree in modules.items():
        for name, call in calls(tree):
            assert name not in ("os.system", "os.popen", "subprocess.getoutput"), path
            if name.startswith("subprocess."):
                assert not [k for k in call.keywords if k.arg == "shell"], path
                assert not (call.args and isinstance(call.args[0], (ast.Constant, ast.JoinedStr))), path


def test_every_finished_subprocess_has_a_time_out(modules: Mapping[str, ast.Module]) -> None:
    for path, tree in modules.items():
        for name, call in calls(tree):
            if name in ("subprocess.run", "subprocess.check_output", "subprocess.check_call"):
                assert [k for k in call.keywords if k.arg == "timeout"], f"{path}: {ast.unparse(call)}"


def test_templates_are_strict_about_undefined_names(modules: Mapping[str, ast.Module]) -> None:
    environments = [
        (path, call)
        for path, tree in modules.items()
        for name, call in calls(tree)
        if name.split(".")[-1] == "Environment"
    ]
    assert environments
    for path, call in environments:
        strict = {ast.unparse(k.value).split(".")[-1] for k in call.keywords if k.arg == "undefined"}
        assert strict == {"StrictUndefined"}, path


def unrepeatable(tree: ast.AST) -> list[str]:
    """What in a tree makes its output differ from run to run or from place to place."""
    unwanted = {"datetime", "time", "locale", "socket", "platform", "getpass", "uuid", "secrets"}
    found = [name for name, call in calls(tree) if name.startswith("random.") and not seeded(name, call)]
    for node in ast.walk(tree):
        names = [n.name for n in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        found += [name for name in names if name.split(".")[0] in unwanted]
    return found


def seeded(name: str, call: ast.Call) -> bool:
    """Whether a call makes a generator of random numbers from a seed."""
    return name == "random.Random" and bool(call.args)


def test_generated_output_depends_on_no_date_place_or_chance(modules: Mapping[str, ast.Module]) -> None:
    found = {path: unrepeatable(tree) for path, tree in modules.items() if path.startswith("backends/")}
    assert {path: what for path, what in found.items() if what} == {}


@pytest.mark.parametrize("source", ["import datetime", "random.shuffle(x)", "random.Random()"])
def test_what_is_unrepeatable_is_seen(source: str) -> None:
    assert unrepeatable(ast.parse(source))
