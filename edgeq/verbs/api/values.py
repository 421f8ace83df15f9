"""What callers give, as the verbs want it: paths, boards, settings; what is wrong is an EdgeqError."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from edgeq.base.errors import UsageError
from edgeq.base.hints import document
from edgeq.verbs.ignored import refuse_ignored
from edgeq.verbs.options import LIMITS, SETTINGS, Option, options_of
from edgeq.verbs.options.option import Kind
from edgeq.verbs.settings import Settings, parse_share

if TYPE_CHECKING:
    from edgeq.boards import Board
    from edgeq.converter.sources import Environments
    from edgeq.verbs.calibration import Calibration

Model = str | PathLike[str] | bytes
"""A .tflite file: its path, or its bytes; or the path of another source, or ``module:function``
(docs/sources.md)."""


def model_of(given: Model) -> Path | bytes:
    """A path, or a file's bytes.

    Raises:
        UsageError: neither.
    """
    if isinstance(given, bytes | bytearray | memoryview):
        return bytes(given)
    return path_of(given, "model")


def path_of(given: object, name: str) -> Path:
    """A path.

    Raises:
        UsageError: it is none.
    """
    if isinstance(given, str | PathLike):
        return Path(given)
    raise UsageError(f"{name}: {given!r} is no path", "give a str or a pathlib.Path")


def maybe_path(given: object, name: str) -> Path | None:
    """A path, or None."""
    return None if given is None else path_of(given, name)


def board_given(given: str | Board) -> Board:
    """The board itself, or the one that a text names.

    Raises:
        UsageError: it is neither an id nor a Board.
        BoardError: there is no such board.
    """
    from edgeq.boards import Board
    from edgeq.verbs.from_settings import board_of

    if isinstance(given, Board):
        return given
    if not isinstance(given, str):
        raise UsageError(f"board: {given!r} is no board", "give an id of edgeq.list_boards(), or a Board")
    return board_of(given)


def settings_in(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """What parameters say of settings, by the settings' names.

    Samples are none, nor is a board or a preprocessing that comes as a value.

    Args:
        parameters: by their names in Python; None for what nobody says, and others than settings, too.

    Raises:
        UsageError: a value that the setting does not take.
    """
    from edgeq.features import Preprocessing

    said: dict[str, Any] = {}
    for row in SETTINGS.values():
        value = parameters.get(row.python)
        is_value = row.kind == "spec" or (row.kind == "board" and not isinstance(value, str))
        if value is None or is_value or isinstance(value, Preprocessing):
            continue
        said[row.name] = _checked(row, runtime_text(value) if row.name == "runtime" else value)
    return said


def runtime_text(given: str | Sequence[str] | None) -> str | None:
    """Runtimes as settings name them, with commas between.

    Raises:
        UsageError: one that is none, or named twice.
    """
    from edgeq.verbs.runtimes import parse_runtimes

    return None if given is None else ",".join(parse_runtimes(given, "runtime"))


def calibration_of(
    settings: Settings,
    calibration: Any,
    *,
    random: bool = False,
    rewrite: bool = False,
    input_stats: Any = None,
    default_ranges: Any = None,
    mixed: bool = False,
    preprocessing: Any = None,
) -> Calibration:
    """How a float model becomes an integer one.

    Raises:
        UsageError: a value of the wrong kind.
    """
    from dataclasses import replace

    from edgeq.features import Preprocessing
    from edgeq.verbs import from_settings

    if default_ranges is not None:
        low, high = _pair("default_ranges", default_ranges)
        if not (low <= 0 <= high and low < high):
            raise UsageError(f"default_ranges: {default_ranges!r} is no range around 0", "give (-6, 6)")
    if input_stats is not None:
        pairs = input_stats if isinstance(input_stats, dict) else {"": input_stats}
        for pair in pairs.values():
            _pair("input_stats", pair)
    return replace(
        from_settings.calibration(settings, calibration, random=random),
        preprocessing=preprocessing if isinstance(preprocessing, Preprocessing) else settings.preprocessing,
        rewrite=rewrite,
        input_stats=input_stats,
        default_ranges=default_ranges,
        mixed=mixed,
        max_drop=settings.max_accuracy_drop,
    )


def environments_of(settings: Settings) -> Environments | None:
    """The Pythons that have the frameworks of sources; None, for what the environment says, without any."""
    from edgeq.verbs.from_settings import environments

    said = settings.says(*(row.name for row in SETTINGS.values() if row.table == "sources"))
    return environments(settings) if said else None


class Given(NamedTuple):
    """What a call gives.

    Attributes:
        names: of its options, as the table has them: of neither None nor what holds without it.
        settings: what it says of them, and no others: no file and no environment has a say.
    """

    names: frozenset[str]
    settings: Settings


def options_given(verb: str, parameters: Mapping[str, Any]) -> Given:
    """What a call gives.

    Args:
        verb: whose function it is.
        parameters: of the function, by name; those of the verdict in ``limits``.

    Raises:
        UsageError: one of them would be ignored beside the others, as on the command line, or is not what it
            should be.
        TypeError: ``limits`` has a name that is no limit's.
    """
    limits = parameters.get("limits", {})
    for name in limits.keys() - {row.name for row in LIMITS}:
        raise TypeError(f"{verb}() got an unexpected keyword argument {name!r}")
    rows = {row.python: row for row in options_of(verb)}
    every = {**parameters, **limits}
    values: dict[str, Any] = {}
    said: set[str] = set()
    for name, value in every.items():
        row = rows.get(name)
        key = name if row is None else row.name
        values[key] = not value if row is not None and row.is_opposite else value
        if value is not None and (row is None or not _is_usual(row, values[key])):
            said.add(key)

    def spelt(condition: str) -> str:
        name, _, wanted = condition.partition("=")
        known = {row.name: row.python for row in rows.values()}.get(name, name)
        return f"{known}={wanted!r}" if wanted else known

    refuse_ignored(verb, said, values, spelt)
    return Given(frozenset(said), Settings(**settings_in(every)))


def _is_usual(row: Option, value: Any) -> bool:
    if row.kind in ("flag", "switch"):
        return value is False
    return isinstance(value, str | int | float) and value == row.default


def _checked(row: Option, value: Any) -> Any:
    """A value as the row of its setting wants it."""
    name = row.name
    if row.kind == "share":
        return parse_share(value, name)
    if row.kind == "mean_std":
        mean, std = _pair(name, value)
        if std <= 0:
            raise UsageError(f"{name}: a deviation of {std:g} is not above 0", "give (mean, std) of pixels")
        return mean, std
    if row.kind == "path":
        return path_of(value, name)
    if row.kind == "choice":
        if value not in row.names:
            raise UsageError(f"{name}: {value!r} is not one of them", f"there are: {', '.join(row.names)}")
        return value
    if row.kind == "words" and isinstance(value, list | tuple):
        if not value:
            raise UsageError(f"{name}: the argument list is empty", "give a command and its arguments")
        if all(isinstance(one, str) for one in value):
            return tuple(value)
    if row.kind == "number" and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    wanted = _TYPES.get(row.kind, str)
    if type(value) is not wanted:
        told = f"{name}: {value!r} is not of type {wanted.__name__}"
        raise UsageError(told, f"{document('python.md')} shows the parameters")
    if isinstance(value, int | float):
        _in_range(row, value)
    return value


_TYPES: dict[Kind, type] = {"integer": int, "number": float, "switch": bool, "words": tuple}


def _in_range(row: Option, value: float) -> None:
    if row.low is not None and (value < row.low or (row.above and value == row.low)):
        raise UsageError(f"{row.name}: {value!r} is too small", "give a larger number")
    if row.high is not None and value > row.high:
        raise UsageError(f"{row.name}: {value!r} is too large", f"give {row.high:g} or less")


def _pair(name: str, value: Any) -> tuple[float, float]:
    try:
        first, second = (float(part) for part in value)
    except (TypeError, ValueError):
        raise UsageError(f"{name}: {value!r} is not two numbers", "give a pair, as (127.5, 127.5)") from None
    if not (abs(first) < float("inf") and abs(second) < float("inf")):
        raise UsageError(f"{name}: {value!r} is not finite", "give two finite numbers")
    return first, second
