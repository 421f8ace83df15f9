"""The Edge TPU: a model is predicted, compiled by the vendor's compiler, and run beside a host.

It is judged by agreement: the Edge TPU rounds in its own way. Without the compiler everything else is done.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from edgeq.base.errors import EdgeqError, ToolMissingError, UsageError
from edgeq.base.files import write_atomic
from edgeq.base.folders import add_file
from edgeq.base.hints import command
from edgeq.graph import Graph, model_hash
from edgeq.verbs import preflight
from edgeq.verbs.folders import INT8_MODEL
from edgeq.verbs.manifests import json_bytes
from edgeq.verbs.options import only_for
from edgeq.verbs.runtimes.runtime import Accepted, Artefacts, Outcome, Runnable, Runtime

if TYPE_CHECKING:
    from edgeq.backends.project.project import Project
    from edgeq.base.progress import Progress
    from edgeq.boards import Board
    from edgeq.checker import Finding
    from edgeq.data import Dataset
    from edgeq.edgetpu.compile_log import ModelSummary
    from edgeq.edgetpu.compiler import Compilation, Options
    from edgeq.edgetpu.prediction import Prediction
    from edgeq.judge.edgetpu import EdgeTpuJudgement
    from edgeq.judge.float_model import FloatAnswers
    from edgeq.judge.report import Thresholds
    from edgeq.verbs.calibration import Quantized
    from edgeq.verbs.compile_parts import Parts
    from edgeq.verbs.request import DeployRequest, EdgeTpuChoice, GenerateRequest, RunRequest
    from edgeq.verbs.runtimes.edgetpu_models import Found
    from edgeq.verbs.runtimes.session import Session

COMPILER_LOG = "edgetpu_compiler.log"
PREDICTION = "prediction.json"

_ONLY_THE_CPU = (
    "NOT ON THE EDGE TPU: --cpu ran the uncompiled int8 model on the CPU; accuracy is the model's, and the "
    "times are the CPU's"
)


class EdgeTpu(Runtime):
    """Coral's accelerators."""

    name: ClassVar[str] = "edgetpu"
    by_name: ClassVar[bool] = False
    own_options: ClassVar[tuple[str, ...]] = only_for("edgetpu")
    own_options_told: ClassVar[str] = "is for an Edge TPU, and {board} is none"
    checks = (preflight.beside,)

    def serves(self, board: Board) -> bool:
        """Boards that are an Edge TPU beside a host."""
        return board.is_accelerator

    def refuse(self, request: DeployRequest) -> None:
        """Nothing: what the host lacks is told when it is its turn."""

    def takes_as_it_is(self, graph: Graph) -> bool:
        """A quantized model may well have float inputs and outputs."""
        from edgeq.edgetpu import is_compiled
        from edgeq.verbs.runtimes.edgetpu_models import needs_conversion

        if is_compiled(graph):
            raise UsageError(
                f"{graph.name} is compiled already",
                "run it: edgeq run MODEL_edgetpu.tflite --board with the same board",
            )
        return not needs_conversion(graph)

    def check(self, request: DeployRequest, quantized: Quantized, progress: Progress) -> Accepted:
        """Predict what will run where; the compiler has the last word."""
        from edgeq.verbs.compile_parts import cut_model

        prediction = _predicted(quantized.graph, progress, quantized.model)
        choice = request.edgetpu
        parts = cut_model(quantized.graph, prediction) if choice.cut else None
        return _Predicted(quantized, prediction, request.board.id, choice, request.thresholds, parts)

    def open(self, request: RunRequest, progress: Progress) -> Runnable:
        """An output folder of ``deploy``; a compiled model with the one that it was compiled from beside it
        (``X_edgetpu.tflite`` and ``X.tflite``); or for the CPU alone the uncompiled one.
        """
        from edgeq.verbs.manifests import name_in, preprocessing_in, read_manifest
        from edgeq.verbs.runtimes.edgetpu_models import find_models

        choice = request.edgetpu
        found = find_models(request.path, cpu=choice.cpu)
        graph = found.graph
        manifest = read_manifest(request.path)
        named = graph.replace(name=name_in(manifest, "source") or graph.name)
        steps = preprocessing_in(manifest, graph)
        named = named.preprocessed(steps) if steps else named
        board = self.name if request.board is None else request.board.id
        found = replace(found, graph=named)
        return _Loaded(found, _predicted(named, progress), board, choice, request.thresholds)

    def generate(self, request: GenerateRequest, progress: Progress) -> Project:
        """There is none."""
        board = request.board.id
        raise UsageError(
            f"{board} runs a compiled model and no firmware, so there is no project to generate",
            f"compile the model: {command('edgeq', 'compile', request.model_name)}; or take the whole road: "
            "edgeq deploy",
        )


RUNTIME = EdgeTpu()


def _predicted(graph: Graph, progress: Progress, model: bytes | None = None) -> Prediction:
    from edgeq.edgetpu.predict import predict

    progress.stage("predict", "what the Edge TPU compiler will make of it")
    prediction = predict(graph, model)
    summary, failure = prediction.summary, prediction.failure
    progress.note(f"predicted: {summary.mapped} of {summary.total} operators on the Edge TPU")
    if failure is not None:
        progress.note(f"predicted: the compiler refuses it: {failure.reason}")
    return prediction


@dataclass(frozen=True)
class _Predicted(Accepted, Artefacts):
    """A model of which is known what will become of it: there is nothing to generate before compiling."""

    quantized: Quantized
    prediction: Prediction
    board: str
    choice: EdgeTpuChoice
    thresholds: Thresholds
    parts: Parts | None

    def make(self, progress: Progress) -> Artefacts:
        return self

    def write(self, folder: Path) -> None:
        from edgeq.verbs.runtimes.edgetpu_models import PARTS

        write_atomic(folder / PREDICTION, json_bytes(self.prediction.to_dict()))
        if self.parts is not None:
            write_atomic(folder / PARTS, json_bytes(self.parts.told()))
            for name, data in self.parts.files.items():
                write_atomic(folder / name, data)

    def build(self, out: Path, progress: Progress) -> Runnable:
        from edgeq.targets.coral.session import Stage
        from edgeq.verbs.runtimes.edgetpu_models import Found, find_models

        compiled, missing = self._compiled(out, progress)
        if missing is not None and not self.choice.cpu:
            raise missing
        model = self.quantized.model
        if self.parts is not None:
            found = replace(find_models(out, cpu=self.choice.cpu), graph=self.quantized.graph)
        elif compiled is None or self.choice.cpu:
            found = Found((Stage(model, delegate=False),), None, model, self.quantized.graph)
        else:
            stage = Stage(compiled.outputs[0].model, delegate=True)
            found = Found((stage,), None, model, self.quantized.graph)
        return _Loaded(
            found,
            self._of_what_is_compiled(),
            self.board,
            self.choice,
            self.thresholds,
            compiled,
            missing,
            _artefacts(out, compiled, self._file(compiled)),
        )

    def _of_what_is_compiled(self) -> Prediction:
        """Of the part for the Edge TPU, where the model is cut."""
        from edgeq.edgetpu.predict import predict

        if self.parts is None:
            return self.prediction
        return next(predict(piece.graph) for piece in self.parts.pieces if piece.on_chip)

    def _file(self, compiled: Compilation | None) -> str:
        """How the compiled model is called, or the compiled part."""
        from edgeq.verbs.runtimes.edgetpu_models import COMPILED_MODEL

        return COMPILED_MODEL if self.parts is None or compiled is None else compiled.outputs[0].file

    def _compiled(self, out: Path, progress: Progress) -> tuple[Compilation | None, ToolMissingError | None]:
        from edgeq.edgetpu.compiler import CompileFailed, Source, compile_models, find_compiler
        from edgeq.verbs.compile_parts import compile_pieces

        try:
            compiler = find_compiler(self.choice.compiler)
        except ToolMissingError as error:
            progress.stage("compile", "skipped: the Edge TPU compiler is missing")
            return None, error
        options = self.choice.options or _options_for(self.choice)
        progress.stage(
            "compile", f"edgetpu_compiler {compiler.version}, runtime {options.min_runtime_version} or later"
        )
        source = Source(INT8_MODEL.removesuffix(".tflite"), self.quantized.model)
        try:
            if self.parts is not None:
                compiled = compile_pieces(compiler, self.parts.pieces, options, progress)
            else:
                compiled = compile_models(compiler, [source], options, progress)
        except CompileFailed as error:
            add_file(out, COMPILER_LOG, error.log.encode("utf-8", "surrogateescape"))
            raise
        add_file(out, self._file(compiled), compiled.outputs[0].model)
        add_file(out, COMPILER_LOG, compiled.text.encode("utf-8", "surrogateescape"))
        return compiled, None


def _artefacts(out: Path, compiled: Compilation | None, file: str) -> dict[str, Path]:
    made = {"model": out / INT8_MODEL, "prediction": out / PREDICTION}
    if compiled is not None:
        made |= {"compiled": out / file, "compiler_log": out / COMPILER_LOG}
    return made


def _options_for(choice: EdgeTpuChoice) -> Options:
    """The newest runtime that both the compiler and the device's machine have."""
    from edgeq.edgetpu.compiler import NEWEST_RUNTIME, OLDEST_RUNTIME, Options
    from edgeq.targets.coral.session import Session

    version = None
    if not choice.cpu:
        try:
            with Session(choice.destination) as session:
                version = session.probe().runtime_version
        except EdgeqError:  # told when it is the turn of the device
            version = None
    return Options(min(NEWEST_RUNTIME, max(OLDEST_RUNTIME, version or NEWEST_RUNTIME)))


@dataclass(frozen=True)
class _Loaded(Runnable):
    """A model and what it is held against."""

    found: Found
    prediction: Prediction
    board: str
    choice: EdgeTpuChoice
    thresholds: Thresholds
    compiled: Compilation | None = None
    missing: ToolMissingError | None = None
    artefacts: dict[str, Path] | None = None

    @property
    def graph(self) -> Graph:
        return self.found.graph

    def look(self) -> None:
        preflight.look_beside(self.choice.destination)

    @property
    def _summary(self) -> ModelSummary | None:
        """The compiler's own summary."""
        return self.compiled.log.models[0] if self.compiled is not None and self.compiled.log.models else None

    def judge(
        self,
        data: Dataset,
        *,
        floats: FloatAnswers | None = None,
        findings: tuple[Finding, ...] = (),
        progress: Progress,
    ) -> Outcome:
        from edgeq.judge.edgetpu import judge
        from edgeq.judge.report import finding
        from edgeq.judge.reporting import make_edgetpu_report

        choice, summary = self.choice, self._summary
        name = choice.destination.name
        where = f"the CPU of {name}, not the Edge TPU" if choice.cpu else f"the Edge TPU of {name}"
        progress.stage("run", f"{len(data)} samples ({data.source}) on {where}")
        judged = judge(
            choice.destination,
            self.found.stages,
            self.found.reference,
            self.graph,
            data,
            names=self.found.names,
            companions=self.found.companions,
            device="" if choice.cpu else choice.device,
            floats=floats,
            progress=progress,
        )
        notes = (finding("note", "info", note, "") for note in data.notes)
        report = make_edgetpu_report(
            self.graph.name,
            self.board,
            judged,
            self.thresholds,
            model_sha256=model_hash(self.found.reference),
            findings=(*self._on_the_cpu(), *findings, *notes, *self._found(judged)),
            mapped=None if summary is None else summary.mapped,
            operators=None if summary is None else len(self.graph.operators),
        )
        return Outcome(report.with_artefacts(**(self.artefacts or {})))

    def session(self, progress: Progress) -> Session:
        from edgeq.verbs.runtimes.session import CoralSession

        return CoralSession(self.found, self.choice)

    def _on_the_cpu(self) -> tuple[Finding, ...]:
        from edgeq.judge.report import finding

        if not self.choice.cpu:
            return ()
        return (finding("cpu-only", "warning", _ONLY_THE_CPU, "leave --cpu out where there is a device"),)

    def _found(self, judged: EdgeTpuJudgement) -> tuple[Finding, ...]:
        from edgeq.judge.edgetpu_findings import link_findings, mapping_findings, missed, nothing_mapped
        from edgeq.judge.report import finding

        found: list[Finding] = []
        if self.missing is not None:
            found.append(finding("compiler-missing", "warning", self.missing.message, self.missing.hint))
        if self.compiled is not None:
            found += nothing_mapped(self.compiled.outputs[0])
            found += missed(self.prediction, self._summary)
        found += mapping_findings(self.prediction, self._summary, self.choice.min_mapped)
        found += link_findings(judged)
        return tuple(found)
