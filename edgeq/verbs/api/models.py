"""Models: what is in them, what runs them, other forms of them."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING, Any, Literal

from edgeq.base.progress import SILENT, Progress
from edgeq.verbs.api.values import (
    Model,
    calibration_of,
    maybe_path,
    model_of,
    options_given,
)

if TYPE_CHECKING:
    from edgeq.checker import Checked
    from edgeq.converter import Converted, InputStats
    from edgeq.data import Samples, Task
    from edgeq.features import Preprocessing
    from edgeq.judge.layers import Diagnosis
    from edgeq.verbs.compare import Ladder

__all__ = ["Model", "check", "compare", "convert", "debug", "inspect"]


def convert(
    model: Model,
    calibration: Samples | None = None,
    *,
    signature: str | None = None,
    random_calibration: bool = False,
    io: Literal["int8", "uint8", "float"] = "int8",
    form: Literal["int8", "int16x8"] = "int8",
    mixed: bool = False,
    max_accuracy_drop: float | str | None = None,
    mode: Literal["auto", "minmax"] = "auto",
    calibrator: str | None = None,
    rewrite: bool = False,
    normalize: tuple[float, float] | None = None,
    preprocessing: str | PathLike[str] | Preprocessing | None = None,
    input_stats: InputStats | None = None,
    default_ranges: tuple[float, float] | None = None,
    sources_tensorflow: str | None = None,
    sources_onnx: str | None = None,
    sources_torch: str | None = None,
    sources_timeout: float | None = None,
    progress: Progress = SILENT,
) -> Converted:
    """Quantize a float model to strict int8.

    Args:
        model: the float model.
        signature: which of several models in one file or SavedModel, by its signature's name; None for the
            only one.
        calibration: about a hundred real inputs, as real values; None for a model that training gave its
            ranges (fake quantization).
        random_calibration: quantize by random numbers: for trying things out.
        io: the type of an int8 model's inputs and outputs; ``float`` for operators at the ends that convert.
        form: what activations become: int8, or with ``"int16x8"`` int16, inputs and outputs among them.
        mixed: raise to int16 only the operators that cost most, as few as nearly give what int16 gives.
        max_accuracy_drop: or as few as keep this share of the float model's accuracy, on the labels of the
            calibration data.
        mode: ``"auto"``, or ``"minmax"`` for TensorFlow's scales and integers.
        calibrator: how the mode auto gets the ranges of activations, instead of its own way: ``"minmax"``,
            ``"percentile:99.9"``, ``"mse"`` or ``"entropy"``.
        rewrite: put other operators, or a table, in the place of operators that have no int8 form; else they
            are refused.
        normalize: (mean, std) by which images become (pixel - mean) / std.
        preprocessing: what makes the input of raw samples, or the TOML file that says so; data may then be
            raw, and firmware takes raw samples.
        input_stats: (mean, std) that fix the inputs' range as older uint8 models state it:
            real = (q - mean) / std. One pair for all float inputs, or a mapping from input names to pairs, in
            which ``""`` stands for the inputs that are not named.
        default_ranges: (min, max) for every activation that has no range, without calibration data; for
            trials of speed only.
        sources_tensorflow, sources_onnx, sources_torch: the Pythons that have these frameworks, where the
            model is of one; None for what the environment says.
        sources_timeout: how long a framework may take, in seconds.
        progress: hears of the stages.

    Returns:
        The int8 model: ``.model`` its bytes, ``.graph``, and ``.notes`` on what is unusual about it.

    Raises:
        ModelError: not a valid model, not a float one, or with something that cannot be converted.
        DataError: the calibration data does not suit the model.
        UsageError: no calibration data, or a parameter that is not what it should be.
    """
    said = options_given("convert", locals()).settings
    from edgeq.verbs.api.values import environments_of
    from edgeq.verbs.convert import convert_float
    from edgeq.verbs.sources import load_any

    how = calibration_of(
        said,
        calibration,
        random=random_calibration,
        rewrite=rewrite,
        input_stats=input_stats,
        default_ranges=default_ranges,
        mixed=mixed,
        preprocessing=preprocessing,
    )
    loaded = load_any(model_of(model), environments_of(said), progress, signature)
    return convert_float(loaded.model, loaded.graph, how, progress)


def check(
    model: Model,
    *,
    runtime: str | None = None,
    tflm_ops: str | PathLike[str] | None = None,
    signature: str | None = None,
) -> Checked:
    """Check that a model is strictly int8, of static shapes, and made of operators that the firmware has.

    Args:
        model: an int8 model.
        runtime: what is to run it; None for edgeq's own.
        tflm_ops: for TensorFlow Lite Micro, a C++ header that registers the model's custom operators.
        signature: as for :func:`convert`.

    Returns:
        The checked model, which backends take; ``.findings`` holds warnings.

    Raises:
        ModelError: not a valid model.
        CheckFailed: with ``.findings``, some of which are errors.
        UsageError: there is no such runtime.
    """
    said = options_given("check", locals()).settings
    from edgeq.checker import check as examine
    from edgeq.verbs.from_settings import custom_ops, one_runtime
    from edgeq.verbs.runtimes import names
    from edgeq.verbs.sources import load_tflite

    data, graph = load_tflite(model_of(model), signature)
    which = one_runtime(said) or names()[0]
    return examine(data, name=graph.name, runtime=which, custom=custom_ops(said))


def inspect(model: Model, *, signature: str | None = None) -> dict[str, Any]:
    """What is inside a .tflite model, as ``edgeq inspect --json`` tells it.

    Args:
        model: the model.
        signature: as for :func:`convert`.

    Raises:
        ModelError: it is not a valid one.
    """
    options_given("inspect", locals())
    from edgeq.verbs.inspect import inspect as look

    return look(model_of(model), signature)


def compare(
    model: Model,
    calibration: Samples | None = None,
    *,
    signature: str | None = None,
    data: Samples | None = None,
    random_calibration: bool = False,
    rewrite: bool = False,
    input_stats: InputStats | None = None,
    normalize: tuple[float, float] | None = None,
    preprocessing: str | PathLike[str] | Preprocessing | None = None,
    limit: int | None = None,
    labels: str | None = None,
    task: Task | None = None,
    output: str | None = None,
    stateful: bool = False,
    plot: str | PathLike[str] | None = None,
    out: str | PathLike[str] | None = None,
    force: bool = False,
    progress: Progress = SILENT,
) -> Ladder:
    """Make a float model in every form from float32 to strict int8, and judge each on the same data.

    To hold runtimes side by side on a board, name several in :func:`deploy`.

    Args:
        model: the float model.
        signature, calibration, random_calibration, rewrite, input_stats, normalize, preprocessing:
            as for :func:`convert`.
        data: what the forms are judged on, with labels for accuracy; None for the calibration data.
        limit: take no more of ``data``.
        labels: the name of the array of labels in it; None for ``y``, unless an input has that name.
        task: what labels are; None for classes where they are integers, else the values of a regression.
        output: the output that labels are of, by name or position; None for the first.
        stateful: whether ``data`` are sequences, over which the model keeps its state, as for :func:`deploy`.
        plot: a file for a picture of quality against size, ``.svg`` or ``.png``.
        out: a folder that keeps every form, and ``compare.json``.
        force: replace earlier ones, and keep what is the user's.
        progress: hears of the stages.

    Returns:
        ``.forms``, largest first: each with ``.model``, ``.accuracy`` and ``.sqnr``.

    Raises:
        EdgeqError: no data, or a model that is no float one.
    """
    said = options_given("compare", locals()).settings
    from edgeq.verbs.compare import CompareRequest
    from edgeq.verbs.compare import compare as judge
    from edgeq.verbs.from_settings import evaluation_data

    how = calibration_of(
        said,
        calibration,
        random=random_calibration,
        rewrite=rewrite,
        input_stats=input_stats,
        preprocessing=preprocessing,
    )
    request = CompareRequest(
        model_of(model),
        how,
        evaluation_data(said, data),
        out=maybe_path(out, "out"),
        plot=maybe_path(plot, "plot"),
        force=force,
        signature=signature,
    )
    return judge(request, progress)


def debug(
    model: Model,
    int8: Model | None = None,
    *,
    signature: str | None = None,
    data: Samples | None = None,
    samples: int = 20,
    stateful: bool = False,
    calibration: Samples | None = None,
    random_calibration: bool = False,
    io: Literal["int8", "uint8", "float"] = "int8",
    form: Literal["int8", "int16x8"] = "int8",
    mixed: bool = False,
    mode: Literal["auto", "minmax"] = "auto",
    calibrator: str | None = None,
    rewrite: bool = False,
    input_stats: InputStats | None = None,
    default_ranges: tuple[float, float] | None = None,
    normalize: tuple[float, float] | None = None,
    preprocessing: str | PathLike[str] | Preprocessing | None = None,
    plot: str | PathLike[str] | None = None,
    force: bool = False,
    progress: Progress = SILENT,
) -> Diagnosis:
    """Hold every layer of an int8 model against the float one that it was made from.

    Args:
        model: the float model.
        int8: the int8 model; None to convert the float one first.
        data: samples to look at; None for the calibration data.
        samples: how many of them, evenly spread.
        stateful: whether ``data`` are sequences, over which the model keeps its state: whole ones are taken.
        signature, calibration, random_calibration, io, form, mixed, mode, calibrator, rewrite, input_stats,
            default_ranges, normalize, preprocessing: as for :func:`convert`.
        plot: a file for a picture of the layers, ``.svg`` or ``.png``.
        force: replace an earlier picture.
        progress: hears of the stages.

    Returns:
        ``.layers``, worst first, and ``.blamed``: those that stand out, each with its cause and advice.

    Raises:
        EdgeqError: no data, or models that do not belong together.
    """
    said = options_given("debug", locals()).settings
    from edgeq.verbs.debug import DebugRequest
    from edgeq.verbs.debug import debug as examine

    how = calibration_of(
        said,
        calibration,
        random=random_calibration,
        rewrite=rewrite,
        input_stats=input_stats,
        default_ranges=default_ranges,
        mixed=mixed,
        preprocessing=preprocessing,
    )
    request = DebugRequest(
        model_of(model),
        None if int8 is None else model_of(int8),
        how,
        data=data,
        samples=samples,
        stateful=stateful,
        plot=maybe_path(plot, "plot"),
        force=force,
        signature=signature,
    )
    return examine(request, progress).diagnosis
