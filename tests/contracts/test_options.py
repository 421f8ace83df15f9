"""One table of options: whoever else knows of one is made from it, or held against it here."""

from __future__ import annotations

import ast
import inspect
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields

import click
import pytest

from edgeq.cli.app import VERBS, app
from edgeq.cli.options import Verb, as_click
from edgeq.verbs import api
from edgeq.verbs.options import LIMITS, OPTIONS, SETTINGS, Option, options_of
from edgeq.verbs.settings import Settings, load_settings

NAMES = tuple(dict.fromkeys(verb for option in OPTIONS for verb in option.verbs))

HEARD_BY_THE_FRAME = {"quiet", "verbose", "json"}
"""Python has ``progress``, values and exceptions for these."""

NOT_IN_PYTHON: Mapping[str, Mapping[str, str]] = {
    "convert": {"out": "it returns the model", "force": "it writes no file"},
    "check": {
        "target": "edgeq.edgetpu.predict",
        "min_mapped": "edgeq.edgetpu.predict",
        "picture": "edgeq.edgetpu.predict",
        "force": "it writes no file",
    },
    "compile": {"target": "there is one"},
    "report": {"markdown": "edgeq.judge.page.markdown"},
    "run": {"serve": "it never returns"},
}
"""By verb, the options that its function in Python does not take, each with the reason."""

NOT_OPTIONS = {"model", "models", "project", "path", "int8", "spec", "names", "run", "later", "progress"}
"""What functions take that the command line has as an argument, or not at all."""


def every_verb() -> Iterator[tuple[str, click.Command]]:
    context = click.Context(app)
    for name in VERBS:
        command = app.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from ((f"{name} {inner}", one) for inner, one in command.commands.items())
        else:
            yield name, command


def test_no_name_stands_for_two_things() -> None:
    for verb in NAMES:
        rows = options_of(verb)
        for said in ([row.name for row in rows], [row.spelling for row in rows]):
            assert len(set(said)) == len(said), verb
        shorts = Counter(row.short for row in rows if row.short)
        assert set(shorts.values()) <= {1}, verb
    keys = [row.key for row in OPTIONS if row.key]
    assert len(set(keys)) == len(keys) == len(SETTINGS)
    variables = [row.environment for row in OPTIONS if row.environment]
    assert len(set(variables)) == len(variables)


def test_every_verb_has_the_options_of_the_table_and_no_other() -> None:
    commands = dict(every_verb())
    assert set(commands) == set(NAMES) - {""}
    for verb, command in (*commands.items(), ("", app)):
        assert isinstance(command, Verb) or not verb
        made = [one for one in command.params if isinstance(one, click.Option)]
        wanted = [as_click(row, verb) for row in options_of(verb)]
        assert [one.to_info_dict() for one in made] == [one.to_info_dict() for one in wanted], verb


def test_nobody_else_declares_an_option(modules: Mapping[str, ast.Module]) -> None:
    declaring = {path for path, tree in modules.items() if declares(tree)}
    assert declaring == {"cli/options.py"}


def declares(tree: ast.AST) -> bool:
    """Whether a tree makes an option for click."""
    names = {"option", "Option", "password_option", "version_option", "confirmation_option"}
    return any(
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "click"
        and node.attr in names
        and isinstance(node.ctx, ast.Load)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        for node in [call.func]
    )


@pytest.mark.parametrize("source", ["@click.option('--x')\ndef f(): pass", "click.Option(['--x'])"])
def test_declaring_is_seen(source: str) -> None:
    assert declares(ast.parse(source))


def test_no_help_stands_in_a_second_place(modules: Mapping[str, ast.Module]) -> None:
    helps = {text for row in OPTIONS for text in (row.help, *row.helps.values())}
    elsewhere = {
        (path, node.value)
        for path, tree in modules.items()
        if not path.startswith("verbs/options/")
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and node.value in helps
    }
    assert elsewhere == set()


def test_every_help_ends_as_a_sentence_and_names_what_it_does_not_take_as_a_row() -> None:
    for row in OPTIONS:
        for text in (row.help, *row.helps.values()):
            assert text.endswith("."), row.name
        assert set(row.helps) <= set(row.verbs), row.name
        if row.default is not None and row.key and row.verbs and row.kind != "switch":
            assert "{default}" in row.help, f"{row.name}: the default of a setting is told by its help"


def test_what_an_option_needs_or_excludes_is_there() -> None:
    arguments = {"model", "int8"}
    for row in OPTIONS:
        for condition in (*row.needs, *(one.partition(" but ")[0] for one in row.excludes)):
            name, _, value = condition.partition("=")
            others = [other for other in OPTIONS if other.name == name and set(other.verbs) & set(row.verbs)]
            assert others or name in arguments, f"{row.name}: {condition}"
            if value:
                assert all(value in other.names for other in others if other.kind == "choice"), condition
        if row.instead_of:
            assert SETTINGS[row.instead_of].instead_of == row.name


def test_settings_are_asked_for_by_names_of_the_table(modules: Mapping[str, ast.Module]) -> None:
    known = {*SETTINGS, "override", "says", "without"}
    asked = {
        (path, node.attr)
        for path, tree in modules.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "settings"
    }
    assert {name for _, name in asked} - known == set()
    assert {row.name for row in SETTINGS.values()} - {name for _, name in asked} - {
        row.name for row in LIMITS
    } == set(), "a setting that nobody obeys"


def test_a_name_that_is_no_setting_is_an_error() -> None:
    with pytest.raises(TypeError, match="bord"):
        Settings(bord="x")
    with pytest.raises(AttributeError, match="bord"):
        _ = Settings().bord
    assert not hasattr(Settings(), "count")


@pytest.mark.parametrize("row", [row for row in OPTIONS if row.environment], ids=lambda row: row.name)
def test_every_variable_is_obeyed_and_yields_to_the_command_line(
    row: Option, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(str(tmp_path))
    assert str(getattr(load_settings(environ={row.environment: "said"}), row.name)) == "said"
    found = load_settings(environ={row.environment: "said"}, flags={row.name: "typed"})
    assert str(getattr(found, row.name)) == "typed"


def test_limits_are_the_fields_of_the_verdict() -> None:
    from edgeq.judge.report import Thresholds
    from edgeq.judge.report.limits import Limits

    assert list(Limits.__annotations__) == [field.name for field in fields(Thresholds)]
    assert {row.name for row in LIMITS} == {field.name for field in fields(Thresholds)}
    assert {field.name: field.default for field in fields(Thresholds)} == {
        row.name: row.default for row in LIMITS
    }


def test_defaults_and_variables_of_lower_layers_are_those_of_the_table() -> None:
    from edgeq.converter.sources import FRAMEWORKS
    from edgeq.converter.sources.environments import DEFAULT_TIMEOUT
    from edgeq.edgetpu.compiler import NEWEST_RUNTIME, Options
    from edgeq.judge.evaluation import EvaluationData

    judged = {field.name: field.default for field in fields(EvaluationData)}
    compiler = {field.name: field.default for field in fields(Options)}
    by_name = {row.name: row for row in OPTIONS}
    assert (by_name["samples"].default, by_name["seed"].default) == (judged["samples"], judged["seed"])
    assert by_name["sources_timeout"].default == DEFAULT_TIMEOUT
    assert by_name["timeout"].default == compiler["timeout"]
    assert by_name["retries"].default == compiler["retries"]
    assert by_name["min_runtime_version"].high == NEWEST_RUNTIME
    assert f"else {NEWEST_RUNTIME}" in by_name["min_runtime_version"].help
    for name, framework in FRAMEWORKS.items():
        assert by_name[f"sources_{name}"].environment == framework.variable


FUNCTIONS = [verb for verb in NAMES if verb.replace(" ", "_") in vars(api)]


def function_of(verb: str) -> Callable[..., object]:
    function: Callable[..., object] = getattr(api, verb.replace(" ", "_"))
    return function


def parameters_of(verb: str) -> dict[str, tuple[str, object]]:
    """Annotation and default of everything that a function takes, the verdict's limits by name among it."""
    from edgeq.judge.report.limits import Limits

    found = dict(inspect.signature(function_of(verb)).parameters)
    limits = found.pop("limits", None)
    taken = {name: (str(one.annotation), one.default) for name, one in found.items()}
    usual = {row.name: row.default for row in LIMITS}
    return taken | {name: (str(of), usual[name]) for name, of in Limits.__annotations__.items() if limits}


@pytest.mark.parametrize("verb", FUNCTIONS)
def test_python_takes_what_the_command_line_takes(verb: str) -> None:
    taken = set(parameters_of(verb)) - NOT_OPTIONS
    offered = {row.python for row in options_of(verb)}
    files_only = {row.name for row in SETTINGS.values() if not row.verbs}
    assert taken <= offered | files_only
    assert offered - taken - HEARD_BY_THE_FRAME == set(NOT_IN_PYTHON.get(verb, {}))


@pytest.mark.parametrize("verb", FUNCTIONS)
def test_python_has_the_choices_and_defaults_of_the_table(verb: str) -> None:
    parameters = parameters_of(verb)
    for row in options_of(verb):
        if row.python not in parameters:
            continue
        annotation, default = parameters[row.python]
        choices = set(re.findall(r"""['"](\w+)['"]""", annotation))
        if row.kind == "choice" and choices:
            assert choices == set(row.names), row.name
        if row.kind == "flag":
            assert default is row.spelling.startswith("--no-"), row.name
        elif row.default is not None:
            assert default in (row.default, None), row.name


@pytest.mark.parametrize("verb", FUNCTIONS)
def test_python_refuses_what_is_no_parameter(verb: str) -> None:
    needed = {"deploy": {"board": "host"}, "data split": {"out": "parts"}}.get(verb, {})
    with pytest.raises(TypeError, match="unexpected keyword argument 'min_acuracy'"):
        function_of(verb)("x", **needed, min_acuracy=0.9)


def test_some_functions_are_held() -> None:
    assert set(FUNCTIONS) >= {"convert", "check", "deploy", "run", "compile", "boards fit", "report"}
