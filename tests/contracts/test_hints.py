"""What hints promise: documents that everybody can open, commands to paste, options of both interfaces."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from edgeq.base.hints import DOCUMENTS, command, document

LOCAL = re.compile(r"\bdocs/[\w-]+(\.md)?|\b(?!README)[\w-]+\.md\b")
LINK = re.compile(r"\[[^\]]*\]\([^)]*\)")
"""In text that becomes part of a document."""


def spoken(tree: ast.AST) -> Iterator[str]:
    """The text that a module may show: its strings, without docstrings; for a value ``{}``."""
    silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "document":
            silent |= {id(argument) for argument in call.args}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            silent |= {id(value) for value in node.values}
            yield "".join(value.value if isinstance(value, ast.Constant) else "{}" for value in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent:
            yield node.value


def test_no_hint_names_a_document_that_a_wheel_lacks(modules: Mapping[str, ast.Module]) -> None:
    found = [
        f"{path}: {text}"
        for path, tree in modules.items()
        for text in spoken(tree)
        if LOCAL.search(LINK.sub("", text)) and "://" not in text and not text.startswith("coral.ai/")
    ]
    assert not found


def test_every_document_that_is_named_is_there(modules: Mapping[str, ast.Module], repository: Path) -> None:
    named = [
        argument.value
        for tree in modules.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "document"
        for argument in node.args
        if isinstance(argument, ast.Constant)
    ]
    assert len(named) > 8
    for name in named:
        assert (repository / "docs" / name).is_file()
    assert document("coral.md").startswith("https://")
    assert f'Documentation = "{DOCUMENTS}"' in (repository / "pyproject.toml").read_text(encoding="utf-8")


def test_what_the_python_api_says_is_for_it_too(modules: Mapping[str, ast.Module]) -> None:
    """``--force`` is named with its argument, except by the command line itself."""
    found = [
        f"{path}: {text}"
        for path, tree in modules.items()
        if not path.startswith("cli/")
        for text in spoken(tree)
        if "--force" in text and "force=True" not in text
    ]
    assert not found


def test_paths_in_commands_are_quoted(modules: Mapping[str, ast.Module]) -> None:
    """A verb and a path in one format string would be a command that breaks at a blank."""
    verbs = re.compile(
        r"\bedgeq (build|run|check|compile|convert|generate|deploy|inspect|flash) (--\w+ )*\{\}"
    )
    cmake = re.compile(r"\bcmake (-B|--build) \{\}")
    found = [
        f"{path}: {text}"
        for path, tree in modules.items()
        for text in spoken(tree)
        if verbs.search(text) or cmake.search(text)
    ]
    assert not found


@pytest.mark.parametrize("name", ["a b", "it's", "$(x)", "ü", "a;b"])
def test_a_command_can_be_pasted(name: str) -> None:
    assert shlex.split(command("edgeq", "build", Path(name))) == ["edgeq", "build", name]
