"""``deploy`` and ``run`` for an Edge TPU: predict, compile, run, judge; typed values passed on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from edgeq import __version__
from edgeq.base.errors import EdgeqError, ToolMissingError, UsageError
from edgeq.base.files import write_atomic
from edgeq.base.folders import OutputFolder, add_file, holding, refuse_existing_folder
from edgeq.base.ownership import MANIFEST
from edgeq.base.progress import SILENT, Progress
from edgeq.graph import Graph, model_hash
from edgeq.judge.edgetpu_findings import link_findings, mapping_findings, missed, nothing_mapped
from edgeq.judge.report import finding, make_edgetpu_report
from edgeq.judge.trial import Trial, given_data, refuse_impossible
from edgeq.verbs.convert import Calibration, Quantized, float_accuracy_of, quantize
from edgeq.verbs.deploy import INT8_MODEL, REPORT, json_bytes, keeping
from edgeq.verbs.edgetpu_models import (
    COMPILED_MODEL,
    find_models,
    is_compiled,
    name_in_manifest,
    needs_conversion,
)

if TYPE_CHECKING:
    from edgeq.checker import Finding
    from edgeq.data import Dataset
    from edgeq.edgetpu.compile_log import ModelSummary
    from edgeq.edgetpu.compiler import Compilation, Options
    from edgeq.edgetpu.prediction import Prediction
    from edgeq.judge.edgetpu import EdgeTpuJudgement
    from edgeq.judge.report import Report, Thresholds
    from edgeq.targets.coral import Place

COMPILER_LOG = "edgetpu_compiler.log"
PREDICTION = "prediction.json"

_CPU_TRIAL = (
    "NOT ON THE EDGE TPU: --cpu ran the uncompiled int8 model on the CPU; accuracy is the model's, and the "
    "times are the CPU's"
)


@dataclass(frozen=True)
class Device:
    """Where and how a compiled model runs.

    Attributes:
        board: the board's id.
        place: on which machine.
        name: which device there, as the delegate names them; empty for any.
        cpu: leave the Edge TPU out, and run the uncompiled model.
    """

    board: str
    place: Place
    name: str = ""
    cpu: bool = False


@dataclass(frozen=True)
class Request:
    """Everything that ``deploy`` to an Edge TPU is told.

    Attributes:
        model, graph: the .tflite file and what was read from it; float, int8 or uint8.
        device: where it shall run.
        out: the output folder.
        compiler: the argument list that starts the compiler; None for ``edgetpu_compiler`` on PATH.
        options: what it is asked for; None for the newest runtime that the device's machine has.
        min_mapped: share of the operators that has to be mapped.
        force: replace an earlier output folder of edgeq's.
    """

    model: bytes
    graph: Graph
    device: Device
    out: Path
    calibration: Calibration
    test: Trial
    thresholds: Thresholds
    compiler: Sequence[str] | None = None
    options: Options | None = None
    min_mapped: float | None = None
    force: bool = False


@dataclass(frozen=True)
class Outcome:
    """What came of it.

    Attributes:
        report: also in the output folder as ``report.json``.
        missing: the compiler was not there, and everything else was done.
    """

    report: Report
    missing: ToolMissingError | None = None


@dataclass(frozen=True)
class _Known:
    """What is known of a model before it runs."""

    quantized: Quantized
    prediction: Prediction
    compiled: Compilation | None = None
    missing: ToolMissingError | None = None
    findings: tuple[Finding, ...] = field(default_factory=tuple)

    @property
    def summary(self) -> ModelSummary | None:
        """The compiler's own summary."""
        return self.compiled.log.models[0] if self.compiled is not None and self.compiled.log.models else None


def deploy(request: Request, progress: Progress = SILENT) -> Outcome:
    """Take a model to an Edge TPU and judge it there.

    Raises:
        ToolMissingError: no compiler, and nothing else that could still be done; no library there.
        EdgeqError: a stage failed; the hint says where the finished artefacts are.
    """
    with holding(request.out):
        refuse_existing_folder(request.out, force=request.force)
        return _deploy(request, progress)


def _deploy(request: Request, progress: Progress) -> Outcome:
    graph = request.graph
    progress.stage("read", f"{graph.name}, {len(graph.operators)} operators")
    if is_compiled(graph):
        raise UsageError(
            f"{graph.name} is compiled already",
            "run it: edgeq run MODEL_edgetpu.tflite --board with the same board",
        )
    given = given_data(request.test, graph)
    refuse_impossible(request.thresholds, given)
    if needs_conversion(graph):
        quantized = quantize(request.model, graph, request.calibration, progress)
    else:
        progress.stage("convert", "skipped: the model is quantized already")
        quantized = Quantized(request.model, graph)
    known = _predict(quantized, progress)
    out = request.out
    with OutputFolder(out, force=request.force, progress=progress) as folder:
        write_atomic(folder / INT8_MODEL, quantized.model)
        write_atomic(folder / PREDICTION, json_bytes(known.prediction.to_dict()))
        write_atomic(folder / MANIFEST, _manifest(request, quantized))
    with keeping(out, progress):
        known = _compile(request, known, progress)
        if known.missing is not None and not request.device.cpu:
            raise known.missing
        accuracy_float = float_accuracy_of(quantized, given, progress)
        model = quantized.model if known.compiled is None else known.compiled.outputs[0].model
        judged = _judge(
            request.device,
            model,
            quantized,
            _data(request.test, given, quantized.graph),
            accuracy_float=accuracy_float,
            progress=progress,
        )
        report = _report(request.device, known, judged, request.thresholds, request.min_mapped)
        report = report.with_artefacts(model=out / INT8_MODEL, prediction=out / PREDICTION)
        if known.compiled is not None:
            report = report.with_artefacts(compiled=out / COMPILED_MODEL, compiler_log=out / COMPILER_LOG)
        report = report.with_artefacts(report=out / REPORT)
        add_file(out, REPORT, json_bytes(report.to_json()))
    return Outcome(report, known.missing)


def run(
    path: Path,
    device: Device,
    test: Trial,
    thresholds: Thresholds,
    progress: Progress = SILENT,
) -> Report:
    """Judge a model that is compiled already.

    Args:
        path: an output folder of ``deploy``; a compiled model with the one that it was compiled from beside
            it (``X_edgetpu.tflite`` and ``X.tflite``); or for the CPU alone the uncompiled one.

    Raises:
        UsageError: no such models.
        EdgeqError: as :func:`deploy`.
    """
    model, reference, graph = find_models(path, cpu=device.cpu)
    given = given_data(test, graph)
    refuse_impossible(thresholds, given)
    known = _predict(Quantized(reference, graph.replace(name=name_in_manifest(path) or graph.name)), progress)
    judged = _judge(device, model, known.quantized, _data(test, given, graph), progress=progress)
    return _report(device, known, judged, thresholds, None)


def _predict(quantized: Quantized, progress: Progress) -> _Known:
    from edgeq.edgetpu.predict import predict

    progress.stage("predict", "what the Edge TPU compiler will make of it")
    prediction = predict(quantized.graph)
    progress.note(
        f"predicted: {prediction.summary.mapped} of {prediction.summary.total} operators on the Edge TPU"
    )
    return _Known(quantized, prediction, findings=quantized.findings)


def _compile(request: Request, known: _Known, progress: Progress) -> _Known:
    from edgeq.edgetpu.compiler import CompileFailed, Source, compile_models, find_compiler

    try:
        compiler = find_compiler(request.compiler)
    except ToolMissingError as error:
        progress.stage("compile", "skipped: the Edge TPU compiler is missing")
        absent = finding("compiler-missing", "warning", error.message, error.hint)
        return replace(known, missing=error, findings=(*known.findings, absent))
    options = request.options or _options_for(request.device)
    progress.stage(
        "compile", f"edgetpu_compiler {compiler.version}, runtime {options.min_runtime_version} or later"
    )
    source = Source(INT8_MODEL.removesuffix(".tflite"), known.quantized.model)
    try:
        compiled = compile_models(compiler, [source], options, progress)
    except CompileFailed as error:
        add_file(request.out, COMPILER_LOG, error.log.encode("utf-8", "surrogateescape"))
        raise
    add_file(request.out, COMPILED_MODEL, compiled.outputs[0].model)
    add_file(request.out, COMPILER_LOG, compiled.text.encode("utf-8", "surrogateescape"))
    known = replace(known, compiled=compiled)
    found = (*nothing_mapped(compiled.outputs[0]), *missed(known.prediction, known.summary))
    return replace(known, findings=(*known.findings, *found))


def _options_for(device: Device) -> Options:
    """The newest runtime that both the compiler and the device's machine have."""
    from edgeq.edgetpu.compiler import NEWEST_RUNTIME, OLDEST_RUNTIME, Options
    from edgeq.targets.coral.session import Session

    version = None
    if not device.cpu:
        try:
            with Session(device.place) as session:
                version = session.probe().runtime_version
        except EdgeqError:  # told when it is the turn of the device
            version = None
    return Options(min(NEWEST_RUNTIME, max(OLDEST_RUNTIME, version or NEWEST_RUNTIME)))


def _data(test: Trial, given: Dataset | None, graph: Graph) -> Dataset:
    from edgeq.data import random_data

    return given if given is not None else random_data(graph.input_tensors, test.samples, test.seed)


def _judge(
    device: Device,
    model: bytes,
    quantized: Quantized,
    data: Dataset,
    *,
    accuracy_float: float | None = None,
    progress: Progress,
) -> EdgeTpuJudgement:
    from edgeq.judge.edgetpu import judge

    where = (
        f"the CPU of {device.place.name}, not the Edge TPU"
        if device.cpu
        else f"the Edge TPU of {device.place.name}"
    )
    progress.stage("run", f"{len(data)} samples ({data.source}) on {where}")
    return judge(
        device.place,
        quantized.model if device.cpu else model,
        quantized.model,
        quantized.graph,
        data,
        cpu=device.cpu,
        device=device.name,
        accuracy_float=accuracy_float,
        progress=progress,
    )


def _report(
    device: Device, known: _Known, judged: EdgeTpuJudgement, thresholds: Thresholds, min_mapped: float | None
) -> Report:
    summary = known.summary
    cpu_only = finding("cpu-only", "warning", _CPU_TRIAL, "leave --cpu out where there is a device")
    return make_edgetpu_report(
        known.quantized.graph.name,
        device.board,
        judged,
        thresholds,
        findings=(
            *((cpu_only,) if device.cpu else ()),
            *known.findings,
            *mapping_findings(known.prediction, summary, min_mapped),
            *link_findings(judged),
        ),
        mapped=None if summary is None else summary.mapped,
        operators=None if summary is None else summary.total,
    )


def _manifest(request: Request, quantized: Quantized) -> bytes:
    return json_bytes(
        {
            "schema_version": 1,
            "tool": f"edgeq {__version__}",
            "stage": "deploy",
            "board": request.device.board,
            "source": {"name": request.graph.name, "sha256": model_hash(request.model)},
            "model": {
                "file": INT8_MODEL,
                "sha256": model_hash(quantized.model),
                "bytes": len(quantized.model),
            },
        }
    )
