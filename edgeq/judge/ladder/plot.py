"""The ladder as a picture: quality against size."""

from __future__ import annotations

import importlib
import importlib.util
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from edgeq.base.errors import ToolMissingError, UsageError
from edgeq.judge.ladder.climb import MeasuredForm

KINDS = (".svg", ".png")
_MARKERS = "osD^vPX"


def refuse_plot(path: Path) -> None:
    """Say before any work that a picture cannot be drawn.

    Raises:
        UsageError: the file's name ends in something else than .svg or .png.
        ToolMissingError: matplotlib is not installed.
    """
    if path.suffix.lower() not in KINDS:
        raise UsageError(f"{path} is not a picture's name", f"let it end in {' or '.join(KINDS)}")
    if importlib.util.find_spec("matplotlib") is None:
        raise ToolMissingError(
            "matplotlib, which draws the picture, is not installed",
            "install it with: pip install 'edgeq[plots]'",
        )


def plot(forms: Sequence[MeasuredForm], name: str, kind: str) -> bytes:
    """A picture of accuracy, or of SQNR where no labels were given, against the file's size.

    Args:
        forms: as :func:`edgeq.judge.ladder.climb` gives them.
        name: the model's name, for the title.
        kind: ``.svg`` or ``.png``.

    Raises:
        ToolMissingError: matplotlib is not installed.
    """
    refuse_plot(Path(f"plot{kind}"))
    figures: Any = importlib.import_module("matplotlib.figure")
    matplotlib: Any = importlib.import_module("matplotlib")
    figure = figures.Figure(figsize=(8.0, 4.0), layout="constrained")
    axes = figure.subplots()
    label, points = _points(forms)
    for (title, size, quality), marker in zip(points, _MARKERS, strict=False):
        axes.plot([size / 1000], [quality], marker, label=title, alpha=0.8)
    axes.legend(fontsize=8, bbox_to_anchor=(1.01, 1), loc="upper left")
    axes.set(xlabel="model file, kB", ylabel=label, title=name)
    axes.margins(0.1)
    axes.grid(visible=True, alpha=0.3)
    target = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "edgeq"}):  # the same forms give the same file
        figure.savefig(target, format=kind.removeprefix("."), metadata={DATES[kind]: None})
    return target.getvalue()


DATES = {".svg": "Date", ".png": "Software"}
"""What each kind of file would otherwise say of when and by what it was made."""


def _points(forms: Sequence[MeasuredForm]) -> tuple[str, list[tuple[str, int, float]]]:
    """The axis' label, and (title, bytes, quality) of every form that has both."""
    if any(form.accuracy is not None for form in forms):
        return "accuracy, %", [
            (form.title, len(form.model), 100 * form.accuracy)
            for form in forms
            if form.model is not None and form.accuracy is not None
        ]
    return "SQNR of the logits, dB", [
        (form.title, len(form.model), form.sqnr)
        for form in forms
        if form.model is not None and form.sqnr is not None and form.sqnr != float("inf")
    ]
