"""From a verb's flags to settings, and from settings to what the stages take."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from edgeq.base.errors import UsageError
from edgeq.verbs.options import LIMITS, SETTINGS, options_of

if TYPE_CHECKING:
    from pathlib import Path

    from edgeq.base.progress import Progress
    from edgeq.boards import Board
    from edgeq.converter import InputStats
    from edgeq.converter.sources import Environments, Loaded
    from edgeq.judge.report import Thresholds
    from edgeq.judge.trial import Trial
    from edgeq.targets import Place
    from edgeq.verbs.convert import Calibration
    from edgeq.verbs.options.option import Option
    from edgeq.verbs.runtimes import TflmChoice
    from edgeq.verbs.settings import Settings


def settings_from(flags: Mapping[str, Any]) -> Settings:
    """The settings of the working folder, with a verb's flags on top.

    Args:
        flags: by parameter name; None where not given. Names that are no setting are left alone.
    """
    from edgeq.verbs.settings import load_settings

    return load_settings(flags={name: flags[name] for name in flags.keys() & SETTINGS.keys()})


def refuse_ignored(verb: str, given: Collection[str], params: Mapping[str, Any]) -> None:
    """Refuse what the user typed and the verb would not use.

    Args:
        given: the names of what was typed.
        params: the values of all options and arguments, by name.

    Raises:
        UsageError: an option stands without what it needs, or beside what excludes it.
    """
    rows = {row.name: row for row in options_of(verb)}
    asked = [row for row in rows.values() if row.name in given and (row.needs or row.excludes)]
    if not asked:
        return
    settled = [name for name, row in rows.items() if row.key]
    settings = settings_from({name: params[name] for name in settled})
    values = {**params, **{name: getattr(settings, name) for name in settled}}

    def holds(condition: str) -> bool:
        name, _, wanted = condition.partition("=")
        return wanted in str(values[name]).split(",") if wanted else values[name] not in (None, (), "")

    for row in asked:
        needs = [one for one in row.needs if one.partition("=")[0] in params]
        if needs and not any(map(holds, needs)):
            wanted = " or ".join(_spelt(one, rows) for one in needs)
            raise UsageError(
                f"{row.spelling} goes with {wanted}", f"give {wanted}, or leave {row.spelling} out"
            )
        for one in row.excludes:
            if one.partition("=")[0] in params and holds(one):
                where = "" if one.partition("=")[0] in given else ", which the settings give"
                raise UsageError(
                    f"{row.spelling} does not go with {_spelt(one, rows)}{where}",
                    f"leave {row.spelling} out" if where else "leave one of them out",
                )


def _spelt(condition: str, rows: Mapping[str, Option]) -> str:
    """``form=carray`` as the user writes it: ``--format carray``; an argument in capitals."""
    name, _, wanted = condition.partition("=")
    spelling = rows[name].spelling if name in rows else name.upper()
    return f"{spelling} {wanted}".rstrip()


def required_board(settings: Settings) -> Board:
    """The board that was asked for.

    Raises:
        UsageError: nobody named one.
        BoardError: there is no such board.
    """
    from edgeq.boards import list_boards

    if settings.board is None:
        known = ", ".join(board.id for board in list_boards())
        raise UsageError(
            "no board is given",
            f"give --board ID, or set EDGEQ_BOARD, or `board` in edgeq.toml; boards: {known}",
        )
    return board_of(settings.board)


def board_of(text: str) -> Board:
    """The board that ``--board`` names; only an accelerator may be on another machine (``coral@user@host``).

    Raises:
        UsageError: another board on another machine.
        BoardError: there is no such board.
    """
    from edgeq.boards import load_board, split_board

    name, destination = split_board(text)
    board = load_board(name)
    if destination and not board.is_accelerator:
        raise UsageError(
            f"{board.id} is not reached over SSH ({text})", f"write --board {board.id}; --port names a device"
        )
    return board


def calibration(settings: Settings, flags: Mapping[str, Any]) -> Calibration:
    """How a float model is calibrated: ``--random-calibration`` wins over a file's data, not a flag's."""
    from edgeq.verbs.convert import Calibration

    random = bool(flags["random_calibration"])
    return Calibration(
        data=flags["calibration"] if random else settings.calibration,
        random=random,
        normalize=settings.normalize,
        io=settings.io,
        mode=settings.mode,
        calibrator=settings.calibrator,
        rewrite=bool(flags.get("rewrite")),
        input_stats=_input_stats(flags.get("input_stats") or ()),
        default_ranges=_default_ranges(flags.get("default_ranges")),
    )


def _input_stats(given: Sequence[str]) -> InputStats | None:
    """``MEAN,STD`` and ``NAME=MEAN,STD`` as (mean, std) by input name, ``""`` for all that are not named.

    Raises:
        UsageError: not two finite numbers, or twice for the same input.
    """
    found: dict[str, tuple[float, float]] = {}
    for text in given:
        name, _, pair = text.rpartition("=")
        if name in found:
            raise UsageError(f"--input-stats is there twice for {name or 'all inputs'}", "leave one out")
        found[name] = _pair("--input-stats", pair)
    return found or None


def _default_ranges(text: str | None) -> tuple[float, float] | None:
    """``MIN,MAX`` as numbers.

    Raises:
        UsageError: not two finite numbers in order around 0.
    """
    if text is None:
        return None
    low, high = _pair("--default-ranges", text)
    if not (low <= 0 <= high and low < high):
        raise UsageError(f"--default-ranges: {text!r} is no range around 0", "write it as -6,6")
    return low, high


def _pair(option: str, text: str) -> tuple[float, float]:
    try:
        first, second = (float(part) for part in text.split(","))
    except ValueError:
        raise UsageError(f"{option}: {text!r} is not two numbers", "write them as 127.5,127.5") from None
    if not (math.isfinite(first) and math.isfinite(second)):
        raise UsageError(f"{option}: {text!r} is not finite", "write two finite numbers")
    return first, second


def environments(settings: Settings) -> Environments:
    """The Pythons that have the frameworks, by the settings."""
    from edgeq.converter.sources import Environments

    return Environments(
        settings.sources_tensorflow,
        settings.sources_onnx,
        settings.sources_torch,
        settings.sources_timeout,
    )


def open_model(model: Path, settings: Settings, progress: Progress) -> Loaded:
    """A .tflite file, or what a framework makes of another source.

    Raises:
        ModelError: it cannot be read or converted.
        ToolMissingError: the framework for it is not there.
    """
    from edgeq.converter.sources import load_source

    return load_source(model, environments(settings), progress)


def place(settings: Settings, flags: Mapping[str, Any], board: Board) -> Place:
    """Where the firmware is to run.

    Args:
        flags: the command line's own: what chooses or flashes a device is refused where there is none.

    Raises:
        UsageError: a device is named for what is simulated, or never flashed.
    """
    from edgeq.targets import Place

    simulated = settings.sim is not None
    for option, given in (("--device", flags.get("device")), ("--no-flash", flags.get("no_flash"))):
        if given and (simulated or not board.flashing):
            how = f"runs in {settings.sim}" if simulated else "is never flashed"
            raise UsageError(
                f"{option} is for boards of hardware, and {board.id} {how}", f"leave {option} out"
            )
    return Place(
        port=settings.port,
        simulator=settings.sim,
        device=None if simulated else settings.device,
        flash=not flags.get("no_flash"),
        hardware_map=settings.hardware_map,
    )


def trial(settings: Settings) -> Trial:
    """What the device is judged on, by the settings."""
    from edgeq.judge.trial import Trial

    return Trial(
        data=settings.data,
        normalize=settings.normalize,
        limit=settings.limit,
        samples=settings.samples,
        seed=settings.seed,
    )


def thresholds(settings: Settings) -> Thresholds:
    """What the verdict asks, by the settings."""
    from edgeq.judge.report import Thresholds

    return Thresholds(**{limit.name: getattr(settings, limit.name) for limit in LIMITS})


def tflm_choice(settings: Settings) -> TflmChoice:
    """Which TensorFlow Lite Micro, by the settings."""
    from edgeq.verbs.runtimes import TflmChoice

    kernels = settings.kernels
    return TflmChoice(folder=settings.tflm_dir, kernels=None if kernels == "auto" else kernels)


def one_runtime(settings: Settings) -> str:
    """The one runtime that a verb is for.

    Raises:
        UsageError: several are named.
    """
    from edgeq.verbs.settings import parse_runtimes

    names = parse_runtimes(settings.runtime or "aot")
    if len(names) > 1:
        raise UsageError(
            f"{len(names)} runtimes are named ({settings.runtime}), and this verb is for one",
            "give one --runtime; edgeq deploy compares several",
        )
    return names[0]
