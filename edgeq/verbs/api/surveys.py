"""What is known before a model is taken to a board, and after: samples, boards, operators, earlier runs."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal

from edgeq.base.progress import SILENT, Progress
from edgeq.verbs.api.values import Model, maybe_path, model_of, options_given, path_of

if TYPE_CHECKING:
    from edgeq.backends.project.budget import Optimize
    from edgeq.judge.page import Run
    from edgeq.verbs.fit import Fits
    from edgeq.verbs.operators import Row


def boards_fit(
    model: Model,
    *,
    signature: str | None = None,
    toolchain: Literal["auto", "zig", "gcc"] = "auto",
    optimize: Optimize = "auto",
    reserve_ram: int = 0,
    reserve_flash: int = 0,
    progress: Progress = SILENT,
) -> Fits:
    """Try an int8 model on every board of the catalogue: flash, RAM, and what an inference would take.

    Args:
        model: an int8 model.
        signature: as for :func:`convert`.
        toolchain: the compiler that builds the firmware.
        optimize, reserve_ram, reserve_flash: as for :func:`deploy`.
        progress: hears of the stages.

    Returns:
        ``.boards``, those that fit first, and ``.smallest`` of the hardware, or None.

    Raises:
        EdgeqError: the model is not one that the runtime takes, or there is no compiler.
    """
    said = options_given("boards fit", locals()).settings
    from edgeq.verbs.fit import FitRequest, fit
    from edgeq.verbs.from_settings import budget

    return fit(FitRequest(model_of(model), said.toolchain, budget(said), signature), progress)


def data_inspect(
    spec: str | PathLike[str],
    *,
    preprocessing: str | PathLike[str] | None = None,
    labels: str | None = None,
) -> dict[str, Any]:
    """What is in a file or folder of samples, as ``edgeq data inspect --json`` tells it.

    Args:
        spec: a .npz (x and y), .npy, .csv or .tfrecord file, or a folder of sounds, images or tables.
        preprocessing: the TOML file that says what a raw sample is; None for what the files say.
        labels: the name of the array or column of labels; None for ``y``.

    Raises:
        DataError: it cannot be read.
    """
    options_given("data inspect", locals())
    from edgeq.verbs.data import given, inspect

    return inspect(
        given(path_of(spec, "spec"), maybe_path(preprocessing, "preprocessing"), labels), str(spec)
    )


def data_split(
    spec: str | PathLike[str],
    *,
    out: str | PathLike[str],
    test: float | str = 0.2,
    seed: int = 0,
    preprocessing: str | PathLike[str] | None = None,
    labels: str | None = None,
    force: bool = False,
) -> dict[str, Any]:
    """Write samples as ``train.npz`` and ``test.npz``, each sample in the same part every time.

    Args:
        spec, preprocessing, labels: as for :func:`data_inspect`.
        out: the folder.
        test: how much is test data, 0 to 1, or a text such as ``"20%"``.
        seed: another one splits otherwise.
        force: replace files that exist.

    Returns:
        ``train`` and ``test``, each with its ``file`` and how many ``samples`` it has.

    Raises:
        DataError: it cannot be read.
        UsageError: a part would be empty, or a file exists.
    """
    options_given("data split", locals())
    from edgeq.verbs.data import given, split
    from edgeq.verbs.settings import parse_share

    found = given(path_of(spec, "spec"), maybe_path(preprocessing, "preprocessing"), labels)
    return split(found, parse_share(test, "test"), path_of(out, "out"), seed=seed, force=force)


def operators(names: Sequence[str] = (), *, by: str | None = None, dtype: str | None = None) -> Sequence[Row]:
    """The operators that each runtime, the converter and the Edge TPU take, and in which forms.

    Args:
        names: TensorFlow Lite's, such as ``("CONV_2D",)``, in any case; none for all.
        by: who takes them: a runtime, ``"convert"`` or ``"edgetpu"``; None for all.
        dtype: a type that a form's inputs or outputs have; None for all.

    Raises:
        UsageError: there is no such operator, or nobody of that name takes any.
    """
    options_given("operators", locals())
    from edgeq.verbs.operators import operators as rows

    return rows(names, by, dtype)


def report(
    run: str | PathLike[str],
    later: str | PathLike[str] | None = None,
    *,
    html: str | PathLike[str] | None = None,
    layers: str | PathLike[str] | None = None,
    ladder: str | PathLike[str] | None = None,
    force: bool = False,
) -> Sequence[Run]:
    """What an earlier run found, or what has changed from it to a later one.

    Args:
        run: an output folder of :func:`deploy`, one with several of them in it, or a ``report.json``.
        later: another, to be held against ``run``.
        html: where a page goes that needs nothing else.
        layers, ladder: files of ``edgeq debug --json`` and ``edgeq compare --json``, for the page.
        force: replace an earlier page.

    Returns:
        The runs of the later one: ``.report``, ``.figures()`` and ``.changes``. ``edgeq.judge.page.markdown``
        makes a step's summary of them.

    Raises:
        UsageError: a file that is not there, is no report, or a page that exists.
    """
    options_given("report", locals())
    from edgeq.verbs.report import ReportRequest
    from edgeq.verbs.report import report as read

    first, second = path_of(run, "run"), maybe_path(later, "later")
    shown, before = (first, None) if second is None else (second, first)
    pages = (maybe_path(html, "html"), maybe_path(layers, "layers"), maybe_path(ladder, "ladder"))
    return read(ReportRequest(shown, before, *pages, force))
