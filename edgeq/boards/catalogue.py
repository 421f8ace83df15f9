"""The catalogue: finding, reading and writing board files."""

from __future__ import annotations

import difflib
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from pydantic import BaseModel, ValidationError

from edgeq.base.errors import BoardError
from edgeq.base.hints import document
from edgeq.base.resources import data_dir
from edgeq.boards.cores import CORES
from edgeq.boards.flashing import RUNNERS
from edgeq.boards.model import Board
from edgeq.boards.simulators import SIMULATORS

if sys.version_info >= (3, 11):
    import tomllib
else:  # pragma: no cover - exercised on 3.10 only
    import tomli as tomllib

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

BOARD_FILE = "board.toml"
_LARGEST_FILE = 1 << 16


def list_boards() -> list[Board]:
    """The catalogue, by id. Raises BoardError when one of its files is not valid."""
    return [_from_catalogue(path) for path in sorted(data_dir("boards").glob(f"*/{BOARD_FILE}"))]


def simulated_boards() -> dict[str, Board]:
    """By core, the simulated board to try it on: of several the one whose simulator tells more."""
    found: dict[str, Board] = {}
    order = list(SIMULATORS)
    simulated = [board for board in list_boards() if board.kind == "simulated"]
    simulated.sort(key=lambda board: (order.index(board.simulator or ""), board.id))
    for board in simulated:
        found.setdefault(board.cpu.core, board)
    return {core: found[core] for core in CORES if core in found}


def load_board(id_or_path: str) -> Board:
    """The board of that id, or of that folder or ``board.toml`` (anything with a slash or ending ``.toml``).

    Raises:
        BoardError: no such board (the nearest id is suggested), or its file is not valid.
    """
    if "/" in id_or_path or id_or_path.endswith(".toml") or id_or_path in (".", ".."):
        path = Path(id_or_path).expanduser()
        return read_board(path / BOARD_FILE if path.is_dir() else path)
    # Names are compared, never joined to a path, so that an id cannot leave the catalogue.
    files = {path.parent.name: path for path in data_dir("boards").glob(f"*/{BOARD_FILE}")}
    if id_or_path in files:
        return _from_catalogue(files[id_or_path])
    known = ", ".join(sorted(files))
    near = difflib.get_close_matches(id_or_path, files, n=1)
    guess = f"did you mean {near[0]!r}? " if near else ""
    raise BoardError(
        f"there is no board {id_or_path!r}",
        f"{guess}known boards: {known}; for a board of your own give the path of its board.toml",
    )


def split_board(text: str) -> tuple[str, str]:
    """A board's id or path, and the machine that it is on: ``coral@pi@host`` is coral on ``pi@host``.

    Returns:
        (id or path, destination for ``ssh``); the destination is empty where there is none.
    """
    board, mark, destination = text.partition("@")
    return (board, destination) if mark and "/" not in board else (text, "")


def board_toml(board: Board) -> bytes:
    """The text of a board file that says the same; deterministic."""
    plain: list[str] = []
    tables: list[str] = []
    for key, value in board.model_dump(mode="json", exclude_none=True, exclude_defaults=True).items():
        several = isinstance(value, list) and all(isinstance(one, dict) for one in value)
        if several or isinstance(value, dict):
            head = f"[[{key}]]" if several else f"[{key}]"
            for table in value if several else [value]:
                tables += ["", head, *(f"{name} = {_toml_value(of)}" for name, of in table.items())]
        else:
            plain.append(f"{key} = {_toml_value(value)}")
    return ("\n".join(plain + tables) + "\n").encode()


def _toml_value(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)  # the same form for text, numbers and lists of them


def _from_catalogue(path: Path) -> Board:
    board = read_board(path)
    if path.parent.name != board.id:
        raise BoardError(
            f"{path}: id {board.id!r} is not the name of its folder", "rename the folder, or change the id"
        )
    return board


def read_board(path: Path) -> Board:
    """The board that a file describes. Raises BoardError."""
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise BoardError(
            f"cannot read the board file {path}: {error.strerror or error}",
            "give the id of a board (edgeq boards list) or the path of a board.toml",
        ) from error
    if len(raw) > _LARGEST_FILE:
        raise BoardError(f"{path} is too large for a board file", "a board file is a page of TOML")
    try:
        values = tomllib.loads(raw.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BoardError(
            f"{path} is not valid TOML: {error}", f"{document('boards.md')} shows a board file"
        ) from error
    try:
        return Board.model_validate(values)
    except ValidationError as error:
        # A misspelt key is also a missing one: the misspelling is what helps.
        details = sorted(error.errors(), key=lambda detail: detail["type"] != "extra_forbidden")
        raise _explained(path, details[0]) from error


def _explained(path: Path, detail: ErrorDetails) -> BoardError:
    """One of pydantic's findings as a sentence with the key's full name."""
    where = ".".join(str(part) for part in detail["loc"])
    if detail["type"] == "extra_forbidden":
        names = _keys(detail["loc"][:-1])
        near = difflib.get_close_matches(str(detail["loc"][-1]), names, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        return BoardError(f"{path}: unknown key {where!r}", f"{hint}keys here: {', '.join(names)}")
    hint = f"{document('boards.md')} documents every key"
    if detail["type"] in ("union_tag_not_found", "union_tag_invalid"):
        return _which_runner(path, where, detail["input"])
    if detail["type"] == "missing":
        return BoardError(f"{path}: the key {where!r} is missing", hint)
    message = re.sub(r"^Value error, ", "", detail["msg"])
    given = "" if isinstance(detail["input"], dict) else f" (it is {detail['input']!r})"
    return BoardError(f"{path}: {where + ': ' if where else ''}{message}{given}", hint)


def _which_runner(path: Path, where: str, table: object) -> BoardError:
    """A table [[flashing]] that names no runner, or one that there is not."""
    known = list(RUNNERS)
    given = table if isinstance(table, dict) else {}
    if "runner" not in given:
        near = difflib.get_close_matches("runner", given, n=1)
        guess = f"{near[0]!r} is no key: did you mean 'runner'? " if near else ""
        return BoardError(f"{path}: {where} names no runner", f"{guess}runners: {', '.join(known)}")
    near = difflib.get_close_matches(str(given["runner"]), known, n=1)
    guess = f"did you mean {near[0]!r}? " if near else ""
    return BoardError(
        f"{path}: {where}: there is no runner {given['runner']!r}", f"{guess}runners: {', '.join(known)}"
    )


def _keys(place: tuple[int | str, ...]) -> list[str]:
    """The keys that may stand at a place of the file; a runner's place ends with its name."""
    if not place:
        return list(Board.model_fields)
    last = str(place[-1])
    told = RUNNERS.get(last) or Board.model_fields[last].annotation
    kinds = (kind for kind in (told, *get_args(told)) if isinstance(kind, type))
    return [name for kind in kinds if issubclass(kind, BaseModel) for name in kind.model_fields]
