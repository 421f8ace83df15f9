"""The catalogue of boards: ``boards/<id>/board.toml``, validated strictly, and never Python.

``docs/boards.md`` documents the file; :class:`Board` is its schema.
"""

from __future__ import annotations

import difflib
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from edgeq.errors import BoardError
from edgeq.resources import data_dir

if sys.version_info >= (3, 11):
    import tomllib
else:  # pragma: no cover - exercised on 3.10 only
    import tomli as tomllib

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

Core = Literal["cortex-m0", "cortex-m0plus", "cortex-m3", "cortex-m4", "cortex-m7", "cortex-m33", "native"]
Fpu = Literal["fpv4-sp-d16", "fpv5-sp-d16", "fpv5-d16"]

_FPUS: dict[str, tuple[str, ...]] = {
    "cortex-m4": ("fpv4-sp-d16",),
    "cortex-m7": ("fpv5-sp-d16", "fpv5-d16"),
    "cortex-m33": ("fpv5-sp-d16",),
}
_WITH_DSP = frozenset({"cortex-m4", "cortex-m7", "cortex-m33"})
_FILE = "board.toml"
_LARGEST_FILE = 1 << 16


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Cpu(_Strict):
    """The processor: what the compiler is told about it, and nothing else decides.

    Attributes:
        core: the core's name as ARM writes it in lower case, or ``"native"`` for the host.
        fpu: the FPU's name as GCC's ``-mfpu`` has it; None without one.
        float_abi: ``"hard"`` exactly where there is an FPU.
    """

    core: Core
    fpu: Fpu | None = None
    float_abi: Literal["soft", "hard"] = "soft"

    @model_validator(mode="after")
    def _fits(self) -> Cpu:
        allowed = _FPUS.get(self.core, ())
        if self.fpu is not None and self.fpu not in allowed:
            have = f"has one of {', '.join(allowed)}" if allowed else "has no FPU"
            raise ValueError(f"fpu {self.fpu!r} does not go with core {self.core!r}, which {have}")
        if (self.fpu is not None) != (self.float_abi == "hard"):
            raise ValueError('float_abi is "hard" exactly where there is an fpu')
        return self


class Region(_Strict):
    """A region of memory: first address and size, in bytes."""

    address: int = Field(ge=0, lt=1 << 32)
    size: int = Field(gt=0, lt=1 << 32)

    @model_validator(mode="after")
    def _fits(self) -> Region:
        if self.address % 1024 or self.size % 1024:
            raise ValueError("address and size are multiples of 1024")
        if self.address + self.size > 1 << 32:
            raise ValueError("the region ends beyond 4 GB")
        return self

    @property
    def end(self) -> int:
        """The first address after it."""
        return self.address + self.size


class Console(_Strict):
    """The serial port that the firmware speaks on."""

    baud: int = Field(default=115200, ge=300, le=12_000_000)


class Board(_Strict):
    """One board.

    Attributes:
        id: what the user types after ``--board``; the name of its folder.
        name: what a person calls it.
        kind: ``"simulated"``, ``"host"`` (a native process), ``"hardware"``, or ``"accelerator"`` (a device
            beside a host's processor, which runs a compiled model and no firmware).
        flash, ram: None for hosts, accelerators and where an SDK lays out memory.
        stack: bytes reserved for the stack; 0 likewise.
        clock_hz: the clock that the port sets; None where time is not the board's own.
        port: the family under ``firmware_templates/ports``.
        sdk: the vendor's SDK that builds for it: edgeq makes a project for that, and builds nothing itself.
        simulator: what runs the firmware without the hardware.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")
    name: str = Field(min_length=1)
    kind: Literal["simulated", "host", "hardware", "accelerator"]
    port: str = Field(pattern=r"^[a-z0-9][a-z0-9_]*$")
    simulator: Literal["unicorn"] | None = None
    sdk: Literal["coralmicro"] | None = None
    clock_hz: int | None = Field(default=None, gt=0)
    stack: int = Field(default=0, ge=0, multiple_of=8)
    cpu: Cpu
    flash: Region | None = None
    ram: Region | None = None
    console: Console = Console()

    @model_validator(mode="after")
    def _fits(self) -> Board:
        host = self.kind in ("host", "accelerator")
        if host != (self.cpu.core == "native"):
            raise ValueError('core "native" goes with the kinds "host" and "accelerator", and with no other')
        if host and (self.flash or self.ram or self.stack):
            raise ValueError("a host has no flash, ram or stack of its own")
        if self.kind == "simulated" and self.simulator is None:
            raise ValueError("a simulated board names its simulator")
        if self.sdk is not None and (self.kind != "hardware" or self.flash or self.ram or self.stack):
            raise ValueError("an sdk is for hardware, and lays out its flash, ram and stack itself")
        if not host and self.sdk is None:
            if self.flash is None or self.ram is None:
                raise ValueError("flash and ram are missing")
            if self.flash.address < self.ram.end and self.ram.address < self.flash.end:
                raise ValueError("flash and ram overlap")
            if not 512 <= self.stack <= self.ram.size:
                raise ValueError("stack is at least 512 bytes and at most the ram")
        return self

    @property
    def has_dsp(self) -> bool:
        """Whether the core has the DSP extension (SIMD on 8 and 16 bits)."""
        return self.cpu.core in _WITH_DSP

    @property
    def is_host(self) -> bool:
        """Whether what runs there is compiled for a host's own processor."""
        return self.cpu.core == "native"

    @property
    def is_accelerator(self) -> bool:
        """Whether it runs a compiled model beside a host, and no firmware."""
        return self.kind == "accelerator"


def list_boards() -> list[Board]:
    """The catalogue, by id. Raises BoardError when one of its files is not valid."""
    return [_from_catalogue(path) for path in sorted(data_dir("boards").glob(f"*/{_FILE}"))]


def load_board(id_or_path: str) -> Board:
    """The board of that id, or of that folder or ``board.toml`` (anything with a slash or ending ``.toml``).

    Raises:
        BoardError: no such board (the nearest id is suggested), or its file is not valid.
    """
    if "/" in id_or_path or id_or_path.endswith(".toml") or id_or_path in (".", ".."):
        path = Path(id_or_path).expanduser()
        return read_board(path / _FILE if path.is_dir() else path)
    # Names are compared, never joined to a path, so that an id cannot leave the catalogue.
    files = {path.parent.name: path for path in data_dir("boards").glob(f"*/{_FILE}")}
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
    for key, value in board.model_dump(mode="json", exclude_none=True).items():
        if isinstance(value, dict):
            tables += ["", f"[{key}]", *(f"{name} = {_toml_value(of)}" for name, of in value.items())]
        else:
            plain.append(f"{key} = {_toml_value(value)}")
    return ("\n".join(plain + tables) + "\n").encode()


def _toml_value(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)  # the same form for text and numbers


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
        raise BoardError(f"{path} is not valid TOML: {error}", "docs/boards.md shows a board file") from error
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
    hint = "docs/boards.md documents every key"
    if detail["type"] == "missing":
        return BoardError(f"{path}: the key {where!r} is missing", hint)
    message = re.sub(r"^Value error, ", "", detail["msg"])
    given = "" if isinstance(detail["input"], dict) else f" (it is {detail['input']!r})"
    return BoardError(f"{path}: {where + ': ' if where else ''}{message}{given}", hint)


def _keys(place: tuple[int | str, ...]) -> list[str]:
    tables: dict[str, Any] = {"cpu": Cpu, "flash": Region, "ram": Region, "console": Console}
    return list((tables[str(place[0])] if place else Board).model_fields)
