"""What the user has settled: the command line over the environment over edgeq.local.toml over edgeq.toml.

The options of which this can be said are the rows of ``options.py`` with a key; ``docs/configuration.md``
documents the files.
"""

from __future__ import annotations

import difflib
import os
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgeq.base.errors import UsageError
from edgeq.base.hints import document
from edgeq.verbs.options import SETTINGS
from edgeq.verbs.options.option import Option

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

FILE = "edgeq.toml"
LOCAL_FILE = "edgeq.local.toml"
HARDWARE_MAP = "hardware-map.yml"
"""Beside them, or in the working folder: which board is behind which probe."""
_LARGEST_FILE = 1 << 16
_DOCUMENTED = f"{document('configuration.md')} documents every key"
_MODULE_SPEC = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")


class Settings:
    """The value of each setting, by the name of its row: what was said last, or else the row's default.

    Args:
        said: what was said, by name; paths are absolute where a file said them, shares are 0..1.

    Raises:
        TypeError: there is no such setting.
    """

    def __init__(self, **said: Any) -> None:
        for name in said.keys() - SETTINGS.keys():
            raise TypeError(f"there is no setting {name!r}")
        self._said = {name: value for name, value in said.items() if value is not None}

    def __getattr__(self, name: str) -> Any:
        """The value of a setting."""
        if name not in SETTINGS:
            raise AttributeError(f"there is no setting {name!r}")
        return self._said.get(name, SETTINGS[name].default)

    def __eq__(self, other: object) -> bool:
        """Whether the same was said."""
        return isinstance(other, Settings) and self._said == other._said

    def __hash__(self) -> int:
        return hash(tuple(self._said.items()))

    def __repr__(self) -> str:
        return f"Settings({', '.join(f'{name}={value!r}' for name, value in self._said.items())})"

    def says(self, *names: str) -> bool:
        """Whether anyone said something of one of these."""
        return not self._said.keys().isdisjoint(names)

    def override(self, **values: Any) -> Settings:
        """A copy in which every value that is not None wins.

        Who names a simulator does not want the port that was set before, nor the other way round.
        """
        given = Settings(**values)._said
        taken_back = {SETTINGS[name].instead_of for name in given} - given.keys()
        return Settings(**{**self.without(*taken_back)._said, **given})

    def without(self, *names: str) -> Settings:
        """A copy in which nobody said anything of these."""
        return Settings(**{name: value for name, value in self._said.items() if name not in names})


def load_settings(
    start: Path | None = None,
    environ: Mapping[str, str] | None = None,
    flags: Mapping[str, Any] | None = None,
) -> Settings:
    """The settings for a folder: the one place that says who wins over whom.

    The files are looked for in ``start`` (the working folder) and the folders above it, up to the one that
    holds a ``.git``. Relative paths in a file are relative to that file.

    Args:
        start: the folder; None for the working folder.
        environ: the environment; None for that of the process.
        flags: of the command line, by name, as it took them; None where not given.

    Raises:
        UsageError: a file cannot be read, is not TOML, or has an unknown key or a wrong value; a flag's text
            is none of its kind; two settings that exclude each other are said in one place.
    """
    start = Path.cwd() if start is None else start.resolve()
    folder = _folder_of_files(start)
    settings = Settings(**_usual_map(folder or start))
    if folder is not None:
        for name in (FILE, LOCAL_FILE):
            if (folder / name).is_file():
                settings = settings.override(**_file(folder / name))
    settings = settings.override(**_environment(os.environ if environ is None else environ))
    return settings.override(**_command_line(flags or {}))


def parse_share(text: str | float, what: str) -> float:
    """A share given as a fraction (``0.9``) or in percent (``90%``), as a fraction.

    Raises:
        UsageError: not a number, outside 0..1, or (``90``) one that leaves open which of the two is meant.
    """
    words = str(text).strip()
    hint = "write a fraction (0.9) or percent with its sign (90%)"
    try:
        value = float(words[:-1]) / 100 if words.endswith("%") else float(words)
    except ValueError:
        raise UsageError(f"{what}: {words!r} is not a number", hint) from None
    if not 0 <= value <= 1:
        raise UsageError(f"{what}: {words} is not between 0 and 1", hint)
    return value


def parse_normalize(text: str, what: str = "--normalize") -> tuple[float, float]:
    """``"MEAN,STD"`` as two numbers.

    Raises:
        UsageError: not two finite numbers, or STD is not above 0.
    """
    hint = "give mean and standard deviation of pixels 0..255, such as 127.5,127.5"
    try:
        mean, std = (float(part) for part in text.split(","))
    except ValueError:
        raise UsageError(f"{what}: {text!r} is not MEAN,STD", hint) from None
    if not (abs(mean) < float("inf") and 0 < std < float("inf")):
        raise UsageError(f"{what}: {text!r} is not a finite mean and a positive deviation", hint)
    return mean, std


def _command_line(flags: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: value for name, value in flags.items() if value is not None}
    if {"port", "sim"} <= given.keys():
        raise UsageError(
            f"--sim {given['sim']} asks for a simulation, and --port {given['port']} for a device",
            "leave one of them out",
        )
    return {name: _value(SETTINGS[name], value, SETTINGS[name].spelling) for name, value in given.items()}


def _environment(environ: Mapping[str, str]) -> dict[str, Any]:
    """What its variables say; an empty one says nothing."""
    return {
        row.name: _value(row, environ[row.environment], row.environment)
        for row in SETTINGS.values()
        if row.environment and environ.get(row.environment)
    }


def _file(path: Path) -> dict[str, Any]:
    """What a file says, paths made absolute."""
    said = dict(_flat(_validated(path, _toml(path))))
    rows = {row.key: row for row in SETTINGS.values()}
    values = {
        rows[key].name: placed(rows[key], _value(rows[key], value, f"{path}: {key}"), path.parent)
        for key, value in said.items()
    }
    for name in values:
        other = SETTINGS[name].instead_of
        if other in values:
            raise UsageError(f"{path}: both {name} and {other} are set", "leave one of them out")
    return values


def _value(row: Option, said: Any, what: str) -> Any:
    """A value as verbs take it, of what was typed or written; its range and choices are known to hold.

    Args:
        what: where it was said, for the message.
    """
    if row.kind == "share":
        return parse_share(said, what)
    if row.kind == "mean_std":
        return parse_normalize(said if isinstance(said, str) else ",".join(map(str, said)), what)
    if row.kind == "path":
        return Path(said)
    return tuple(said) if row.kind == "words" else said


def placed(row: Option, value: Any, folder: Path) -> Any:
    """A value of a file, its path made relative to the file; bare names of boards and programs are none."""
    if row.kind == "path":
        return folder / Path(value).expanduser()
    if row.kind == "spec":
        is_path = not _MODULE_SPEC.fullmatch(value) or (folder / value).exists()
    else:
        is_path = (row.kind in ("board", "program") and "/" in value) or (
            row.kind == "board" and value.endswith(".toml")
        )
    return str(folder / Path(value).expanduser()) if is_path else value


def _usual_map(folder: Path) -> dict[str, Any]:
    usual = folder / HARDWARE_MAP
    return {"hardware_map": usual} if usual.is_file() else {}


def _folder_of_files(start: Path) -> Path | None:
    for folder in (start, *start.parents):
        if (folder / FILE).is_file() or (folder / LOCAL_FILE).is_file():
            return folder
        if (folder / ".git").exists():
            return None
    return None


def _flat(values: Mapping[str, Any], table: str = "") -> Iterator[tuple[str, Any]]:
    """``table.key`` and value of everything that is said."""
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{key}.")
        elif value is not None:
            yield table + key, value


def _toml(path: Path) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}", "check its permissions") from error
    if len(raw) > _LARGEST_FILE:
        raise UsageError(f"{path} is too large for a settings file", _DOCUMENTED)
    try:
        values: dict[str, Any] = tomllib.loads(raw.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{path} is not valid TOML: {error}", _DOCUMENTED) from error
    return values


def _validated(path: Path, values: dict[str, Any]) -> dict[str, Any]:
    from pydantic import ValidationError

    from edgeq.verbs.settings_schema import file_schema

    try:
        return file_schema().model_validate(values).model_dump()
    except ValidationError as error:
        raise _explained(path, error.errors()[0]) from error


def _explained(path: Path, detail: ErrorDetails) -> UsageError:
    """Pydantic's first finding as a sentence with the key's full name."""
    where = ".".join(str(part) for part in detail["loc"])
    if detail["type"] != "extra_forbidden":
        return UsageError(f"{path}: {where}: {detail['msg']} (it is {detail['input']!r})", _DOCUMENTED)
    tables = [str(part) for part in detail["loc"][:-1]]
    keys = keys_of(".".join(tables))
    name = str(detail["loc"][-1])
    near = difflib.get_close_matches(name, keys, n=1)
    guess = f"did you mean {near[0]!r}? " if near else ""
    homes = [row.table for row in SETTINGS.values() if row.table and row.key.endswith(f".{name}")]
    if homes and not tables:
        guess = f"it belongs in the table [{homes[0]}]; "
    return UsageError(f"{path}: unknown key {where!r}", f"{guess}keys here: {', '.join(keys)}")


def keys_of(table: str) -> list[str]:
    """The keys of a table of edgeq.toml; of ``""`` the keys outside all tables, then the tables."""
    rows = SETTINGS.values()
    keys = [row.key.rpartition(".")[2] for row in rows if row.table == table]
    return keys if table else [*keys, *dict.fromkeys(row.table for row in rows if row.table)]
