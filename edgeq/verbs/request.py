"""What the verbs are told, as values; made from settings in one way for the command line and for Python."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from edgeq.base.errors import UsageError
from edgeq.judge.evaluation import EvaluationData
from edgeq.judge.report import Thresholds
from edgeq.targets import Place
from edgeq.targets.coral import Place as CoralHost
from edgeq.targets.coral import parse_place
from edgeq.verbs.convert import Calibration
from edgeq.verbs.options import LIMITS
from edgeq.verbs.runtimes import parse_runtimes

if TYPE_CHECKING:
    from edgeq.boards import Board
    from edgeq.builder.tflm import Kernels
    from edgeq.converter.sources import Environments
    from edgeq.data import Samples
    from edgeq.edgetpu.compiler import Options
    from edgeq.verbs.settings import Settings

Toolchain = Literal["auto", "zig", "gcc"]


@dataclass(frozen=True)
class TflmChoice:
    """What a user says about TensorFlow Lite Micro.

    Attributes:
        folder: where it is; None where nobody said.
        kernels: which kernels; None for the fastest that there is a library of.
    """

    folder: Path | None = None
    kernels: Kernels | None = None


@dataclass(frozen=True)
class EdgeTpuChoice:
    """What a user says about an Edge TPU.

    Attributes:
        host: the machine beside it.
        device: which device there, as the delegate names them; empty for any.
        cpu: leave the Edge TPU out, and run the uncompiled model on the host's CPU.
        compiler: the argument list that starts the compiler; None for ``edgetpu_compiler`` on PATH.
        options: what the compiler is asked for; None for the newest runtime that the host has.
        min_mapped: share of the operators that has to be mapped, 0..1.
    """

    host: CoralHost = field(default_factory=CoralHost)
    device: str = ""
    cpu: bool = False
    compiler: tuple[str, ...] | None = None
    options: Options | None = None
    min_mapped: float | None = None


@dataclass(frozen=True)
class DeployRequest:
    """Everything that ``deploy`` is told.

    Attributes:
        model: a .tflite file's bytes, or the path of any source (docs/sources.md).
        board: for which board.
        out: the output folder; None for ``<model>-<board>`` in the working folder.
        calibration: how a float model becomes an integer one.
        evaluation: what the device is judged on.
        thresholds: what the verdict asks.
        runtimes: what runs the model, by name; several side by side; none for the board's usual one.
        force: replace an earlier output folder of edgeq's.
        toolchain: which compiler builds firmware.
        place: where firmware runs.
        tflm, edgetpu: what is said about these.
        environments: which Pythons have the frameworks of sources; None for what the environment says.
        given: the options that this call gives, by name: those that say nothing on the board are refused,
            while settings may stand for other boards.
    """

    model: Path | bytes
    board: Board
    out: Path | None = None
    calibration: Calibration = field(default_factory=Calibration)
    evaluation: EvaluationData = field(default_factory=EvaluationData)
    thresholds: Thresholds = field(default_factory=Thresholds)
    runtimes: tuple[str, ...] = ()
    force: bool = False
    toolchain: Toolchain = "auto"
    place: Place = field(default_factory=Place)
    tflm: TflmChoice = field(default_factory=TflmChoice)
    edgetpu: EdgeTpuChoice = field(default_factory=EdgeTpuChoice)
    environments: Environments | None = None
    given: frozenset[str] = frozenset()

    @property
    def model_name(self) -> str:
        """How hints call the model's file."""
        return str(self.model) if isinstance(self.model, Path) else "MODEL"


@dataclass(frozen=True)
class RunRequest:
    """Everything that ``run`` is told.

    Attributes:
        path: a project, an output folder of ``deploy``, or a compiled model.
        board: where to run; None for the board that the project was made for.
        build_dir: where in the project the firmware was built.
        evaluation, thresholds, place, edgetpu, given: as for :class:`DeployRequest`.
    """

    path: Path
    board: Board | None = None
    build_dir: str = "build"
    evaluation: EvaluationData = field(default_factory=EvaluationData)
    thresholds: Thresholds = field(default_factory=Thresholds)
    place: Place = field(default_factory=Place)
    edgetpu: EdgeTpuChoice = field(default_factory=EdgeTpuChoice)
    given: frozenset[str] = frozenset()


@dataclass(frozen=True)
class GenerateRequest:
    """Everything that ``generate`` is told of a project.

    Attributes:
        model: an integer model's file, or its bytes.
        board: for which board.
        out: the folder; None for ``<model>-<board>-project`` in the working folder.
        runtime: what is to run it, by name; None for the board's usual one.
        tflm: which TensorFlow Lite Micro.
        force: replace an earlier folder of edgeq's.
    """

    model: Path | bytes
    board: Board
    out: Path | None = None
    runtime: str | None = None
    tflm: TflmChoice = field(default_factory=TflmChoice)
    force: bool = False

    @property
    def model_name(self) -> str:
        """How hints call the model's file."""
        return str(self.model) if isinstance(self.model, Path) else "MODEL"


@dataclass(frozen=True)
class ArrayRequest:
    """Everything that ``generate`` is told of a C array.

    Attributes:
        model: an integer model's file, or its bytes.
        out: the folder; None for ``<model>-carray`` in the working folder.
        runtime: for which the model is checked; None for the usual one.
        language: C or C++.
        golden: add an inference of the runtime's oracle.
        force: replace an earlier folder of edgeq's.
    """

    model: Path | bytes
    out: Path | None = None
    runtime: str | None = None
    language: Literal["c", "cc"] = "c"
    golden: bool = False
    force: bool = False


def deploy_request(
    model: Path | bytes,
    settings: Settings,
    board: Board,
    calibration: Calibration,
    *,
    given: Collection[str] = (),
    data: Samples | None = None,
    cpu: bool = False,
    flash: bool = True,
    force: bool = False,
) -> DeployRequest:
    """What ``deploy`` is told, by settings.

    Args:
        board: the one that ``settings.board`` names.
        given: see :class:`DeployRequest`.
        data: in the place of ``settings.data``.

    Raises:
        UsageError: settings that are not what they should be.
    """
    return DeployRequest(
        model=model,
        board=board,
        out=settings.out,
        calibration=calibration,
        evaluation=evaluation_data(settings, data),
        thresholds=thresholds(settings),
        runtimes=() if settings.runtime is None else parse_runtimes(settings.runtime),
        force=force,
        toolchain=settings.toolchain,
        place=place(settings, flash=flash),
        tflm=tflm_choice(settings),
        edgetpu=edgetpu_choice(settings, cpu=cpu),
        environments=environments(settings),
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
    )


def coral_host(settings: Settings) -> CoralHost:
    """The machine beside an Edge TPU, by what stands after the board's ``@``.

    Raises:
        UsageError: it is no host.
    """
    from edgeq.boards import split_board

    destination = split_board(settings.board or "")[1]
    return parse_place(
        destination, python=settings.edgetpu_python or "", ssh=settings.edgetpu_ssh or ("ssh",)
    )


def edgetpu_choice(settings: Settings, *, cpu: bool = False) -> EdgeTpuChoice:
    """What is said about an Edge TPU.

    Raises:
        UsageError: its host is none.
    """
    from edgeq.edgetpu.compiler import Options

    version = settings.min_runtime_version
    return EdgeTpuChoice(
        host=coral_host(settings),
        device=settings.edgetpu_device or "",
        cpu=cpu,
        compiler=settings.edgetpu_compiler,
        options=None if version is None else Options(version),
        min_mapped=settings.min_mapped,
    )


def tflm_choice(settings: Settings) -> TflmChoice:
    """Which TensorFlow Lite Micro."""
    kernels = settings.kernels
    return TflmChoice(folder=settings.tflm_dir, kernels=None if kernels == "auto" else kernels)


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
        mode=settings.mode,
        calibrator=settings.calibrator,
    )


def evaluation_data(settings: Settings, data: Samples | None = None) -> EvaluationData:
    """What the device is judged on."""
    return EvaluationData(
        data=data if data is not None else settings.data,
        normalize=settings.normalize,
        limit=settings.limit,
        samples=settings.samples,
        seed=settings.seed,
    )


def thresholds(settings: Settings) -> Thresholds:
    """What the verdict asks."""
    return Thresholds(**{limit.name: getattr(settings, limit.name) for limit in LIMITS})


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
