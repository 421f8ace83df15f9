"""What runtimes inside firmware share: the strict check, a project, a build, an image on a target."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from edgeq.base.errors import ModelError, ToolMissingError, UsageError
from edgeq.base.folders import holding
from edgeq.base.hints import command
from edgeq.graph import load_model, model_hash
from edgeq.verbs.folders import PROJECT, SERIAL_LOG, find_project, model_file
from edgeq.verbs.manifests import name_in, preprocessing_in, read_manifest
from edgeq.verbs.options import only_for
from edgeq.verbs.runtimes.runtime import Accepted, Artefacts, Outcome, Runnable, Runtime
from edgeq.verbs.sources import load_tflite

if TYPE_CHECKING:
    from edgeq.backends.project.golden import GoldenVector
    from edgeq.backends.project.project import Project
    from edgeq.base.progress import Progress
    from edgeq.boards import Board
    from edgeq.builder import Image
    from edgeq.checker import Checked, Finding
    from edgeq.data import Dataset
    from edgeq.features.preprocessing import Steps
    from edgeq.graph import Graph
    from edgeq.judge.float_model import FloatAnswers
    from edgeq.judge.report import Thresholds
    from edgeq.targets import Place
    from edgeq.verbs.calibration import Quantized
    from edgeq.verbs.request import DeployRequest, GenerateRequest, RunRequest
    from edgeq.verbs.runtimes.session import Session

_CHECKED = "integers alone, static shapes, operators"
MODEL_FILE = "model.tflite"
"""The model in a project, which the oracle runs."""


class FirmwareRuntime(Runtime):
    """A runtime that becomes part of a firmware image."""

    own_options: ClassVar[tuple[str, ...]] = only_for("firmware")
    own_options_told: ClassVar[str] = "is for boards with firmware, and {board} has none"

    @abstractmethod
    def project(
        self,
        checked: Checked,
        request: DeployRequest | GenerateRequest,
        golden: GoldenVector | None,
        progress: Progress,
    ) -> Project:
        """The project of a model for a board.

        Args:
            request: which board, and what is wanted.
            golden: what the firmware replays at boot.

        Raises:
            EdgeqError: as the runtime's backend says.
        """

    def custom(self, request: GenerateRequest) -> tuple[str, ...]:  # for those that take some
        """The custom operators that the user brings."""
        return ()

    def serves(self, board: Board) -> bool:
        """Every board whose firmware edgeq builds."""
        return not board.is_accelerator and board.sdk is None

    def refuse(self, request: DeployRequest) -> None:
        """Refuse a place where the board's firmware cannot be."""
        refuse_place(request, request.board)

    def check(self, request: DeployRequest, quantized: Quantized, progress: Progress) -> Accepted:
        """Strict int8, for the runtime's own operators."""
        graph = quantized.graph
        checked = check_int8(quantized.model, graph.name, self.name, progress, graph.preprocessing)
        return _Checked(self, checked, request)

    def open(self, request: RunRequest, progress: Progress) -> Runnable:
        """The image that was built in a project, whichever runtime the project is made around."""
        image = image_of(request)
        path = image.project / MODEL_FILE
        model, graph = load_model(path)
        if model_hash(model) != image.model_sha256:
            raise UsageError(
                f"{path} is not the model that the firmware was built from",
                f"generate and build the project again, or restore {path.name}",
            )
        refuse_place(request, image.board)
        manifest = read_manifest(image.project)
        name = name_in(manifest, "model") or graph.name
        runtime, steps = manifest.get("runtime", self.name), preprocessing_in(manifest, graph)
        custom = manifest.get("custom_operators", ())
        checked = check_int8(model, name, runtime, progress, steps, custom=custom)
        return _Firmware(
            checked,
            image,
            request.thresholds,
            request.place,
            image.project / SERIAL_LOG,
            artefacts={},
            resume=request.resume,
        )

    def generate(self, request: GenerateRequest, progress: Progress) -> Project:
        """C that builds into firmware."""
        model, graph = load_tflite(request.model, request.signature)
        checked = check_int8(model, graph.name, self.name, progress, custom=self.custom(request))
        golden = golden_of(checked, progress) if request.golden else None
        return self.project(checked, request, golden, progress)


def check_int8(
    model: bytes,
    name: str,
    runtime: str,
    progress: Progress,
    preprocessing: Steps = (),
    *,
    custom: Sequence[str] = (),
) -> Checked:
    """Pass the strict check for a runtime.

    Raises:
        CheckFailed: with its findings.
    """
    from edgeq.checker import check

    progress.stage("check", _CHECKED)
    return check(model, name=name, runtime=runtime, preprocessing=preprocessing, custom=custom)


def golden_of(checked: Checked, progress: Progress) -> GoldenVector | None:
    """What firmware replays at boot; None, with a note, where no oracle says what comes of it."""
    from edgeq.backends.project.golden import golden_vector

    try:
        return golden_vector(checked)
    except (ModelError, ToolMissingError) as error:
        progress.note(f"the firmware replays no golden vector at boot: {error.message}")
        return None


def image_of(request: RunRequest) -> Image:
    """The image that was built in the project at ``request.path``.

    Raises:
        UsageError: it was made for another board than the one that is asked for.
        UsageError: nothing was built there.
    """
    from edgeq.builder import load_image

    folder = find_project(request.path)
    image = load_image(folder, request.build_dir)
    asked = request.board
    if asked is not None and "board" in request.given and asked.id != image.board.id:
        raise UsageError(
            f"{folder} was made for the board {image.board.id}, not for {asked.id}",
            "leave --board out, or run "
            + command("edgeq", "generate", folder / MODEL_FILE, "--board", asked.id),
        )
    return image


def refuse_place(request: DeployRequest | RunRequest, board: Board) -> None:
    """Refuse a place where the board cannot be, a device for what is simulated or never flashed, and to ask a
    simulator for time: it counts instructions.

    Raises:
        UsageError: one of these.
    """
    from edgeq.targets import on_hardware, refuse_unable

    simulator = request.place.simulator
    for name in ("device", "no_flash"):
        if name in request.given and (simulator is not None or not board.flashing):
            option = "--" + name.replace("_", "-")
            how = f"runs in {simulator}" if simulator is not None else "is never flashed"
            raise UsageError(
                f"{option} is for boards of hardware, and {board.id} {how}", f"leave {option} out"
            )
    refuse_unable(board, request.place)
    if request.thresholds.max_latency is None or on_hardware(board, request.place):
        return
    raise UsageError(
        f"--max-latency asks for milliseconds, and {board.id} has none: instructions are no milliseconds",
        "use --max-instructions, or judge on a board of hardware",
    )


@dataclass(frozen=True)
class _Checked(Accepted):
    runtime: FirmwareRuntime
    checked: Checked
    request: DeployRequest

    def make(self, progress: Progress) -> Artefacts:
        request = self.request
        golden = golden_of(self.checked, progress) if request.golden else None
        project = self.runtime.project(self.checked, request, golden, progress)
        return _Generated(self.checked, project, self.request)


@dataclass(frozen=True)
class _Generated(Artefacts):
    checked: Checked
    project: Project
    request: DeployRequest

    def write(self, folder: Path) -> None:
        self.project.write(folder / PROJECT)

    def build(self, out: Path, progress: Progress) -> Runnable:
        from edgeq.builder import build

        request = self.request
        progress.stage("build")
        project = out / PROJECT
        image = build(
            project,
            toolchain=request.toolchain,
            tflm_dir=request.tflm.folder,
            force=request.force,
            progress=progress,
        )
        artefacts = {
            "model": out / model_file(self.checked.graph),
            "project": project,
            "firmware": project / image.elf.relative_to(image.project),
            "serial_log": out / SERIAL_LOG,
        }
        return _Firmware(self.checked, image, request.thresholds, request.place, out / SERIAL_LOG, artefacts)


@dataclass(frozen=True)
class _Firmware(Runnable):
    checked: Checked
    image: Image
    thresholds: Thresholds
    place: Place
    serial_log: Path
    artefacts: dict[str, Path]
    resume: bool = False

    @property
    def graph(self) -> Graph:
        return self.checked.graph

    def look(self) -> None:
        from edgeq.interpreter import usual_oracle
        from edgeq.targets import refuse_absent

        _ = usual_oracle(self.checked.runtime).name
        refuse_absent(self.image.board, self.place, self.image.project)

    def judge(
        self,
        data: Dataset,
        *,
        floats: FloatAnswers | None = None,
        findings: tuple[Finding, ...] = (),
        progress: Progress,
    ) -> Outcome:
        from edgeq.verbs.images import judge_image

        with holding(self.serial_log, otherwise="run a copy of the folder"):
            report = judge_image(
                self.checked,
                self.image,
                data,
                self.thresholds,
                serial_log=self.serial_log,
                place=self.place,
                resume=self.resume,
                floats=floats,
                findings=findings,
                progress=progress,
            )
        return Outcome(report.with_artefacts(**self.artefacts))

    def session(self, progress: Progress) -> Session:
        from edgeq.verbs.runtimes.session import FirmwareSession

        return FirmwareSession(self.graph, self.image, self.place, self.serial_log, progress)
