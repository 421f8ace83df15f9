"""What would be ignored is refused, and what is given twice: for every row of the table."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from edgeq.cli.app import app
from edgeq.verbs.options import OPTIONS, SETTINGS, Option, options_of

from .conftest import Edgeq

VERBS = tuple(dict.fromkeys(verb for row in OPTIONS for verb in row.verbs if verb))


def parameters(verb: str) -> list[click.Parameter]:
    """What its command takes."""
    command: click.Command | None = app
    for name in verb.split():
        assert isinstance(command, click.Group)
        command = command.get_command(click.Context(command), name)
    assert command is not None
    return command.params


def arguments(verb: str) -> list[str]:
    """A word for each argument that it cannot do without."""
    return ["x.tflite" for one in parameters(verb) if isinstance(one, click.Argument) and one.required]


def value(row: Option) -> list[str]:
    """A value that the option's type takes."""
    if row.kind in ("flag", "switch", "count"):
        return []
    by_kind = {
        "choice": lambda: [name for name in row.names if f" but {name}" not in "".join(row.excludes)][-1],
        "share": lambda: "90%",
        "mean_std": lambda: "127.5,127.5",
        "integer": lambda: str(int(row.low or 0) + 1),
        "number": lambda: "1",
    }
    return [by_kind.get(row.kind, lambda: "x")()]


def said(row: Option) -> list[str]:
    return [row.spelling, *value(row)]


def holding(verb: str, condition: str) -> list[str]:
    """The words that make a condition hold; an argument is a word by itself."""
    name, _, wanted = condition.partition("=")
    row = next((row for row in options_of(verb) if row.name == name), None)
    if row is None:
        return ["x.tflite"]
    return [row.spelling, wanted] if wanted else said(row)


def present(verb: str, condition: str) -> bool:
    """Whether the verb has what a condition speaks of."""
    return condition.partition("=")[0] in {one.name for one in parameters(verb)}


NEEDING = [
    (verb, row)
    for verb in VERBS
    for row in options_of(verb)
    if any(present(verb, condition) for condition in row.needs)
]
EXCLUDING = [
    (verb, row, condition)
    for verb in VERBS
    for row in options_of(verb)
    for condition in (one.partition(" but ")[0] for one in row.excludes)
    if present(verb, condition)
]
ONCE = [
    (verb, row)
    for verb in VERBS
    for row in options_of(verb)
    if not row.many and row.kind not in ("flag", "count")
]


def name_of(one: object) -> str:
    return one.name if isinstance(one, Option) else str(one)


def refusal(edgeq: Edgeq, verb: str, row: Option, *more: str) -> str:
    """What is said of an option; nothing is done."""
    before = sorted(Path().iterdir())
    error = edgeq(*verb.split(), *arguments(verb), *said(row), *more, "--json").error
    assert (error["exit_code"], error["kind"]) == (2, "UsageError"), error
    assert error["hint"], error
    assert sorted(Path().iterdir()) == before
    return str(error["message"])


def test_the_table_has_what_these_tests_are_about() -> None:
    assert {("run", "limit"), ("check", "picture")} <= {(verb, row.name) for verb, row in NEEDING}
    found = {(verb, row.name, condition) for verb, row, condition in EXCLUDING}
    assert {("run", "samples", "data"), ("debug", "io", "int8"), ("run", "min_accuracy", "serve")} <= found


@pytest.mark.parametrize(("verb", "row"), NEEDING, ids=name_of)
def test_an_option_without_what_it_needs_is_refused(
    edgeq: Edgeq, folder: Path, verb: str, row: Option
) -> None:
    targets = next((other.names for other in options_of(verb) if other.name == "target"), ())
    others = [name for name in targets if f"target={name}" not in row.needs]
    if targets and not others:
        assert "goes with" not in edgeq(verb, *arguments(verb), *said(row)).err, "its only target is there"
        return
    message = refusal(edgeq, verb, row, *(["--target", others[0]] if others else []))
    assert message.startswith(f"{row.spelling} goes with --")


def test_a_value_that_is_spared_goes_along(edgeq: Edgeq, folder: Path) -> None:
    found = edgeq("convert", "m.tflite", "--form", "int16x8", "--io", "float")
    assert "does not go with" not in found.err and "m.tflite" in found.err


@pytest.mark.parametrize(("verb", "row", "condition"), EXCLUDING, ids=name_of)
def test_an_option_beside_what_excludes_it_is_refused(
    edgeq: Edgeq, folder: Path, verb: str, row: Option, condition: str
) -> None:
    needed = [one.partition("=") for one in row.needs if present(verb, one)][:1]
    settings = [f'{SETTINGS[name].key} = "{wanted or "x"}"\n' for name, _, wanted in needed]
    (folder / "edgeq.toml").write_text("".join(settings))
    message = refusal(edgeq, verb, row, *holding(verb, condition))
    assert message.startswith(f"{row.spelling} does not go with ")


@pytest.mark.parametrize(("verb", "row"), ONCE, ids=name_of)
def test_what_is_given_twice_is_refused(edgeq: Edgeq, folder: Path, verb: str, row: Option) -> None:
    message = refusal(edgeq, verb, row, *([row.opposite] if row.opposite else said(row)))
    assert row.spelling in message
    assert message.endswith("is given twice")


def test_data_of_the_settings_counts(edgeq: Edgeq, folder: Path) -> None:
    (folder / "edgeq.toml").write_text('data = "test.npz"\nlimit = 3\nseed = 2\n')
    refused = edgeq("run", "--samples", "3")
    assert refused.code == 2
    assert "--samples does not go with --data, which the settings give" in refused.err
    assert "there is no file" in edgeq("run", "--limit", "3").err, "goes on"


def test_settings_that_are_not_obeyed_are_no_error(edgeq: Edgeq, folder: Path) -> None:
    (folder / "edgeq.toml").write_text('limit = 3\nkernels = "reference"\nnormalize = [1.0, 2.0]\n')
    assert "not a project folder" in edgeq("run").err


def test_a_flag_may_be_repeated_and_so_may_what_adds_up(edgeq: Edgeq) -> None:
    assert edgeq("boards", "list", "--json", "--json", "-q", "-q").code == 0
    found = edgeq("params", "--scale", "1,0", "--value", "1", "--value", "2", "--json")
    assert [one["real"] for one in found.json["values"]] == [1.0, 2.0]
