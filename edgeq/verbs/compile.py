"""``compile``: models through the Edge TPU compiler into an output folder, compared with the prediction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgeq.base.errors import ToolMissingError, UsageError
from edgeq.base.files import write_atomic
from edgeq.base.folders import OutputFolder, free_name, holding, refuse_existing_folder
from edgeq.base.hints import command
from edgeq.base.ownership import MANIFEST
from edgeq.base.progress import SILENT, Progress
from edgeq.edgetpu import is_compiled
from edgeq.graph import Graph, load_model, model_hash
from edgeq.judge.edgetpu_findings import mapping_findings, missed, nothing_mapped
from edgeq.verbs.compile_parts import MeasuredOn, balance_model, compile_pieces, cut_model, segments_told
from edgeq.verbs.manifests import json_bytes, manifest_bytes
from edgeq.verbs.runtimes.edgetpu import COMPILER_LOG
from edgeq.verbs.runtimes.edgetpu_models import PARTS, needs_conversion

if TYPE_CHECKING:
    from edgeq.checker import Finding
    from edgeq.edgetpu.compiler import Compilation, CompileFailed, Compiler, Options
    from edgeq.edgetpu.prediction import Prediction
    from edgeq.edgetpu.split import Split
    from edgeq.verbs.compile_parts import Parts

RESULT = "compile.json"


@dataclass(frozen=True)
class CompileRequest:
    """Everything that ``compile`` is told.

    Attributes:
        models: the files; several share one device's memory.
        out: the output folder; None for ``<model>-edgetpu`` in the working folder.
        compiler: the argument list that starts the compiler; None for ``edgetpu_compiler`` on PATH.
        options: what it is asked for.
        min_mapped: share of the operators that has to be mapped in each model.
        find_culprit: after an opaque failure, look for the operator at fault.
        cut: cut the one model before the first operator that would not map.
        balance: cut it into ``options.segments`` parts of which the slowest is fastest.
        measured_on: where those are timed; None to go by prediction.
        force: replace an earlier folder of edgeq's, and keep what is the user's in it.
        signature: which of several models in the one file; None for the only one.
    """

    models: tuple[Path, ...]
    out: Path | None
    compiler: Sequence[str] | None
    options: Options
    min_mapped: float | None = None
    find_culprit: bool = False
    cut: bool = False
    balance: bool = False
    measured_on: MeasuredOn | None = None
    force: bool = False
    signature: str | None = None

    @property
    def folder(self) -> Path:
        """The output folder."""
        return self.out if self.out is not None else Path(f"{self.models[0].stem}-edgetpu")


@dataclass(frozen=True)
class Compiled:
    """What came of it.

    Attributes:
        files: the compiled models, in the output folder.
        predictions: one per source, beside the compiler's own words in ``compilation``.
        findings: what stays on the CPU, and where the prediction was wrong.
        runs: what ``edgeq run`` judges: the compiled model, or the folder of one in parts; None of several.
        split: how a model was balanced.
    """

    compilation: Compilation
    predictions: tuple[Prediction, ...]
    findings: tuple[Finding, ...]
    files: tuple[Path, ...]
    runs: Path | None
    split: Split | None = None

    @property
    def passed(self) -> bool:
        """Whether no finding is an error."""
        return not any(finding.severity == "error" for finding in self.findings)

    def to_dict(self) -> dict[str, Any]:
        """As ``--json`` prints it and ``compile.json`` keeps it."""
        log = self.compilation.log
        return {
            "verdict": "pass" if self.passed else "fail",
            "compiler": {
                "version": self.compilation.compiler.version,
                "command": list(self.compilation.command),
                "attempts": self.compilation.attempts,
                "milliseconds": log.milliseconds,
            },
            "models": [model.to_dict() for model in log.models],
            "predictions": [prediction.to_dict()["summary"] for prediction in self.predictions],
            "split": None
            if self.split is None
            else {
                "bounds": list(self.split.bounds),
                "milliseconds": [round(time, 4) for time in self.split.milliseconds],
                "measured": self.split.tried > 0,
                "tried": self.split.tried,
            },
            "findings": [finding.to_dict() for finding in self.findings],
            "files": [str(file) for file in self.files],
        }


def compile_files(request: CompileRequest, progress: Progress = SILENT) -> Compiled:
    """Compile models into an output folder.

    Raises:
        ToolMissingError: no compiler; the message says what was predicted.
        CompileFailed: it made nothing of them; the hint names the operator at fault where one was found.
        UsageError: a model that is compiled already, or a float one.
    """
    if not request.models:
        raise UsageError("no model is given to compile", "give int8 or uint8 .tflite files")
    if request.cut and len(request.models) > 1:
        raise UsageError(
            f"{len(request.models)} models are given, and one can be cut", "cut and compile them one by one"
        )
    if request.signature is not None and len(request.models) > 1:
        raise UsageError(
            f"{len(request.models)} files are given, and a signature names the model of one",
            "compile them one by one, or leave --signature out",
        )
    with holding(request.folder):
        refuse_existing_folder(request.folder, force=request.force)
        return _compile(request, progress)


@dataclass(frozen=True)
class _Made:
    """What the compiler made of the models, and how the one was cut where it was."""

    done: Compilation
    findings: tuple[Finding, ...]
    parts: Parts | None
    table: Mapping[str, object] | None


_Loaded = Sequence[tuple[bytes, Graph]]


def _compile(request: CompileRequest, progress: Progress) -> Compiled:
    from edgeq.edgetpu.predict import predict

    loaded = [load_model(path, request.signature) for path in request.models]
    for path, (_, graph) in zip(request.models, loaded, strict=True):
        _refuse(path, graph)
        _refuse_unknown(path, graph, request.options.intermediate_tensors)
    progress.stage("predict", "what the Edge TPU compiler will make of it")
    predictions = tuple(predict(graph, data) for data, graph in loaded)
    told = ", ".join(f"{one.summary.mapped} of {one.summary.total} operators" for one in predictions)
    progress.note(f"predicted on the Edge TPU: {told}")
    for path, prediction in zip(request.models, predictions, strict=True):
        if prediction.failure is not None:
            progress.note(f"predicted: the compiler refuses {path}: {prediction.failure.reason}")
    parts = cut_model(loaded[0][1], predictions[0]) if request.cut else None
    compiler = _compiler(request, loaded, told, parts, progress)
    progress.stage("compile", f"edgetpu_compiler {compiler.version}")
    made = _made(request, compiler, loaded, predictions, parts=parts, progress=progress)
    return _kept(request, loaded, predictions, made, progress)


def _compiler(
    request: CompileRequest, loaded: _Loaded, told: str, parts: Parts | None, progress: Progress
) -> Compiler:
    """The compiler; where there is none, the parts of a model that was cut are kept all the same."""
    from edgeq.edgetpu.compiler import find_compiler

    try:
        return find_compiler(request.compiler)
    except ToolMissingError as error:
        error.message = f"{error.message} (predicted on the Edge TPU: {told})"
        if parts is not None:
            with OutputFolder(request.folder, force=request.force, progress=progress) as folder:
                _write(folder, request, loaded, parts.files, parts.told())
            error.hint = f"{error.hint}; the parts are in {request.folder}, for edgeq run --cpu"
        raise


def _made(
    request: CompileRequest,
    compiler: Compiler,
    loaded: _Loaded,
    predictions: tuple[Prediction, ...],
    *,
    parts: Parts | None,
    progress: Progress,
) -> _Made:
    from edgeq.edgetpu.compiler import CompileFailed, Source, compile_models
    from edgeq.edgetpu.predict import predict

    options = request.options
    sources = [Source(path.stem, data) for path, (data, _) in zip(request.models, loaded, strict=True)]
    try:
        if request.balance:
            parts = balance_model(loaded[0][1], compiler, options, request.measured_on, progress)
        if parts is not None:
            done = compile_pieces(compiler, parts.pieces, options, progress)
            predictions = tuple(predict(piece.graph) for piece in parts.pieces if piece.on_chip)
            return _Made(done, _findings(request, done, predictions), parts, parts.told())
        done = compile_models(compiler, sources, options, progress)
    except CompileFailed as error:
        _keep_log(request, error)
        if request.find_culprit and error.failure.opaque:
            _name_culprit(error, compiler, [graph for _, graph in loaded], options, progress)
        raise
    if options.segments is None:
        return _Made(done, _findings(request, done, predictions), None, None)
    # The parts have operators of their own count.
    return _Made(done, (), None, segments_told(loaded[0][1], [one.file for one in done.outputs]))


def _kept(
    request: CompileRequest,
    loaded: _Loaded,
    predictions: tuple[Prediction, ...],
    made: _Made,
    progress: Progress,
) -> Compiled:
    """Everything in the output folder."""
    done, parts = made.done, made.parts
    with OutputFolder(request.folder, force=request.force, progress=progress) as folder:
        outputs = {one.file: one.model for one in done.outputs}
        _write(folder, request, loaded, outputs | ({} if parts is None else parts.files), made.table)
        write_atomic(folder / COMPILER_LOG, done.text.encode("utf-8", "surrogateescape"))
        files = tuple(request.folder / one.file for one in done.outputs)
        runs = request.folder if made.table is not None else files[0] if len(files) == 1 else None
        split = None if parts is None else parts.split
        compiled = Compiled(done, predictions, made.findings, files, runs, split)
        write_atomic(folder / RESULT, json_bytes({"schema_version": 1, **compiled.to_dict()}))
    return compiled


def _write(
    folder: Path,
    request: CompileRequest,
    loaded: _Loaded,
    made: Mapping[str, bytes],
    parts: Mapping[str, object] | None,
) -> None:
    """The models that were given, those that were made, how they hang together, and the manifest."""
    for path, (data, _) in zip(request.models, loaded, strict=True):
        write_atomic(folder / f"{path.stem}.tflite", data)
    for name, data in made.items():
        write_atomic(folder / name, data)
    if parts is not None:
        write_atomic(folder / PARTS, json_bytes(parts))
    write_atomic(folder / MANIFEST, _manifest(request, [data for data, _ in loaded]))


def _refuse(path: Path, graph: Graph) -> None:
    if is_compiled(graph):
        raise UsageError(f"{path} is compiled for the Edge TPU already", "give the model that went into it")
    if needs_conversion(graph):
        raise UsageError(
            f"{path} is not quantized, and the Edge TPU computes in 8 bits",
            f"quantize it: {command('edgeq', 'convert', path, '--calibration', 'DATA')}",
        )


def tensor_names(text: str | Sequence[str] | None) -> tuple[str, ...]:
    """Names of tensors, as a list or with commas between them."""
    names = text.split(",") if isinstance(text, str) else (text or ())
    return tuple(name.strip() for name in names if name.strip())


def _refuse_unknown(path: Path, graph: Graph, names: Sequence[str]) -> None:
    made = [graph[tensor].name for op in graph.operators for tensor in op.outputs]
    for name in names:
        if name not in made:
            raise UsageError(
                f"{path} computes no tensor '{name}'",
                f"names are those that `{command('edgeq', 'inspect', path)}` shows"
                + ("" if "," not in name else "; one with a comma cannot be given"),
            )


def _findings(
    request: CompileRequest, done: Compilation, predictions: tuple[Prediction, ...]
) -> tuple[Finding, ...]:
    found: list[Finding] = []
    for position, prediction in enumerate(predictions):
        summary = done.log.models[position] if position < len(done.log.models) else None
        found += nothing_mapped(done.outputs[position])
        found += mapping_findings(prediction, summary, request.min_mapped)
        found += missed(prediction, summary)
    return tuple(found)


def _keep_log(request: CompileRequest, error: CompileFailed) -> None:
    """What the compiler said is wanted most where it failed."""
    path = request.folder.with_name(f"{request.folder.name}.log")
    if not _is_compilers(path):
        path = free_name(path)
    write_atomic(path, error.log.encode("utf-8", "surrogateescape"), force=True)
    error.hint = f"{error.hint}; its log is {path}"


def _is_compilers(path: Path) -> bool:
    try:
        return not path.is_symlink() and path.read_bytes().startswith(b"Edge TPU Compiler")
    except OSError:
        return False


def _name_culprit(
    error: CompileFailed, compiler: Compiler, graphs: Sequence[Graph], options: Options, progress: Progress
) -> None:
    """Put the operator at fault, and settings that get round it, in front of the error's hint."""
    from edgeq.edgetpu.culprit import find_culprit, find_way_round

    for graph in graphs:
        progress.stage("culprit", f"cutting {graph.name} to find the operator at fault")
        culprit = find_culprit(compiler, graph, options, progress)
        if culprit is None:
            continue
        way = find_way_round(compiler, graph, culprit, options, progress)
        error.hint = "; ".join((culprit.told(graph), *((way.told,) if way is not None else ()), error.hint))
        return
    error.hint = f"cutting found no operator at fault: parts of the model compile; {error.hint}"


def _manifest(request: CompileRequest, models: Sequence[bytes]) -> bytes:
    told = [
        {"name": path.stem, "file": f"{path.stem}.tflite", "sha256": model_hash(model)}
        for path, model in zip(request.models, models, strict=True)
    ]
    return manifest_bytes("compile", models=told)
