"""What a function of the API would ignore is refused, as on the command line: for every row of the table."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edgeq.base.errors import UsageError
from edgeq.judge.report.limits import Limits
from edgeq.verbs import api
from edgeq.verbs.options import OPTIONS, Option, options_of


def function_of(verb: str) -> Callable[..., object] | None:
    """The verb's function: ``boards_fit`` is the one of ``boards fit``."""
    function: Callable[..., object] | None = vars(api).get(verb.replace(" ", "_"))
    return function


def parameters_of(verb: str) -> list[str]:
    function = function_of(verb)
    return [] if function is None else list(inspect.signature(function).parameters)


def call(verb: str, first: str, **more: Any) -> None:
    function = function_of(verb)
    assert function is not None
    needed = {"deploy": {"board": "host"}, "data split": {"out": "parts"}}.get(verb, {})
    function(**{parameters_of(verb)[0]: first, **needed, **more})


def taken(verb: str) -> set[str]:
    """What its function takes."""
    found = set(parameters_of(verb))
    return found | set(Limits.__annotations__) if "limits" in found else found


def rows_of(verb: str) -> dict[str, Option]:
    """The rows that its function takes, by name."""
    return {row.name: row for row in options_of(verb) if row.python in taken(verb)}


def present(verb: str, condition: str) -> bool:
    name = condition.partition("=")[0]
    return name in rows_of(verb) or name in taken(verb)


VERBS = tuple(verb for verb in dict.fromkeys(verb for row in OPTIONS for verb in row.verbs) if rows_of(verb))

NEEDING = [
    (verb, row)
    for verb in VERBS
    for row in rows_of(verb).values()
    if any(present(verb, condition) for condition in row.needs)
]
EXCLUDING = [
    (verb, row, condition)
    for verb in VERBS
    for row in rows_of(verb).values()
    for condition in (one.partition(" but ")[0] for one in row.excludes)
    if present(verb, condition)
]


def value(row: Option) -> Any:
    """A value that the parameter takes and that is not its default."""
    return {
        "flag": not row.is_opposite,
        "switch": True,
        "choice": next((name for name in row.names if name != row.default), None),
        "share": 0.9,
        "mean_std": (127.5, 127.5),
        "integer": int(row.low or 0) + 1,
        "number": 1.0,
    }.get(row.kind, "x")


def holding(verb: str, condition: str) -> dict[str, Any]:
    """The argument that makes a condition hold."""
    name, _, wanted = condition.partition("=")
    row = rows_of(verb).get(name)
    return {name: "x.tflite"} if row is None else {row.python: wanted or value(row)}


def refusal(verb: str, arguments: dict[str, Any]) -> str:
    """What is said of a call; nothing is done."""
    with pytest.raises(UsageError) as caught:
        call(verb, "m.tflite", **arguments)
    assert caught.value.hint
    assert not any(Path().iterdir())
    return caught.value.message


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def name_of(one: object) -> str:
    return one.name if isinstance(one, Option) else str(one)


def test_the_table_has_what_these_tests_are_about() -> None:
    assert {("deploy", "kernels"), ("run", "limit")} <= {(verb, row.name) for verb, row in NEEDING}
    found = {(verb, row.name, condition) for verb, row, condition in EXCLUDING}
    assert {("deploy", "samples", "data"), ("debug", "io", "int8")} <= found


@pytest.mark.parametrize(("verb", "row"), NEEDING, ids=name_of)
def test_a_parameter_without_what_it_needs_is_refused(verb: str, row: Option) -> None:
    assert refusal(verb, {row.python: value(row)}).startswith(f"{row.python} goes with ")


@pytest.mark.parametrize(("verb", "row", "condition"), EXCLUDING, ids=name_of)
def test_a_parameter_beside_what_excludes_it_is_refused(verb: str, row: Option, condition: str) -> None:
    needed = next((holding(verb, one) for one in row.needs if present(verb, one)), {})
    arguments = {**needed, row.python: value(row), **holding(verb, condition)}
    told = refusal(verb, arguments)
    # what it needs may be excluded, too
    assert told.partition(" does not go with ")[0] in {row.python, *needed}, told
    assert "settings" not in told


@pytest.mark.parametrize("verb", VERBS)
def test_every_function_asks(verb: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also the functions whose rows need and exclude nothing today."""
    module = inspect.getmodule(function_of(verb))

    class Asked(Exception):  # no error
        pass

    def asked(name: str, parameters: dict[str, Any]) -> None:
        assert name == verb
        assert set(parameters) == set(parameters_of(verb))
        raise Asked

    monkeypatch.setattr(module, "options_given", asked)
    with pytest.raises(Asked):
        call(verb, "x")
