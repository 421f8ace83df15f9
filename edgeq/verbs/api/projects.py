"""Projects and what is compiled: each stage of the road by itself."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from typing import TYPE_CHECKING, Literal

from edgeq.backends.project.forms import FORMS
from edgeq.base.errors import UsageError
from edgeq.base.progress import SILENT, Progress
from edgeq.verbs.api.values import (
    Model,
    board_given,
    maybe_path,
    model_of,
    options_given,
    path_of,
)

if TYPE_CHECKING:
    from edgeq.backends.project.budget import Feeding, Optimize
    from edgeq.backends.project.console import Link
    from edgeq.boards import Board
    from edgeq.builder import Image
    from edgeq.judge.profile import Profile
    from edgeq.verbs.compile import Compiled
    from edgeq.verbs.flash import Flashed
    from edgeq.verbs.generate import Generated


Format = Literal["project", "carray", "library", "arduino", "zephyr-module", "esp-idf-component"]


def generate(
    model: Model,
    *,
    board: str | Board | None = None,
    format: Format = "project",  # noqa: A002  # as the option's name
    signature: str | None = None,
    runtime: str | None = None,
    tflm_dir: str | PathLike[str] | None = None,
    tflm_ops: str | PathLike[str] | None = None,
    kernels: Literal["auto", "reference", "cmsis_nn"] | None = None,
    explain: bool = False,
    cc: bool = False,
    golden: bool | None = None,
    link: Link = "full",
    runner_name: str | None = None,
    baud: int | None = None,
    optimize: Optimize = "auto",
    reserve_ram: int = 0,
    reserve_flash: int = 0,
    input: Feeding = "whole",  # noqa: A002  # as the option's name
    out: str | PathLike[str] | None = None,
    force: bool = False,
    progress: Progress = SILENT,
) -> Generated:
    """Write the project that runs an int8 model on a board, or its C for another project.

    Args:
        model: an int8 model; for the Dev Board Micro a compiled one.
        board: as for :func:`deploy`; a C array and a component of ESP-IDF are for none.
        format: ``"project"``, or ``"carray"`` for an array with the code around it; else the network in C
            for a build of your own (``"library"``) or for the build system named.
        signature: as for :func:`convert`.
        runtime: what is to run the model; None for the board's usual one.
        tflm_dir, kernels: as for :func:`deploy`.
        tflm_ops: as for :func:`check`.
        explain: give ``.choices``, the kernels that each layer could have.
        cc: an array in C++ instead of C.
        golden: whether firmware replays an inference of the runtime's oracle at boot, or an array has one;
            None for firmware that does, and arrays without.
        link: what firmware speaks: ``"full"``, ``"text"``, which MLPerf Tiny's runner needs, or ``"none"``.
        runner_name, baud: as for :func:`deploy`.
        optimize, reserve_ram, reserve_flash, input: as for :func:`deploy`.
        out: the folder; ``<model>-<board>-project``, or ``<model>-<format>``, by default.
        force: replace an earlier folder of edgeq's, and keep what is the user's in it.
        progress: hears of the stages.

    Returns:
        ``.folder``, ``.files`` and ``.manifest``: the model, its memory and MACs, its inputs and outputs.

    Raises:
        EdgeqError: the model is not one that the runtime takes, or the folder is in use.
    """
    said = options_given("generate", locals()).settings
    from edgeq.verbs.from_settings import budget, console, one_runtime, tflm_choice
    from edgeq.verbs.generate import generate as make
    from edgeq.verbs.generate import generate_array, generate_library
    from edgeq.verbs.request import ArrayRequest, GenerateRequest, LibraryRequest

    target, which = maybe_path(out, "out"), one_runtime(said)
    if format == "carray":
        array = ArrayRequest(
            model_of(model), target, which, "cc" if cc else "c", bool(golden), force, signature
        )
        return generate_array(array, progress)
    form = FORMS.get(format)
    if form is None and format != "project":
        there_are = ", ".join(("project", "carray", *FORMS))
        raise UsageError(f"format: {format!r} is not one of them", f"there are: {there_are}")
    place = None if board is None else board_given(board)
    if form is not None and (place is not None or form.any_core):
        wanted = LibraryRequest(model_of(model), form, place, target, budget(said), force, signature)
        return generate_library(wanted, progress)
    if place is None:
        raise UsageError("no board is given", "give an id of edgeq.list_boards(), or a Board")
    spoken = console(said, link)
    request = GenerateRequest(
        model_of(model),
        spoken.on(place),
        target,
        which,
        tflm_choice(said),
        golden=golden is not False,
        console=spoken,
        budget=budget(said),
        explain=explain,
        force=force,
        signature=signature,
    )
    return make(request, progress)


def build(
    project: str | PathLike[str],
    *,
    toolchain: Literal["auto", "zig", "gcc"] = "auto",
    tflm_dir: str | PathLike[str] | None = None,
    force: bool = False,
    progress: Progress = SILENT,
) -> Image:
    """Compile and link a project into ``<project>/build/firmware.elf``.

    Args:
        project: a folder of :func:`generate`, or an output folder of :func:`deploy`.
        toolchain: which compiler.
        tflm_dir: TensorFlow Lite Micro, for a project around it.
        force: replace a build folder of CMake's, too; other files in it are kept.
        progress: hears of the stages.

    Returns:
        The image: ``.elf``, ``.sizes`` in bytes, ``.board``, ``.build_hash``.

    Raises:
        BuildError: it does not compile, or does not fit the board.
        ToolMissingError: there is no compiler.
        UsageError: it is no project.
    """
    said = options_given("build", locals()).settings
    from edgeq.builder import build as make
    from edgeq.verbs.folders import find_project

    return make(
        find_project(path_of(project, "project")),
        toolchain=said.toolchain or "auto",
        tflm_dir=said.tflm_dir,
        force=force,
        progress=progress,
    )


def flash(
    project: str | PathLike[str],
    *,
    build_dir: str = "build",
    port: str | None = None,
    device: str | None = None,
    hardware_map: str | PathLike[str] | None = None,
    verify: bool = True,
    progress: Progress = SILENT,
) -> Flashed:
    """Write a project's firmware to a board, start it, and ask it for the hash of its build.

    Args:
        project: a folder whose firmware is built.
        build_dir: where in the project it is.
        port: the serial port of its console; None for the one that belongs to the probe.
        device, hardware_map: as for :func:`deploy`.
        verify: whether to ask the firmware; else no serial port is needed.
        progress: hears of the stages.

    Returns:
        ``.runner``, the tool that did it, ``.device``, ``.port`` and ``.log``.

    Raises:
        EdgeqError: the board is not flashed by any tool, none is installed, or it failed.
    """
    given, said = options_given("flash", locals())
    from edgeq.verbs.flash import flash as write
    from edgeq.verbs.from_settings import run_request

    request = run_request(path_of(project, "project"), said, None, given=given, build_dir=build_dir)
    return write(request, verify=verify, progress=progress)


def profile(
    path: Model,
    *,
    board: str | Board | None = None,
    toolchain: Literal["auto", "zig", "gcc"] = "auto",
    build_dir: str = "build",
    signature: str | None = None,
    port: str | None = None,
    device: str | None = None,
    simulator: str | None = None,
    hardware_map: str | PathLike[str] | None = None,
    plot: str | PathLike[str] | None = None,
    force: bool = False,
    progress: Progress = SILENT,
) -> Profile:
    """What each layer of an int8 model costs on a simulated board of edgeq's own.

    Args:
        path: an int8 model; or a project of :func:`generate` or :func:`deploy` that is built.
        board: for a model: which board; a project has its own.
        toolchain: for a model: which compiler builds it.
        build_dir: where in a project its firmware is.
        signature: for a model: as for :func:`convert`.
        port, device, simulator, hardware_map: as for :func:`deploy`.
        plot: draw it there, as ``.svg``.
        force: replace an earlier picture.
        progress: hears of the stages.

    Returns:
        ``.instructions``, ``.cycles_estimated`` and ``.layers``, each with these, its MACs and its bytes.

    Raises:
        EdgeqError: nothing tells what the board executes, or the model is not one that the runtime takes.
    """
    given, said = options_given("profile", locals())
    from edgeq.verbs.from_settings import place
    from edgeq.verbs.profile import ProfileRequest
    from edgeq.verbs.profile import profile as measure

    request = ProfileRequest(
        model_of(path),
        board=None if board is None else board_given(board),
        toolchain=said.toolchain or "auto",
        build_dir=build_dir,
        place=place(said),
        plot=maybe_path(plot, "plot"),
        force=force,
        signature=signature,
        given=given,
    )
    return measure(request, progress)


def compile(  # noqa: A001  # the verb's name
    models: str | PathLike[str] | Sequence[str | PathLike[str]],
    *,
    out: str | PathLike[str] | None = None,
    signature: str | None = None,
    min_mapped: float | str | None = None,
    min_runtime_version: int | None = None,
    segments: int | None = None,
    balance: bool = False,
    measure_on: str | None = None,
    cut: bool = False,
    multiple_subgraphs: bool = False,
    intermediate_tensors: str | Sequence[str] | None = None,
    search_delegate: bool = False,
    timeout: int = 180,
    retries: int = 2,
    find_culprit: bool = False,
    edgetpu_compiler: Sequence[str] | None = None,
    edgetpu_python: str | None = None,
    edgetpu_ssh: Sequence[str] | None = None,
    edgetpu_device: str | None = None,
    force: bool = False,
    progress: Progress = SILENT,
) -> Compiled:
    """Compile int8 or uint8 models for the Edge TPU with the vendor's ``edgetpu_compiler``.

    Args:
        models: the file, or several that share one device's memory.
        out: the folder; ``<first model>-edgetpu`` in the working folder by default.
        signature: as for :func:`convert`, where one file is given.
        min_mapped, min_runtime_version, edgetpu_compiler, edgetpu_python, edgetpu_ssh, edgetpu_device: as
            for :func:`deploy`; the last three for ``measure_on``.
        segments: cut one model into so many parts for as many devices.
        balance: cut it where the slowest part is fastest: by prediction, or with ``measure_on`` (``"coral"``,
            ``"coral@user@host"``) by what they take on the Edge TPU there.
        cut: cut the model before the first operator that would not map; what is left runs on the CPU.
        multiple_subgraphs: let the compiler map several sets of operators, not only the first.
        intermediate_tensors: names of tensors at which the mapped part shall end.
        search_delegate: where compiling fails, let the compiler look for a part that compiles.
        timeout: seconds for one attempt.
        retries: how many further attempts where a failure may be a passing one.
        find_culprit: where the compiler fails without naming a cause, look for the operator at fault.
        force: replace an earlier folder of edgeq's, and keep what is the user's in it.
        progress: hears of the stages.

    Returns:
        ``.files``, the compiled models, ``.passed`` and ``.findings``; beside them the ``.predictions``.

    Raises:
        ToolMissingError: there is no compiler; the message says what was predicted.
        CompileFailed: it made nothing of the models.
        UsageError: a model that is compiled already, or a float one.
    """
    said = options_given("compile", locals()).settings
    from edgeq.edgetpu.compiler import NEWEST_RUNTIME, Options
    from edgeq.verbs.compile import CompileRequest, compile_files, tensor_names
    from edgeq.verbs.from_settings import measured_on

    named = [models] if isinstance(models, str | PathLike) else list(models)
    request = CompileRequest(
        models=tuple(path_of(one, "models") for one in named),
        out=maybe_path(out, "out"),
        compiler=said.edgetpu_compiler,
        options=Options(
            said.min_runtime_version or NEWEST_RUNTIME,
            segments=_count("segments", segments, 2, 32),
            multiple_subgraphs=multiple_subgraphs,
            intermediate_tensors=tensor_names(intermediate_tensors),
            search_delegate=search_delegate,
            timeout=_count("timeout", timeout, 1, 86400) or 180,
            retries=_count("retries", retries, 0, 10) or 0,
        ),
        min_mapped=said.min_mapped,
        find_culprit=find_culprit,
        cut=cut,
        balance=balance,
        measured_on=measured_on(said, measure_on),
        force=force,
        signature=signature,
    )
    return compile_files(request, progress)


def _count(name: str, value: int | None, low: int, high: int) -> int | None:
    """A number of the compiler's own range.

    Raises:
        UsageError: outside of it.
    """
    if value is None:
        return None
    if type(value) is not int or not low <= value <= high:
        raise UsageError(f"{name}: {value!r} is not between {low} and {high}", "give a whole number")
    return value
