"""From settings to what verbs are told: one way for the command line and for Python."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from edgeq.backends.project.budget import Budget
from edgeq.backends.project.console import Console, Link
from edgeq.base.errors import UsageError
from edgeq.judge.evaluation import EvaluationData
from edgeq.judge.report import Thresholds
from edgeq.targets import Place
from edgeq.targets.coral import Destination, parse_destination
from edgeq.targets.farm import Farm, parse_farm
from edgeq.verbs.calibration import Calibration
from edgeq.verbs.options import LIMITS
from edgeq.verbs.request import BaselineFile, DeployRequest, EdgeTpuChoice, RunRequest, TflmChoice
from edgeq.verbs.runtimes import parse_runtimes

if TYPE_CHECKING:
    from edgeq.boards import Board
    from edgeq.converter.sources import Environments
    from edgeq.data import Samples
    from edgeq.verbs.compile_parts import MeasuredOn
    from edgeq.verbs.settings import Settings


def deploy_request(
    model: Path | bytes,
    settings: Settings,
    board: Board,
    calibration: Calibration,
    *,
    given: Collection[str] = (),
    data: Samples | None = None,
    cpu: bool = False,
    cut: bool = False,
    flash: bool = True,
    force: bool = False,
    signature: str | None = None,
    command: str = "",
) -> DeployRequest:
    """What ``deploy`` is told, by settings.

    Args:
        board: the one that ``settings.board`` names.
        given: see :class:`DeployRequest`.
        data: in the place of ``settings.data``.
        signature: which of several models in one file.
        command: the command line, for the report.

    Raises:
        UsageError: settings that are not what they should be.
    """
    return DeployRequest(
        model=model,
        board=(spoken := console(settings)).on(board),
        out=settings.out,
        calibration=calibration,
        evaluation=evaluation_data(settings, data),
        thresholds=thresholds(settings),
        runtimes=() if settings.runtime is None else parse_runtimes(settings.runtime),
        force=force,
        toolchain=settings.toolchain,
        place=place(settings, flash=flash),
        tflm=tflm_choice(settings),
        golden=settings.golden is not False,
        console=spoken,
        budget=budget(settings),
        edgetpu=edgetpu_choice(settings, cpu=cpu, cut=cut),
        environments=environments(settings),
        signature=signature,
        command=command,
        given=frozenset(given),
    )


def run_request(
    path: Path,
    settings: Settings,
    board: Board | None,
    *,
    given: Collection[str] = (),
    build_dir: str = "build",
    data: Samples | None = None,
    cpu: bool = False,
    flash: bool = True,
    resume: bool = False,
    command: str = "",
) -> RunRequest:
    """What ``run`` is told, by settings; as :func:`deploy_request`."""
    return RunRequest(
        path=path,
        board=board,
        build_dir=build_dir,
        evaluation=evaluation_data(settings, data),
        thresholds=thresholds(settings),
        place=place(settings, flash=flash),
        edgetpu=edgetpu_choice(settings, cpu=cpu),
        given=frozenset(given),
        resume=resume,
        command=command,
    )


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


def place(settings: Settings, *, flash: bool = True) -> Place:
    """Where firmware is to run: a simulation has no device."""
    return Place(
        port=settings.port,
        simulator=settings.sim,
        device=None if settings.sim is not None else settings.device,
        flash=flash,
        hardware_map=settings.hardware_map,
        farm=farm(settings),
    )


def farm(settings: Settings) -> Farm | None:
    """The place behind labgrid; None where nobody asks for one, or for a port or simulator, too.

    Raises:
        UsageError: it is no place.
    """
    if settings.place is None or settings.port is not None or settings.sim is not None:
        return None
    name, tags = parse_farm(settings.place)
    return Farm(
        name,
        tags,
        settings.labgrid_python,
        settings.labgrid_coordinator,
        settings.labgrid_config,
        settings.labgrid_wait,
    )


def destination(settings: Settings) -> Destination:
    """The machine beside an Edge TPU, by what stands after the board's ``@``.

    Raises:
        UsageError: it is no host.
    """
    from edgeq.boards import split_board

    address = split_board(settings.board or "")[1]
    return parse_destination(
        address, python=settings.edgetpu_python or "", ssh=settings.edgetpu_ssh or ("ssh",)
    )


def edgetpu_choice(settings: Settings, *, cpu: bool = False, cut: bool = False) -> EdgeTpuChoice:
    """What is said about an Edge TPU.

    Raises:
        UsageError: its host is none.
    """
    from edgeq.edgetpu.compiler import Options

    version = settings.min_runtime_version
    return EdgeTpuChoice(
        destination=destination(settings),
        device=settings.edgetpu_device or "",
        cpu=cpu,
        cut=cut,
        compiler=settings.edgetpu_compiler,
        options=None if version is None else Options(version),
        min_mapped=settings.min_mapped,
    )


def console(settings: Settings, link: Link = "full") -> Console:
    """What firmware speaks. Raises UsageError when the name is none."""
    return Console(link, settings.runner_name, settings.baud)


def measured_on(settings: Settings, board: str | None) -> MeasuredOn | None:
    """Where the parts of a model are timed; None where nobody says.

    Raises:
        UsageError: it is not an Edge TPU.
    """
    from edgeq.verbs.compile_parts import MeasuredOn

    if board is None:
        return None
    if not board_of(board).is_accelerator:
        raise UsageError(
            f"{board} is no Edge TPU, and parts for one are timed", "give coral, or coral@user@host"
        )
    return MeasuredOn(destination(settings.override(board=board)), settings.edgetpu_device or "")


def tflm_choice(settings: Settings) -> TflmChoice:
    """Which TensorFlow Lite Micro."""
    kernels = settings.kernels
    return TflmChoice(settings.tflm_dir, None if kernels == "auto" else kernels, settings.tflm_ops)


def custom_ops(settings: Settings) -> tuple[str, ...]:
    """The custom operators that the user brings to TensorFlow Lite Micro, by name.

    Raises:
        UsageError: the header is none.
    """
    from edgeq.backends.tflm.custom import read_custom_ops

    return tuple(read_custom_ops(settings.tflm_ops).registrations)


def budget(settings: Settings) -> Budget:
    """What is wanted of a network, and what of the board is the application's."""
    return Budget(settings.optimize, settings.reserve_ram, settings.reserve_flash, settings.input)


def environments(settings: Settings) -> Environments:
    """The Pythons that have the frameworks of sources."""
    from edgeq.converter.sources import Environments

    return Environments(
        settings.sources_tensorflow,
        settings.sources_onnx,
        settings.sources_torch,
        settings.sources_timeout,
    )


def calibration(settings: Settings, data: Samples | None = None, *, random: bool = False) -> Calibration:
    """How a float model is calibrated: random numbers are in the place of what settings name.

    Args:
        data: in the place of ``settings.calibration``.
    """
    return Calibration(
        data=data if data is not None or random else settings.calibration,
        random=random,
        normalize=settings.normalize,
        io=settings.io,
        form=settings.integers,
        mode=settings.mode,
        calibrator=settings.calibrator,
        preprocessing=settings.preprocessing,
    )


def evaluation_data(settings: Settings, data: Samples | None = None) -> EvaluationData:
    """What the device is judged on."""
    return EvaluationData(
        data=data if data is not None else settings.data,
        normalize=settings.normalize,
        limit=settings.limit,
        labels=settings.labels,
        task=settings.task,
        output=settings.output,
        samples=settings.samples,
        seed=settings.seed,
        stateful=bool(settings.stateful),
    )


def thresholds(settings: Settings) -> Thresholds:
    """What the verdict asks."""
    return Thresholds(**{limit.name: getattr(settings, limit.name) for limit in LIMITS})


def baseline_file(settings: Settings, *, update: bool = False) -> BaselineFile | None:
    """The baseline that settings name; None where they name none."""
    path = settings.baseline
    return None if path is None else BaselineFile(path, settings.tolerance, update)


def one_runtime(settings: Settings) -> str | None:
    """The runtime that a verb for one is for; None where nobody named one.

    Raises:
        UsageError: several are named, or one that is none.
    """
    if settings.runtime is None:
        return None
    return the_one(parse_runtimes(settings.runtime))


def the_one(wanted: Sequence[str]) -> str:
    """The one runtime of several names.

    Raises:
        UsageError: there are several.
    """
    if len(wanted) > 1:
        raise UsageError(
            f"{len(wanted)} runtimes are named ({','.join(wanted)}), and this verb is for one",
            "give one --runtime; edgeq deploy compares several",
        )
    return wanted[0]
