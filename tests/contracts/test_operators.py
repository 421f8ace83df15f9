"""A form of an operator is one file: nothing else in its runtime knows its name, and nothing is forgotten."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from edgeq.backends.aot import ops, sources
from edgeq.checker.runtimes import operators_of, runtimes
from edgeq.graph.schema import BUILTIN_CODES, ENUMS

OPS = "backends/aot/ops/"
FUSED = frozenset(ENUMS["Activation"].values())
"""Names of operators that are names of fused activations, too, which any operator may have."""
INTERFACE = re.compile(r"^/\* interface \*/\n.*?^/\* implementation \*/\n", re.MULTILINE | re.DOTALL)


def named(tree: ast.AST) -> set[str]:
    """The operators that a module tells by their names."""
    constants = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    return {value for value in constants if isinstance(value, str) and value in BUILTIN_CODES}


def own(path: str) -> set[str]:
    """The operators of a module of ops/."""
    module = importlib.import_module("edgeq." + path.removesuffix(".py").replace("/", "."))
    return {op.name for op in getattr(module, "OPERATORS", ())}


def test_no_operator_is_named_outside_its_file(modules: Mapping[str, ast.Module]) -> None:
    strangers = {
        path: names
        for path, tree in modules.items()
        if path.startswith("backends/aot/")
        and (names := named(tree) - FUSED - (own(path) if path.startswith(OPS) else set()))
    }
    assert strangers == {}


CARRIERS = (
    "base/", "boards/", "data/", "builder/", "backends/project/", "backends/carray/", "targets/",
    "judge/report/", "verbs/api/", "verbs/options/", "verbs/doctor/", "cli/",
)  # fmt: skip
"""Those who bring a model to its board or show what came of it, whatever it is made of."""


def test_who_carries_a_model_knows_no_operator(modules: Mapping[str, ast.Module]) -> None:
    carrying = {path: named(tree) - FUSED for path, tree in modules.items() if path.startswith(CARRIERS)}
    assert all(any(path.startswith(one) for path in carrying) for one in CARRIERS)
    assert {path: names for path, names in carrying.items() if names} == {}


@pytest.mark.parametrize("source", ['x = {"ADD": 1}', 'if op.opcode == "PACK": pass', '("MEAN", "SUM")'])
def test_a_name_is_seen(source: str) -> None:
    assert named(ast.parse(source))


def test_every_operators_file_is_found(modules: Mapping[str, ast.Module]) -> None:
    """What stands in ops/ is an operator's, or something that one of them imports."""
    files = {path.removeprefix(OPS).removesuffix(".py") for path in modules if path.startswith(OPS)}
    imported = {
        word
        for path, tree in modules.items()
        if path.startswith("backends/aot/")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("edgeq.backends.aot.ops")
        for word in (str(node.module).rsplit(".", maxsplit=1)[-1], *(name.name for name in node.names))
    }
    operators = {name for name in files - {"__init__"} if own(f"{OPS}{name}.py")}
    assert files - operators - imported == {"__init__"}
    assert set(ops.operators()) == {name for file in operators for name in own(f"{OPS}{file}.py")}


def test_no_two_forms_of_an_operator_take_the_same_types() -> None:
    """Of its main input and its output: by both a form is found."""
    for name, forms in ops.operators().items():
        taken = [
            (dtype, made)
            for form in forms
            for dtype in form.support.types
            for made in form.support.outputs or {dtype}
        ]
        assert len(taken) == len(set(taken)), name


def test_every_runtimes_rows_are_operators_of_the_schema() -> None:
    assert {"aot", "tflm"} <= set(runtimes())
    for runtime in runtimes():
        assert set(operators_of(runtime)) <= set(BUILTIN_CODES)


def test_every_operator_is_compiled_and_held_against_the_oracle(repository: Path) -> None:
    tests = "".join(path.read_text() for path in (repository / "tests" / "compiled").rglob("*.py"))
    assert [name for name in ops.operators() if f'"{name}"' not in tests] == []


def test_every_kernel_declares_itself() -> None:
    """In its own file; what others call beside it (the gathering of a convolution's inputs) has a header."""
    for path in sources.folder().glob("*.c"):
        interfaces = INTERFACE.findall(path.read_text())
        header = path.with_suffix(".h")
        assert len(interfaces) + header.is_file() == 1, path.name
        assert f"void {path.stem}(" in (interfaces or [header.read_text()])[0], path.name


def test_no_kernel_includes_what_is_put_together_from_kernels() -> None:
    for path in sources.folder().iterdir():
        assert '"edgeq_kernels.h"' not in path.read_text(), path.name
