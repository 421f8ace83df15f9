"""From what a user gives to an int8 model: one that is int8 already, or a float one and its calibration."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from edgeq.base.errors import ModelError, UsageError
from edgeq.base.progress import SILENT, Progress
from edgeq.graph import DType, Graph, read_model, refuse_open_shape
from edgeq.verbs.calibration import Calibration, Quantized
from edgeq.verbs.preprocessing import declared
from edgeq.verbs.runtimes import names

if TYPE_CHECKING:
    from edgeq.checker import Finding
    from edgeq.converter import Converted
    from edgeq.converter.raising import Goal
    from edgeq.data import Dataset
    from edgeq.judge.float_model import FloatAnswers

RANDOM_CALIBRATION_SAMPLES = 100
_INVENTED = "ranges are invented by --default-ranges: the accuracy says nothing, only the speed does"
_SAYS_NOTHING = "calibrated on random numbers: the accuracy says nothing"
_FLOAT_SUFFIXES = ("_float32", "_float", "_fp32", "_f32")


def form_name(name: str, form: str = "int8") -> str:
    """The name of an integer form of a model: ``kws_float`` becomes ``kws_int8``."""
    if name.endswith(f"_{form}"):
        return name
    for suffix in _FLOAT_SUFFIXES:
        if name.endswith(suffix) and len(name) > len(suffix):
            return f"{name[: -len(suffix)]}_{form}"
    return f"{name}_{form}"


def is_float(graph: Graph) -> bool:
    """Whether a model has to be converted first: it takes or gives real numbers."""
    return any(tensor.dtype is DType.FLOAT32 for tensor in (*graph.input_tensors, *graph.output_tensors))


def quantize(
    model: bytes,
    graph: Graph,
    calibration: Calibration,
    progress: Progress = SILENT,
    labelled: Dataset | None = None,
) -> Quantized:
    """An int8 model as it is, or a float one converted; for ``labelled`` see :func:`convert_float`.

    Raises:
        UsageError: a float model and no calibration data.
        ModelError, DataError: see :func:`convert_float`.
    """
    from edgeq.graph.ends import kind_of

    if _stays_real(graph):
        progress.stage("convert", "skipped: the model computes with integers, and its ends stay real")
        return Quantized(model, graph)
    if not is_float(graph):
        progress.stage("convert", "skipped: the model is not a float one")
        if calibration.data is not None or calibration.random:
            progress.note("the model is not a float one, so the calibration data is not used")
        return Quantized(model, graph)
    from edgeq.judge.float_model import no_float_model

    converted = convert_float(model, graph, calibration, progress, labelled)
    notes = tuple(_finding("convert", "info", note) for note in converted.notes)
    findings = (*notes, *no_float_model(graph))
    if calibration.random and kind_of(graph) != "float ends":
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
    model: bytes,
    graph: Graph,
    calibration: Calibration,
    progress: Progress = SILENT,
    labelled: Dataset | None = None,
) -> Converted:
    """Convert a float model to one of integers alone.

    Args:
        labelled: samples by which a mixed model's accuracy is measured; None for those of the calibration.

    Raises:
        UsageError: no calibration data.
        DataError: the calibration data does not suit the model.
        ModelError: the model is not a float one, or has something that cannot be converted.
    """
    from edgeq.checker import missing_operators
    from edgeq.converter import convert
    from edgeq.converter.prepare import prepare
    from edgeq.graph.ends import kind_of

    graph = declared(graph, calibration.preprocessing)
    _refuse_integer(graph)  # before its calibration data is found wanting
    for tensor in graph.input_tensors:
        refuse_open_shape(tensor)
    if calibration.data is None and not calibration.random and kind_of(graph) == "in part":
        prepare(model, graph, rewrite=calibration.rewrite)
    data = calibration_data_if_needed(graph, calibration)
    if data is None:
        progress.stage("convert", "without calibration data")
    else:
        progress.stage("convert", f"calibrating with {len(data)} samples of {data.source}")
    converted = convert(
        model,
        graph,
        data,
        io=calibration.io,
        form=calibration.form,
        mode=calibration.mode,
        calibrator=calibration.calibrator,
        rewrite=calibration.rewrite,
        input_stats=calibration.input_stats,
        default_ranges=calibration.default_ranges,
        mixed=calibration.mixed,
        goal=_goal(model, graph, calibration, labelled or data),
        advance=progress.advance,
    )
    own = names()[0]
    lacking = missing_operators(converted.graph, own)
    if lacking:
        told = f"edgeq's own runtime ({own}) has no {', '.join(lacking)}: another has to run this model."
        converted = replace(converted, notes=(*converted.notes, told))
    for note in converted.notes:
        progress.note(note)
    if calibration.random and data is not None:
        progress.note(f"{_SAYS_NOTHING}; give real data with --calibration")
    return converted


def _stays_real(graph: Graph) -> bool:
    """Whether a model of integers runs with its real ends, if they are meant or if reals move there, too."""
    from edgeq.checker import examine
    from edgeq.graph.ends import keeps_ends, kind_of

    if kind_of(graph) == "in part":
        return not any(finding.severity == "error" for finding in examine(graph))
    return keeps_ends(graph)


def _goal(model: bytes, graph: Graph, calibration: Calibration, data: Dataset | None) -> Goal | None:
    """What a mixed model has to reach, where an accuracy is asked for."""
    from edgeq.verbs.mixed import accuracy_goal

    if not calibration.mixed or calibration.max_drop is None or data is None:
        return None
    return accuracy_goal(model, graph, data, calibration.max_drop)


def _refuse_integer(graph: Graph) -> None:
    """Refuse a model of integers, and do not send whoever has it to a check that refuses it, too.

    Raises:
        ModelError: it is one.
    """
    from edgeq.checker import examine
    from edgeq.graph.ends import kind_of, refuse_integer

    kind = kind_of(graph)
    if kind == "float":
        return
    errors = [f.message for f in examine(graph) if f.severity == "error"] if kind == "integer" else []
    if errors:
        raise ModelError(
            f"{graph.name} is an integer model already, and none that edgeq runs: {errors[0]}",
            "start from the float model that it was made from: nothing of that is in the file",
        )
    refuse_integer(graph)


def calibration_data_if_needed(graph: Graph, calibration: Calibration) -> Dataset | None:
    """The data that a float model is calibrated with; None where nothing asks for any.

    Ranges may come from training or from defaults, and a model that is real at its ends only has them all.

    Raises:
        UsageError, DataError: as :func:`calibration_data`.
    """
    from edgeq.converter.fakes import has_fakes
    from edgeq.graph.ends import kind_of

    given = calibration.data is not None or calibration.random
    if not given and (calibration.default_ranges is not None or has_fakes(graph)):
        return None
    if kind_of(graph) == "float ends":
        return None
    return calibration_data(graph, calibration)


def calibration_data(graph: Graph, calibration: Calibration) -> Dataset:
    """The data that a float model is calibrated with.

    Raises:
        UsageError: none was given.
        DataError: it does not suit the model.
    """
    from edgeq.data import load_samples, random_data

    if calibration.data is not None and calibration.random:
        raise UsageError(
            "both calibration data and random calibration are asked for", "leave one of them out"
        )
    if calibration.random:
        return random_data(graph.input_tensors, RANDOM_CALIBRATION_SAMPLES)
    if calibration.data is None:
        raise UsageError(
            f"{graph.name} {_called(graph)}, and there is no calibration data to quantize it by",
            "give --calibration with about a hundred real inputs (.npz, .npy, a folder of images or "
            "module:function); --random-calibration does without, but then the accuracy says nothing",
        )
    return load_samples(
        calibration.data,
        graph.input_tensors,
        normalize=calibration.normalize,
        in_order=graph.is_in_source_order,
    )


def _called(graph: Graph) -> str:
    """What a model is that has to be quantized, in words."""
    from edgeq.graph.ends import hybrid_weights

    hybrid = any(hybrid_weights(graph, op) for op in graph.operators)
    return "has integer weights and float activations (hybrid)" if hybrid else "is a float model"


def float_answers_of(quantized: Quantized, data: Dataset | None, progress: Progress) -> FloatAnswers | None:
    """What the float model gives for the data; None where there is no such model, or no labels."""
    if quantized.float_model is None or data is None or not data.is_labelled:
        return None
    from edgeq.judge import float_answers

    progress.stage("float", f"the float model on {len(data)} samples in the interpreter")
    return float_answers(quantized.float_model, read_model(quantized.float_model), data)


def _finding(rule: str, severity: Literal["warning", "info"], message: str, hint: str = "") -> Finding:
    from edgeq.checker import Finding

    return Finding(rule, severity, None, "", "", "", message, hint)
