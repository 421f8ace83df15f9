"""The Python API: the same road as the command line, with values instead of files where that is handier.

``edgeq.convert``, ``edgeq.check`` and ``edgeq.deploy`` are these functions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Union

import numpy as np
import numpy.typing as npt

from edgeq.base.errors import DataError
from edgeq.base.progress import SILENT, Progress
from edgeq.graph import Graph, Tensor, read_model

if TYPE_CHECKING:
    from edgeq.boards import Board, Simulator
    from edgeq.checker import Checked
    from edgeq.converter import Converted, InputStats
    from edgeq.data import Dataset
    from edgeq.judge.report import Report

Array = npt.NDArray[Any]
Model = str | Path | bytes
"""A .tflite file: its path, or its bytes; or the path of another source, or ``module:function``
(docs/sources.md)."""

Samples = Union[str, Path, Array, tuple[Array, Array], Mapping[str, Array], "Dataset"]
"""Data: a spec as ``--data`` takes it (path or ``module:function``); an array x ``[n, ...]``; a pair (x, y)
with labels y ``[n]``; a mapping of input names, and ``"y"``, to arrays; or a Dataset."""


def convert(
    model: Model,
    calibration: Samples | None = None,
    *,
    io: Literal["int8", "uint8"] = "int8",
    mode: Literal["auto", "minmax"] = "auto",
    calibrator: str | None = None,
    rewrite: bool = False,
    normalize: tuple[float, float] | None = None,
    input_stats: InputStats | None = None,
    default_ranges: tuple[float, float] | None = None,
    progress: Progress = SILENT,
) -> Converted:
    """Quantize a float model to strict int8.

    Args:
        model: the float model.
        calibration: about a hundred real inputs, as real values; None for a model that training gave its
            ranges (fake quantization).
        io: the type of the int8 model's inputs and outputs.
        mode: ``"auto"``, or ``"minmax"`` for TensorFlow's scales and integers.
        calibrator: how the mode auto gets the ranges of activations, instead of its own way: ``"minmax"``,
            ``"percentile:99.9"``, ``"mse"`` or ``"entropy"``.
        rewrite: put other operators, or a table, in the place of operators that have no int8 form; else they
            are refused.
        normalize: (mean, std) by which images become (pixel - mean) / std.
        input_stats: (mean, std) that fix the inputs' range as older uint8 models state it:
            real = (q - mean) / std. One pair for all float inputs, or a mapping from input names to pairs, in
            which ``""`` stands for the inputs that are not named.
        default_ranges: (min, max) for every activation that has no range, without calibration data; for
            trials of speed only.
        progress: hears of the stages.

    Returns:
        The int8 model: ``.model`` its bytes, ``.graph``, and ``.notes`` on what is unusual about it.

    Raises:
        ModelError: not a valid model, not a float one, or with something that cannot be converted.
        DataError: the calibration data does not suit the model.
    """
    from edgeq.verbs.convert import Calibration, convert_float

    data, graph = _load(model, progress)
    how = Calibration(
        _samples(calibration, graph.input_tensors, normalize),
        normalize=normalize,
        io=io,
        mode=mode,
        calibrator=calibrator,
        rewrite=rewrite,
        input_stats=input_stats,
        default_ranges=default_ranges,
    )
    return convert_float(data, graph, how, progress)


def check(model: Model, *, runtime: Literal["aot", "tflm"] = "aot") -> Checked:
    """Check that a model is strictly int8, of static shapes, and made of operators that the firmware has.

    Args:
        model: an int8 model.
        runtime: what is to run it.

    Returns:
        The checked model, which backends take; ``.findings`` holds warnings.

    Raises:
        ModelError: not a valid model.
        CheckFailed: with ``.findings``, some of which are errors.
    """
    from edgeq.checker import check as examine

    data, graph = _load(model)
    return examine(data, name=graph.name, runtime=runtime)


def deploy(
    model: Model,
    *,
    board: str | Board,
    out: str | Path | None = None,
    calibration: Samples | None = None,
    data: Samples | None = None,
    random_calibration: bool = False,
    io: Literal["int8", "uint8"] = "int8",
    mode: Literal["auto", "minmax"] = "auto",
    calibrator: str | None = None,
    rewrite: bool = False,
    input_stats: InputStats | None = None,
    default_ranges: tuple[float, float] | None = None,
    normalize: tuple[float, float] | None = None,
    limit: int | None = None,
    samples: int | None = None,
    seed: int = 0,
    runtime: Literal["aot", "tflm"] = "aot",
    tflm_dir: str | Path | None = None,
    kernels: Literal["reference", "cmsis_nn"] | None = None,
    toolchain: Literal["auto", "zig", "gcc"] = "auto",
    port: str | None = None,
    simulator: Simulator | None = None,
    device: str | None = None,
    flash: bool = True,
    hardware_map: str | Path | None = None,
    min_accuracy: float | None = None,
    max_accuracy_drop: float | None = None,
    max_instructions: int | None = None,
    max_latency: float | None = None,
    require_exact: bool = False,
    allow_inexact: bool = False,
    force: bool = False,
    progress: Progress = SILENT,
) -> Report:
    """Take a model to a board and judge it there.

    Args:
        model: a float or int8 model; a float one needs ``calibration``.
        board: an id of the catalogue, the path of a board.toml, or a Board.
        out: the folder of artefacts; ``<model>-<board>`` in the working folder by default.
        calibration: real inputs to quantize by.
        data: what the device is judged on; with labels its accuracy too. None takes ``samples`` seeded random
            inputs (20 by default), which shows exactness only.
        random_calibration: quantize by random numbers: for trying things out.
        io, mode, calibrator, rewrite, input_stats, default_ranges, normalize: as for :func:`convert`.
        limit: take no more of ``data``.
        runtime: what runs the model: C of edgeq's own, or TensorFlow Lite Micro.
        tflm_dir: where TensorFlow Lite Micro is, for that runtime.
        kernels: which kernels of it; None for CMSIS-NN where there is a library with it.
        toolchain: which compiler.
        port: a pyserial URL of the console of a device, instead of the simulator. A board with flash tools is
            flashed first; any other runs this firmware already.
        simulator: which one, where the board has several.
        device: a serial number, or a part of it, of the probe or board to flash.
        flash: whether to flash a board of hardware; else the firmware is on it already.
        hardware_map: a file that says which board is behind which probe.
        min_accuracy, max_accuracy_drop: shares 0..1 that the verdict asks for; a drop of more than 5 points
            and two samples fails without being asked for.
        max_instructions: of a warm inference.
        max_latency: of a warm inference, in milliseconds; for boards of hardware.
        require_exact: whether every output byte must equal the oracle's; it must without it, too.
        allow_inexact: whether other outputs than the oracle's are a warning only.
        force: replace an earlier output folder.
        progress: hears of the stages.

    Returns:
        The report; ``.verdict`` is ``"pass"`` or ``"fail"``.

    Raises:
        EdgeqError: a stage failed; one class per kind in ``edgeq.base.errors``.
    """
    from edgeq.boards import load_board
    from edgeq.judge.report import Thresholds
    from edgeq.judge.trial import DEFAULT_SAMPLES, Trial
    from edgeq.targets import Place
    from edgeq.verbs.convert import Calibration
    from edgeq.verbs.deploy import Request, default_out
    from edgeq.verbs.deploy import deploy as take
    from edgeq.verbs.runtimes import TflmChoice

    content, graph = _load(model, progress)
    inputs = graph.input_tensors
    chosen = load_board(board) if isinstance(board, str) else board
    request = Request(
        model=content,
        graph=graph,
        board=chosen,
        out=default_out(graph.name, chosen.id) if out is None else Path(out),
        calibration=Calibration(
            _samples(calibration, inputs, normalize),
            random_calibration,
            normalize,
            io,
            mode,
            calibrator,
            rewrite,
            input_stats,
            default_ranges,
        ),
        test=Trial(
            _samples(data, inputs, normalize),
            normalize,
            limit,
            DEFAULT_SAMPLES if samples is None else samples,
            seed,
        ),
        thresholds=Thresholds(
            min_accuracy=min_accuracy,
            max_accuracy_drop=max_accuracy_drop,
            max_instructions=max_instructions,
            max_latency=max_latency,
            require_exact=require_exact,
            allow_inexact=allow_inexact,
        ),
        force=force,
        toolchain=toolchain,
        place=Place(
            port=port,
            simulator=simulator,
            device=device,
            flash=flash,
            hardware_map=None if hardware_map is None else Path(hardware_map),
        ),
        runtime=runtime,
        tflm=TflmChoice(None if tflm_dir is None else Path(tflm_dir), kernels),
    )
    return take(request, progress)


def _load(model: Model, progress: Progress = SILENT) -> tuple[bytes, Graph]:
    if isinstance(model, bytes | bytearray | memoryview):
        content = bytes(model)
        return content, read_model(content)
    from edgeq.converter.sources import load_source

    loaded = load_source(Path(model), progress=progress)
    return loaded.model, loaded.graph


def _samples(
    given: Samples | None, inputs: Sequence[Tensor], normalize: tuple[float, float] | None
) -> str | Dataset | None:
    """Arrays as a Dataset, checked against the model's inputs; specs and Datasets as they are."""
    from edgeq.data import Dataset
    from edgeq.data.fit import fit

    if given is None or isinstance(given, str | Dataset):
        return given
    if isinstance(given, Path):
        return str(given)
    labels: Array | None = None
    if isinstance(given, Mapping):
        arrays, labels = _named(given, inputs), given.get("y")
    elif isinstance(given, tuple):
        if len(given) != 2:
            raise DataError(
                f"a tuple of {len(given)} as data", "give (x, y), or a mapping of input names to arrays"
            )
        arrays, labels = [np.asarray(given[0])], np.asarray(given[1])
    else:
        arrays = [np.asarray(given)]
    if len(arrays) != len(inputs):
        raise DataError(
            f"one array as data, and the model has {len(inputs)} inputs",
            "give a mapping of input names to arrays",
        )
    return fit(
        arrays, None if labels is None else np.asarray(labels), inputs, source="arrays", normalize=normalize
    )


def _named(given: Mapping[str, Array], inputs: Sequence[Tensor]) -> list[Array]:
    names = [tensor.name for tensor in inputs]
    keys = ["x"] if len(inputs) == 1 and "x" in given else names
    missing = [key for key in keys if key not in given]
    if missing:
        raise DataError(
            f"the data has no array {missing[0]!r}; it has {', '.join(map(repr, given)) or 'none'}",
            f"the model's inputs are {', '.join(map(repr, names))}",
        )
    return [np.asarray(given[key]) for key in keys]
