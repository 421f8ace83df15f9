"""The whole road to a board, and its last part alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from os import PathLike
from typing import TYPE_CHECKING, Literal

from edgeq.base.progress import SILENT, Progress
from edgeq.verbs.api.values import (
    Model,
    board_given,
    calibration_of,
    environments_of,
    maybe_path,
    model_of,
    options_given,
    path_of,
)

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from edgeq.backends.project.budget import Feeding, Optimize
    from edgeq.boards import Board
    from edgeq.converter import InputStats
    from edgeq.data import Samples, Task
    from edgeq.features import Preprocessing
    from edgeq.judge.report import Report
    from edgeq.judge.report.limits import Limits
    from edgeq.verbs.side_by_side import SideBySide


def deploy(
    model: Model,
    *,
    board: str | Board,
    signature: str | None = None,
    out: str | PathLike[str] | None = None,
    calibration: Samples | None = None,
    data: Samples | None = None,
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
    limit: int | None = None,
    labels: str | None = None,
    task: Task | None = None,
    output: str | None = None,
    stateful: bool = False,
    samples: int | None = None,
    seed: int = 0,
    runtime: str | Sequence[str] | None = None,
    tflm_dir: str | PathLike[str] | None = None,
    kernels: Literal["auto", "reference", "cmsis_nn"] | None = None,
    golden: bool | None = None,
    runner_name: str | None = None,
    baud: int | None = None,
    optimize: Optimize = "auto",
    reserve_ram: int = 0,
    reserve_flash: int = 0,
    input: Feeding = "whole",  # noqa: A002  # as the option's name
    toolchain: Literal["auto", "zig", "gcc"] | None = None,
    port: str | None = None,
    simulator: str | None = None,
    device: str | None = None,
    flash: bool = True,
    hardware_map: str | PathLike[str] | None = None,
    place: str | None = None,
    labgrid_python: str | None = None,
    labgrid_coordinator: str | None = None,
    labgrid_config: str | PathLike[str] | None = None,
    labgrid_wait: float | None = None,
    cpu: bool = False,
    cut: bool = False,
    min_mapped: float | str | None = None,
    min_runtime_version: int | None = None,
    edgetpu_compiler: Sequence[str] | None = None,
    edgetpu_python: str | None = None,
    edgetpu_ssh: Sequence[str] | None = None,
    edgetpu_device: str | None = None,
    sources_tensorflow: str | None = None,
    sources_onnx: str | None = None,
    sources_torch: str | None = None,
    sources_timeout: float | None = None,
    baseline: str | PathLike[str] | None = None,
    tolerance: float | str | None = None,
    update_baseline: bool = False,
    junit: str | PathLike[str] | None = None,
    force: bool = False,
    progress: Progress = SILENT,
    **limits: Unpack[Limits],
) -> Report | SideBySide:
    """Take a model to a board and judge it there.

    Args:
        model: a float or int8 model; a float one needs ``calibration``.
        board: an id of the catalogue, the path of a board.toml, a Board, or ``"coral@user@host"``.
        signature: as for :func:`convert`.
        out: the folder of artefacts; ``<model>-<board>`` in the working folder by default.
        calibration: real inputs to quantize by.
        data: what the device is judged on; with labels its accuracy too. None takes ``samples`` seeded random
            inputs (20 by default), which shows exactness only.
        random_calibration: quantize by random numbers: for trying things out.
        io, form, mixed, mode, calibrator, rewrite, input_stats, default_ranges, normalize, preprocessing: as
            for :func:`convert`; ``mixed`` keeps to ``max_accuracy_drop`` where ``data`` has labels.
        limit: take no more of ``data``.
        labels: the name of the array of labels in it; None for ``y``, unless an input has that name.
        task: what labels are; None for classes where they are integers, else the values of a regression.
        output: the output that labels are of, by name or position; None for the first.
        stateful: whether the data are sequences, over which the model keeps its state: ``[sequences, steps,
            ...]``, or ``[n, ...]`` with an array ``lengths`` or as one sequence. Otherwise a state is reset
            before each sample.
        samples, seed: how many random inputs where there is no data, and their seed.
        runtime: what runs the model: ``"aot"`` (C of edgeq's own), ``"tflm"`` (TensorFlow Lite Micro), or
            several, to hold them side by side; None for the board's usual one.
        tflm_dir: where TensorFlow Lite Micro is, for that runtime.
        kernels: which kernels of it; None for CMSIS-NN where there is a library with it.
        golden: whether firmware replays an inference of the runtime's oracle at boot; None for yes.
        runner_name: the model's for the runner of MLPerf Tiny (``"kws01"``); None for the file's.
        baud: of the console; None for the board's.
        optimize: of edgeq's own runtime: ``"speed"``, ``"size"`` (the least flash), ``"ram"`` (the least
            RAM), or ``"auto"``: the fewest instructions in the memory that the board has.
        input: ``"rows"`` where the application pushes them as its sensor delivers them; else ``"whole"``.
        reserve_ram, reserve_flash: bytes of the board's that are for the application.
        toolchain: which compiler; None for zig, else gcc.
        port: a pyserial URL of the console of a device, instead of the simulator. A board with flash tools is
            flashed first; any other runs this firmware already.
        simulator: which one, where the board has several.
        device: a serial number, or a part of it, of the probe or board to flash.
        flash: whether to flash a board of hardware; else the firmware is on it already.
        hardware_map: a file that says which board is behind which probe.
        place: of a farm: labgrid's place of this name, or any with these tags (``"board=sim-m4"``).
        labgrid_python, labgrid_coordinator, labgrid_config: the Python that has labgrid, where its
            coordinator listens, and its environment file.
        labgrid_wait: seconds that a place with tags is waited for.
        cpu: on an Edge TPU board, run the uncompiled model on the host's CPU, to try everything else.
        cut: on an Edge TPU board, cut the model before the first operator that would not map; the rest runs
            on the host's CPU.
        min_mapped: the share of operators, 0..1, that has to run on the Edge TPU.
        min_runtime_version: the oldest Edge TPU runtime that the compiled model shall run on; None for what
            the device's machine has.
        edgetpu_compiler: the argument list that starts the compiler; None for ``edgetpu_compiler`` on PATH.
        edgetpu_python, edgetpu_ssh: the Python beside the device, and the command that connects to it.
        edgetpu_device: which Edge TPU there: ``"usb"``, ``"pci:0"``, …
        sources_tensorflow, sources_onnx, sources_torch, sources_timeout: as for :func:`convert`.
        baseline: the file of the figures that were accepted last: one that is worse by more than
            ``tolerance`` (0.01) fails; ``update_baseline`` accepts those of this run.
        junit: a file for the result as JUnit XML.
        force: replace an earlier folder of edgeq's, and keep what is the user's in it.
        progress: hears of the stages.
        limits: what the verdict asks for, each by the name of its option, as ``min_accuracy=0.9``. A share is
            0..1. Without any, a drop of accuracy of more than 5 points and two samples fails, and so does
            firmware that does not give the oracle's every byte. docs/report.md has them all.

    Returns:
        The report; ``.verdict`` is ``"pass"`` or ``"fail"``. With several runtimes, their reports side by
        side in ``.reports``. Where a tool was missing and all else could be done, a finding says so.

    Raises:
        EdgeqError: a stage failed; one class per kind in ``edgeq.base.errors``.
    """
    given, said = options_given("deploy", locals())
    from edgeq.verbs.from_settings import baseline_file, deploy_request
    from edgeq.verbs.matrix import Cell, judge_cells
    from edgeq.verbs.side_by_side import SideBySide

    chosen = board_given(board)
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
    request = deploy_request(
        model_of(model),
        said,
        chosen,
        how,
        given=given,
        data=data,
        cpu=cpu,
        cut=cut,
        flash=flash,
        force=force,
        signature=signature,
    )
    cell = Cell(request.board.id, replace(request, environments=environments_of(said)))
    accepted = baseline_file(said, update=update_baseline)
    found = judge_cells([cell], accepted, maybe_path(junit, "junit"), progress).only()
    return found if isinstance(found, SideBySide) else found.report


def run(
    path: str | PathLike[str],
    *,
    board: str | Board | None = None,
    build_dir: str = "build",
    data: Samples | None = None,
    normalize: tuple[float, float] | None = None,
    limit: int | None = None,
    labels: str | None = None,
    task: Task | None = None,
    output: str | None = None,
    stateful: bool = False,
    samples: int | None = None,
    seed: int = 0,
    port: str | None = None,
    simulator: str | None = None,
    device: str | None = None,
    flash: bool = True,
    resume: bool = False,
    hardware_map: str | PathLike[str] | None = None,
    place: str | None = None,
    labgrid_python: str | None = None,
    labgrid_coordinator: str | None = None,
    labgrid_config: str | PathLike[str] | None = None,
    labgrid_wait: float | None = None,
    cpu: bool = False,
    edgetpu_python: str | None = None,
    edgetpu_ssh: Sequence[str] | None = None,
    edgetpu_device: str | None = None,
    progress: Progress = SILENT,
    **limits: Unpack[Limits],
) -> Report:
    """Judge what is built already.

    Args:
        path: a project, or an output folder of :func:`deploy`; for an Edge TPU also a compiled model with
            the one that it was compiled from beside it (``X_edgetpu.tflite`` and ``X.tflite``).
        board: refuse unless the project was made for this board; ``"coral"`` and ``"coral@user@host"`` say
            where a compiled model runs.
        build_dir: where in the project the firmware was built.
        data, normalize, limit, labels, task, output, samples, seed: as for :func:`deploy`.
        port, simulator, device, flash, hardware_map, place, labgrid_*: likewise.
        resume: go on with a run of the same firmware and data that was cut short.
        cpu, edgetpu_python, edgetpu_ssh, edgetpu_device: likewise.
        progress: hears of the stages.
        limits: as for :func:`deploy`.

    Returns:
        The report.

    Raises:
        EdgeqError: nothing is built there, or the device is not there, is silent, faults, or runs something
            else.
    """
    given, said = options_given("run", locals())
    from edgeq.verbs.from_settings import run_request
    from edgeq.verbs.run import run as judge

    chosen = None if board is None else board_given(board)
    request = run_request(
        path_of(path, "path"),
        said,
        chosen,
        given=given,
        build_dir=build_dir,
        data=data,
        cpu=cpu,
        flash=flash,
        resume=resume,
    )
    return judge(request, progress).report
