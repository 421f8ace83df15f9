"""``deploy``: the stages in order, typed values passed on.

Everything up to the check happens in memory. Then the output folder appears, with the int8 model in it, and
each later artefact is added when it is whole; a stage that fails leaves what the stages before it finished.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from edgeq import __version__
from edgeq.errors import EdgeqError, UsageError
from edgeq.files import MANIFEST, OutputFolder, refuse_existing_folder, write_atomic
from edgeq.graph import DType, Graph, load_model, model_hash, read_model
from edgeq.progress import SILENT, Progress
from edgeq.runtimes import NO_TFLM, TflmChoice, make_project
from edgeq.trial import Trial, data_for, given_data, refuse_impossible

if TYPE_CHECKING:
    from edgeq.boards import Board
    from edgeq.builder import Image
    from edgeq.checker import Checked, Finding
    from edgeq.converter import Converted
    from edgeq.data import Dataset
    from edgeq.report import Report, Thresholds
    from edgeq.targets import Place

Toolchain = Literal["auto", "zig", "gcc"]
Io = Literal["int8", "uint8"]
Mode = Literal["auto", "minmax"]

INT8_MODEL = "model_int8.tflite"
PROJECT = "project"
REPORT = "report.json"
SERIAL_LOG = "serial.log"

RANDOM_CALIBRATION_SAMPLES = 100
_INVENTED = "ranges are invented by --default-ranges: the accuracy says nothing, only the speed does"
_SAYS_NOTHING = "calibrated on random numbers: the accuracy says nothing"
_FLOAT_SUFFIXES = ("_float32", "_float", "_fp32", "_f32")


@dataclass(frozen=True)
class Calibration:
    """How a float model is calibrated.

    Attributes:
        data: a data spec or the data itself; None where none was given.
        random: calibrate on random numbers, which is for trying things out only.
        normalize: (mean, std) of image pixels.
        io: the type of the int8 model's inputs and outputs.
        mode: ``"auto"``, or ``"minmax"`` for TensorFlow's answer.
        calibrator: how the mode auto gets ranges; None for its own way.
        rewrite: put others in the place of operators that have no int8 form.
        input_stats: (mean, std) that fix the inputs' range, as older uint8 models state them.
        default_ranges: (min, max) for what nothing is known of, without data: for trials of speed only.
    """

    data: str | Dataset | None = None
    random: bool = False
    normalize: tuple[float, float] | None = None
    io: Io = "int8"
    mode: Mode = "auto"
    calibrator: str | None = None
    rewrite: bool = False
    input_stats: tuple[float, float] | None = None
    default_ranges: tuple[float, float] | None = None


@dataclass(frozen=True)
class Request:
    """Everything that ``deploy`` is told.

    Attributes:
        model: the .tflite file's bytes.
        graph: what was read from them.
        board: for which board.
        out: the output folder.
        force: replace an earlier output folder of edgeq's.
        place: where the firmware runs; None for the board's simulator.
        runtime: what runs the model there (``edgeq.runtimes``).
        tflm: where TensorFlow Lite Micro is, for that runtime.
    """

    model: bytes
    graph: Graph
    board: Board
    out: Path
    calibration: Calibration
    test: Trial
    thresholds: Thresholds
    force: bool = False
    toolchain: Toolchain = "auto"
    place: Place | None = None
    runtime: str = "aot"
    tflm: TflmChoice = NO_TFLM


@dataclass(frozen=True)
class Quantized:
    """An int8 model, and the float model that it was made from where there was one.

    Attributes:
        findings: what a reader of the report should know of the conversion.
    """

    model: bytes
    graph: Graph
    float_model: bytes | None = None
    findings: tuple[Finding, ...] = ()


def int8_name(name: str) -> str:
    """The name of the int8 form of a model: ``kws_float`` becomes ``kws_int8``."""
    if name.endswith("_int8"):
        return name
    for suffix in _FLOAT_SUFFIXES:
        if name.endswith(suffix) and len(name) > len(suffix):
            return name[: -len(suffix)] + "_int8"
    return name + "_int8"


def default_out(name: str, board_id: str) -> Path:
    """Where ``deploy`` writes unless told otherwise: ``<model>-<board>`` in the working folder."""
    return Path(f"{name}-{board_id}")


def is_float(graph: Graph) -> bool:
    """Whether a model has to be converted first: it takes or gives real numbers."""
    return any(tensor.dtype is DType.FLOAT32 for tensor in (*graph.input_tensors, *graph.output_tensors))


def deploy(request: Request, progress: Progress = SILENT) -> Report:
    """Take a model to a board and judge it there.

    Returns:
        The report, which is also in the output folder as ``report.json``; its verdict may be ``"fail"``.

    Raises:
        EdgeqError: a stage failed; the hint says where the finished artefacts are.
    """
    refuse_existing_folder(request.out, force=request.force)
    progress.stage("read", f"{request.graph.name}, {len(request.graph.operators)} operators")
    data = given_data(request.test, request.graph)
    refuse_impossible(request.thresholds, data)
    quantized = quantize(request.model, request.graph, request.calibration, progress)
    checked = check_int8(quantized, progress, request.runtime)
    return make_and_judge(request, quantized, checked, data, progress)


def quantize(model: bytes, graph: Graph, calibration: Calibration, progress: Progress = SILENT) -> Quantized:
    """An int8 model as it is, or a float one converted.

    Raises:
        UsageError: a float model and no calibration data.
        ModelError, DataError: see :func:`convert_float`.
    """
    if not is_float(graph):
        progress.stage("convert", "skipped: the model is not a float one")
        if calibration.data is not None or calibration.random:
            progress.note("the model is not a float one, so the calibration data is not used")
        return Quantized(model, graph)
    converted = convert_float(model, graph, calibration, progress)
    findings = tuple(_finding("convert", "info", note) for note in converted.notes)
    if calibration.random:
        findings = (
            _finding("calibration", "warning", _SAYS_NOTHING, "give real data with --calibration"),
            *findings,
        )
    if calibration.default_ranges is not None:
        findings = (
            _finding("calibration", "warning", _INVENTED, "give real data with --calibration"),
            *findings,
        )
    return Quantized(converted.model, converted.graph, model, findings)


def convert_float(
    model: bytes, graph: Graph, calibration: Calibration, progress: Progress = SILENT
) -> Converted:
    """Convert a float model to a strict int8 one.

    Raises:
        UsageError: no calibration data.
        DataError: the calibration data does not suit the model.
        ModelError: the model is not a float one, or has something that cannot be converted.
    """
    from edgeq.checker import missing_operators
    from edgeq.converter import convert

    data = None
    if calibration.data is None and not calibration.random and _needs_no_data(graph, calibration):
        progress.stage("convert", "without calibration data")
    else:
        data = calibration_data(graph, calibration)
        progress.stage("convert", f"calibrating with {len(data)} samples of {data.source}")
    converted = convert(
        model,
        graph,
        data,
        io=calibration.io,
        mode=calibration.mode,
        calibrator=calibration.calibrator,
        rewrite=calibration.rewrite,
        input_stats=calibration.input_stats,
        default_ranges=calibration.default_ranges,
        advance=progress.advance,
    )
    lacking = missing_operators(converted.graph, "aot")
    if lacking:
        told = f"edgeq's own runtime (aot) has no {', '.join(lacking)}: another has to run this model."
        converted = replace(converted, notes=(*converted.notes, told))
    for note in converted.notes:
        progress.note(note)
    if calibration.random:
        progress.note(f"{_SAYS_NOTHING}; give real data with --calibration")
    return converted


def _needs_no_data(graph: Graph, calibration: Calibration) -> bool:
    """Whether ranges are to come from training or from defaults."""
    from edgeq.converter.trained import has_fakes

    return calibration.default_ranges is not None or has_fakes(graph)


def check_int8(quantized: Quantized, progress: Progress = SILENT, runtime: str = "aot") -> Checked:
    """Pass the strict check for a runtime.

    Raises:
        CheckFailed: with its findings.
    """
    from edgeq.checker import check

    progress.stage("check", "strict int8, static shapes, operators")
    return check(quantized.model, name=quantized.graph.name, runtime=runtime)


def _finding(rule: str, severity: Literal["warning", "info"], message: str, hint: str = "") -> Finding:
    from edgeq.checker import Finding

    return Finding(rule, severity, None, "", "", "", message, hint)


def calibration_data(graph: Graph, calibration: Calibration) -> Dataset:
    """The data that a float model is calibrated with.

    Raises:
        UsageError: none was given.
        DataError: it does not suit the model.
    """
    from edgeq.data import load_data, random_data

    if calibration.data is not None and calibration.random:
        raise UsageError(
            "both calibration data and random calibration are asked for", "leave one of them out"
        )
    if calibration.random:
        return random_data(graph.input_tensors, RANDOM_CALIBRATION_SAMPLES)
    if calibration.data is None:
        raise UsageError(
            f"{graph.name} is a float model, and there is no calibration data to quantize it by",
            "give --calibration with about a hundred real inputs (.npz, .npy, a folder of images or "
            "module:function); --random-calibration does without, but then the accuracy says nothing",
        )
    if isinstance(calibration.data, str):
        return load_data(calibration.data, graph.input_tensors, normalize=calibration.normalize)
    return calibration.data


def make_and_judge(
    request: Request, quantized: Quantized, checked: Checked, given: Dataset | None, progress: Progress
) -> Report:
    """The stages after the check.

    Raises:
        EdgeqError: as :func:`deploy`.
    """
    from edgeq.builder import build
    from edgeq.session import judge_image

    project = make_project(checked, request.board, request.tflm, progress)
    out = request.out
    with OutputFolder(out, force=request.force) as folder:
        write_atomic(folder / INT8_MODEL, checked.model)
        write_atomic(folder / MANIFEST, _manifest(request, checked))
        project.write(folder / PROJECT)
    with keeping(out, progress):
        progress.stage("build")
        image = build(
            out / PROJECT, toolchain=request.toolchain, tflm_dir=request.tflm.folder, progress=progress
        )
        report = judge_image(
            checked,
            image,
            data_for(request.test, given, checked),
            request.thresholds,
            serial_log=out / SERIAL_LOG,
            place=request.place,
            accuracy_float=float_accuracy_of(quantized, given, progress),
            findings=quantized.findings,
            progress=progress,
        )
        report = report.with_artefacts(
            model=out / INT8_MODEL,
            project=out / PROJECT,
            firmware=out / PROJECT / image.elf.relative_to(image.project),
            serial_log=out / SERIAL_LOG,
            report=out / REPORT,
        )
        write_atomic(out / REPORT, json_bytes(report.to_json()))
    return report


def run_project(
    image: Image,
    *,
    test: Trial,
    thresholds: Thresholds,
    place: Place | None = None,
    progress: Progress = SILENT,
) -> Report:
    """Judge firmware that is built already; the oracle runs the project's own ``model.tflite``.

    What the device said is kept in the project's ``serial.log``.

    Raises:
        EdgeqError: as :func:`deploy`; UsageError when the project's model is not the one that was built.
    """
    from edgeq.checker import check
    from edgeq.session import judge_image

    path = image.project / "model.tflite"
    model, graph = load_model(path)
    if model_hash(model) != image.model_sha256:
        raise UsageError(
            f"{path} is not the model that the firmware was built from",
            f"generate and build the project again, or restore {path.name}",
        )
    given = given_data(test, graph)
    refuse_impossible(thresholds, given)
    progress.stage("check", "strict int8, static shapes, operators")
    manifest = json.loads((image.project / MANIFEST).read_bytes())
    checked = check(model, name=_name_in(manifest) or graph.name, runtime=manifest.get("runtime", "aot"))
    return judge_image(
        checked,
        image,
        data_for(test, given, checked),
        thresholds,
        serial_log=image.project / SERIAL_LOG,
        place=place,
        progress=progress,
    )


def _name_in(manifest: dict[str, Any]) -> str | None:
    """The model's name: in the project its file is called model.tflite."""
    name = manifest.get("model", {}).get("name")
    return name if isinstance(name, str) else None


def float_accuracy_of(quantized: Quantized, data: Dataset | None, progress: Progress) -> float | None:
    """The accuracy of the float model on the data; None where there is no such model, or no labels."""
    if quantized.float_model is None or data is None or data.y is None:
        return None
    from edgeq.measure import float_accuracy

    progress.stage("float", f"the float model on {len(data)} samples in the interpreter")
    return float_accuracy(quantized.float_model, read_model(quantized.float_model), data)


@contextmanager
def keeping(out: Path, progress: Progress) -> Iterator[None]:
    """Tell, when a stage fails or is interrupted, where the artefacts of the stages before it are."""
    where = f"what the earlier stages made is kept in {out}"
    try:
        yield
    except EdgeqError as error:
        error.hint = f"{error.hint}; {where}" if error.hint else where
        raise
    except BaseException:
        progress.note(where)
        raise


def _manifest(request: Request, checked: Checked) -> bytes:
    return json_bytes(
        {
            "schema_version": 1,
            "tool": f"edgeq {__version__}",
            "stage": "deploy",
            "board": request.board.id,
            "source": {"name": request.graph.name, "sha256": model_hash(request.model)},
            "model": {"file": INT8_MODEL, "sha256": checked.sha256, "bytes": len(checked.model)},
        }
    )


def json_bytes(value: object) -> bytes:
    """A JSON file's content."""
    return (json.dumps(value, indent=2, allow_nan=False) + "\n").encode()
