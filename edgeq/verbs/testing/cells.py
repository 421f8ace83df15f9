"""Which cells a test runs in: by options of pytest, then markers, then its ini-file, then edgeq.toml."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from edgeq.base.errors import UsageError
from edgeq.targets.devices import Entry, read_map
from edgeq.targets.devices.hardware_map import is_for
from edgeq.verbs.from_settings import board_of
from edgeq.verbs.matrix import host_of, runtimes_of
from edgeq.verbs.settings import Settings, load_settings

if TYPE_CHECKING:
    from edgeq.boards import Board

_NO_BOARD = (
    "no board: give --edgeq-board ID or --edgeq-hwmap FILE, or set edgeq_boards, or board in edgeq.toml"
)
_NO_MODEL = "no model: give --edgeq-model FILE, @pytest.mark.edgeq('model.tflite'), or set edgeq_models"


@dataclass(frozen=True)
class TestCell:
    """A model on a board, by a runtime and a compiler.

    Attributes:
        name: of all that is said.
        board: as ``--board`` names it.
        model: the file; None for a test of the board alone.
        runtime, toolchain: empty for the usual one.
        options: more for ``deploy``, by their names in Python.
        devices: where it may run, by the hardware map: any that is free; none for what the board says.
        skipped: why it cannot be run; empty where it can.
    """

    __test__ = False

    name: str
    board: str = ""
    model: Path | None = None
    runtime: str = ""
    toolchain: str = ""
    options: dict[str, Any] = field(default_factory=dict, hash=False)
    devices: tuple[Entry, ...] = ()
    skipped: str = ""


_SETTINGS = pytest.StashKey[Settings]()
_ENTRIES = pytest.StashKey[tuple[Entry, ...]]()
_CELLS = pytest.StashKey[dict[tuple[object, ...], TestCell]]()


def cells_for(config: pytest.Config, markers: Sequence[pytest.Mark], *, with_model: bool) -> list[TestCell]:
    """The cells of a test; one that says why it is skipped where there are none.

    Args:
        markers: of the test, the nearest first.
        with_model: whether the test needs a model.

    Raises:
        UsageError: a map or a setting is not what it should be.
        BoardError: there is no such board.
    """
    said = _said(markers)
    settings = settings_of(config)
    entries = map_of(config, settings)
    boards = _boards(config, said.pop("boards", ()), settings, entries)
    if not boards:
        return [_one(config, TestCell("no-board", skipped=_NO_BOARD))]
    models: list[Path | None] = [None]
    if with_model:
        models = list(_models(config, said.pop("models", ())))
        if not models:
            return [_one(config, TestCell("no-model", skipped=_NO_MODEL))]
    said.pop("models", None)
    runtimes = [name for one in config.getoption("--edgeq-runtime") for name in one.split(",")]
    toolchains = config.getoption("--edgeq-toolchain")
    return [
        _one(config, _cell(axes, said, markers, entries))
        for axes in product(boards, models, runtimes or runtimes_of(settings), toolchains or [""])
    ]


def _cell(
    axes: tuple[str, Path | None, str, str],
    options: dict[str, Any],
    markers: Sequence[pytest.Mark],
    entries: Sequence[Entry],
) -> TestCell:
    text, model, runtime, toolchain = axes
    board = board_of(text)
    parts = [] if model is None else [model.stem]
    name = "-".join(filter(None, [*parts, board.id, host_of(text), runtime, toolchain]))
    own = tuple(one for one in entries if one.connected and is_for(one, board))
    return TestCell(name, text, model, runtime, toolchain, options, own, _skipped(board, markers))


def _skipped(board: Board, markers: Sequence[pytest.Mark]) -> str:
    for mark in markers:
        if mark.name == "edgeq_only" and not {board.id, board.kind} & set(mark.args):
            reason = mark.kwargs.get("reason")
            return f"not for {board.id}: only for {', '.join(mark.args)}" + (f" ({reason})" if reason else "")
    return ""


def _said(markers: Sequence[pytest.Mark]) -> dict[str, Any]:
    """What the markers ``edgeq`` say, the nearest over those around it."""
    found: dict[str, Any] = {}
    for mark in reversed([mark for mark in markers if mark.name == "edgeq"]):
        found |= mark.kwargs
        if mark.args:
            found["models"] = mark.args
    return found


def _boards(
    config: pytest.Config, marked: Sequence[str] | str, settings: Settings, entries: Sequence[Entry]
) -> list[str]:
    typed: list[str] = config.getoption("--edgeq-board")
    marked = [marked] if isinstance(marked, str) else list(marked)
    if typed or marked or config.getini("edgeq_boards"):
        return list(dict.fromkeys(typed or marked or config.getini("edgeq_boards")))
    if config.getoption("--edgeq-hwmap") is not None:
        return list(_of_map(entries))
    return [settings.board] if settings.board is not None else []


def _of_map(entries: Sequence[Entry]) -> Iterator[str]:
    """The boards of the catalogue that a map has connected.

    Raises:
        UsageError: a connected device is a board that is not in the catalogue.
    """
    from edgeq.boards import list_boards

    known = list_boards()
    connected = [one for one in entries if one.connected and one.has_platform]
    for platform in dict.fromkeys(one.platform for one in connected):
        found = next((board.id for board in known if platform in (board.id, board.zephyr)), None)
        if found is None:
            raise UsageError(
                f"the hardware map has {platform} connected, and there is no such board",
                "name it as `edgeq boards list` does, or set connected: false",
            )
        yield found


def _models(config: pytest.Config, marked: Sequence[str | Path]) -> Iterator[Path]:
    typed = config.getoption("--edgeq-model")
    if typed:
        yield from (config.invocation_params.dir / one for one in typed)
        return
    for one in marked or config.getini("edgeq_models"):
        yield config.rootpath / one


def settings_of(config: pytest.Config) -> Settings:
    """Of edgeq.toml in the root folder, and pytest's options over it."""
    if _SETTINGS not in config.stash:
        config.stash[_SETTINGS] = load_settings(config.rootpath)
    settings = config.stash[_SETTINGS]
    flags: dict[str, Any] = {name: config.getoption(f"--edgeq-{name}") for name in ("sim", "port", "place")}
    if config.getoption("--edgeq-hwmap") is not None:
        flags["hardware_map"] = config.invocation_params.dir / config.getoption("--edgeq-hwmap")
    return settings.override(**flags)


def map_of(config: pytest.Config, settings: Settings) -> tuple[Entry, ...]:
    """The entries of the hardware map; none where there is no map."""
    path = settings.hardware_map
    if _ENTRIES not in config.stash:
        config.stash[_ENTRIES] = () if path is None else tuple(read_map(path))
    return config.stash[_ENTRIES]


def _one(config: pytest.Config, cell: TestCell) -> TestCell:
    """The same cell is one value: pytest sets up a fixture anew for another."""
    plain = (str, int, float, bool, type(None), tuple)
    said = ((name, one if isinstance(one, plain) else id(one)) for name, one in cell.options.items())
    key = (cell.name, cell.model, cell.skipped, tuple(sorted(said)))
    return config.stash.setdefault(_CELLS, {}).setdefault(key, cell)
