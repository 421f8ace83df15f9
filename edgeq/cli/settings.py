"""From a verb's flags to settings, and from settings to what the stages take."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from edgeq.base.errors import UsageError

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
    from edgeq.verbs.runtimes import TflmChoice
    from edgeq.verbs.settings import Settings


def settings_from(flags: Mapping[str, Any]) -> Settings:
    """The settings of the working folder, with a verb's flags on top.

    Args:
        flags: by parameter name; None where not given. Names that are no setting are left alone.
    """
    from edgeq.verbs.settings import FLAG_NAMES, load_settings, parse_normalize, parse_share

    given = {name: value for name, value in flags.items() if name in FLAG_NAMES and value is not None}
    for name in ("min_accuracy", "max_accuracy_drop", "min_mapped"):
        if name in given:
            given[name] = parse_share(given[name], "--" + name.replace("_", "-"))
    if {"port", "sim"} <= given.keys():
        raise UsageError(
            f"--sim {given['sim']} asks for a simulation, and --port {given['port']} for a device",
            "leave one of them out",
        )
    if "normalize" in given:
        given["normalize"] = parse_normalize(given["normalize"])
    return load_settings().override(**given)


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
        io=settings.io or "int8",
        mode=settings.mode or "auto",
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
    from edgeq.converter.sources.environments import DEFAULT_TIMEOUT

    return Environments(
        settings.sources_tensorflow,
        settings.sources_onnx,
        settings.sources_torch,
        DEFAULT_TIMEOUT if settings.sources_timeout is None else settings.sources_timeout,
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
    from edgeq.judge.trial import DEFAULT_SAMPLES, Trial

    return Trial(
        data=settings.data,
        normalize=settings.normalize,
        limit=settings.limit,
        samples=DEFAULT_SAMPLES if settings.samples is None else settings.samples,
        seed=settings.seed or 0,
    )


def thresholds(settings: Settings) -> Thresholds:
    """What the verdict asks, by the settings."""
    from edgeq.judge.report import Thresholds

    return Thresholds(
        min_accuracy=settings.min_accuracy,
        max_accuracy_drop=settings.max_accuracy_drop,
        max_instructions=settings.max_instructions,
        max_latency=settings.max_latency,
        require_exact=bool(settings.require_exact),
    )


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
