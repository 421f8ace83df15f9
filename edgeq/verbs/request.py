"""What the verbs are told, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from edgeq.backends.project.budget import Budget
from edgeq.backends.project.console import Console
from edgeq.judge.evaluation import EvaluationData
from edgeq.judge.report import Thresholds
from edgeq.targets import Place
from edgeq.targets.coral import Destination
from edgeq.verbs.calibration import Calibration

if TYPE_CHECKING:
    from edgeq.backends.project.forms import Form
    from edgeq.boards import Board
    from edgeq.builder.tflm import Kernels
    from edgeq.converter.sources import Environments
    from edgeq.edgetpu.compiler import Options
    from edgeq.judge.baseline import Comparison

Toolchain = Literal["auto", "zig", "gcc"]


@dataclass(frozen=True)
class TflmChoice:
    """What a user says about TensorFlow Lite Micro.

    Attributes:
        folder: where it is; None where nobody said.
        kernels: which kernels; None for the fastest that there is a library of.
        ops: a header that registers custom operators; None for none.
    """

    folder: Path | None = None
    kernels: Kernels | None = None
    ops: Path | None = None


@dataclass(frozen=True)
class EdgeTpuChoice:
    """What a user says about an Edge TPU.

    Attributes:
        destination: the machine beside it.
        device: which device there, as the delegate names them; empty for any.
        cpu: leave the Edge TPU out, and run the uncompiled model on the host's CPU.
        compiler: the argument list that starts the compiler; None for ``edgetpu_compiler`` on PATH.
        options: what the compiler is asked for; None for the newest runtime that the host has.
        min_mapped: share of the operators that has to be mapped, 0..1.
        cut: cut the model before the first operator that would not map.
    """

    destination: Destination = field(default_factory=Destination)
    device: str = ""
    cpu: bool = False
    compiler: tuple[str, ...] | None = None
    options: Options | None = None
    min_mapped: float | None = None
    cut: bool = False


@dataclass(frozen=True)
class BaselineFile:
    """The baseline that a user names.

    Attributes:
        path: the file.
        tolerance: by which share a figure may be worse.
        update: whether the figures of this run are accepted.
    """

    path: Path
    tolerance: float
    update: bool = False


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
        force: replace an earlier folder of edgeq's, and keep what is the user's in it.
        toolchain: which compiler builds firmware.
        place: where firmware runs.
        tflm, edgetpu: what is said about these.
        golden: whether firmware replays a golden vector at boot.
        console: what firmware speaks, and as whom.
        budget: what is wanted of edgeq's own runtime, and left of the board to the application.
        environments: which Pythons have the frameworks of sources; None for what the environment says.
        comparison: the figures that were accepted last; None where none are asked for.
        signature: which of several models in one file; None for the only one.
        given: the options that this call gives, by name: those that say nothing on the board are refused,
            while settings may stand for other boards.
        command: the command line, for the report; empty from Python.
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
    golden: bool = True
    console: Console = field(default_factory=Console)
    budget: Budget = field(default_factory=Budget)
    environments: Environments | None = None
    comparison: Comparison | None = None
    signature: str | None = None
    given: frozenset[str] = frozenset()
    command: str = ""

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
        evaluation, thresholds, place, edgetpu, given, command: as for :class:`DeployRequest`.
        resume: take the answers that a run which was cut short has kept.
    """

    path: Path
    board: Board | None = None
    build_dir: str = "build"
    evaluation: EvaluationData = field(default_factory=EvaluationData)
    thresholds: Thresholds = field(default_factory=Thresholds)
    place: Place = field(default_factory=Place)
    edgetpu: EdgeTpuChoice = field(default_factory=EdgeTpuChoice)
    given: frozenset[str] = frozenset()
    resume: bool = False
    command: str = ""


@dataclass(frozen=True)
class GenerateRequest:
    """Everything that ``generate`` is told of a project.

    Attributes:
        model: an integer model's file, or its bytes.
        board: for which board.
        out: the folder; None for ``<model>-<board>-project`` in the working folder.
        runtime: what is to run it, by name; None for the board's usual one.
        tflm: which TensorFlow Lite Micro.
        golden: whether firmware replays a golden vector at boot.
        console: what firmware speaks, and as whom.
        budget: what is wanted of edgeq's own runtime, and left of the board to the application.
        explain: tell which kernels each layer could have.
        force: replace an earlier folder of edgeq's, and keep what is the user's in it.
        signature: which of several models in one file; None for the only one.
    """

    model: Path | bytes
    board: Board
    out: Path | None = None
    runtime: str | None = None
    tflm: TflmChoice = field(default_factory=TflmChoice)
    golden: bool = True
    console: Console = field(default_factory=Console)
    budget: Budget = field(default_factory=Budget)
    explain: bool = False
    force: bool = False
    signature: str | None = None

    @property
    def model_name(self) -> str:
        """How hints call the model's file."""
        return str(self.model) if isinstance(self.model, Path) else "MODEL"


@dataclass(frozen=True)
class LibraryRequest:
    """Everything that ``generate`` is told of C for another build system.

    Attributes:
        model: an integer model's file, or its bytes.
        form: the layout.
        board: for whose core and memory; None for plain C, whatever the core.
        out: the folder; None for ``<model>-<form>`` in the working folder.
        budget: what is wanted of the network, and left of the board to the application.
        force: replace an earlier folder of edgeq's, and keep what is the user's in it.
        signature: as for :class:`GenerateRequest`.
    """

    model: Path | bytes
    form: Form
    board: Board | None
    out: Path | None = None
    budget: Budget = field(default_factory=Budget)
    force: bool = False
    signature: str | None = None


@dataclass(frozen=True)
class ArrayRequest:
    """Everything that ``generate`` is told of a C array.

    Attributes:
        model: an integer model's file, or its bytes.
        out: the folder; None for ``<model>-carray`` in the working folder.
        runtime: for which the model is checked; None for the usual one.
        language: C or C++.
        golden: add an inference of the runtime's oracle.
        force: replace an earlier folder of edgeq's, and keep what is the user's in it.
        signature: as for :class:`GenerateRequest`.
    """

    model: Path | bytes
    out: Path | None = None
    runtime: str | None = None
    language: Literal["c", "cc"] = "c"
    golden: bool = False
    force: bool = False
    signature: str | None = None
