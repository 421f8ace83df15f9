"""The diagnosis as a picture: every layer's SQNR, in the order of the model."""

from __future__ import annotations

import importlib
import io
import math
from pathlib import Path
from typing import Any

from edgeq.judge.ladder.plot import DATES, refuse_plot
from edgeq.judge.layers.diagnose import Diagnosis
from edgeq.judge.layers.layers import Errors, Layer

MOST = 80.0
"""Decibels at which the picture ends: beyond, a layer adds nothing that could be seen."""
_INCH = 0.22
"""Height of a layer."""


def plot(diagnosis: Diagnosis, name: str, kind: str) -> bytes:
    """A picture of the layers' SQNR: cumulative, and of each layer alone; those that stand out in red.

    Args:
        diagnosis: as :func:`edgeq.judge.layers.diagnose` gives it.
        name: the quantized model's name, for the title.
        kind: ``.svg`` or ``.png``.

    Raises:
        UsageError: another kind.
        ToolMissingError: matplotlib is not installed.
    """
    refuse_plot(Path(f"plot{kind}"))
    figures: Any = importlib.import_module("matplotlib.figure")
    matplotlib: Any = importlib.import_module("matplotlib")
    layers = sorted(diagnosis.layers, key=lambda layer: (layer.operator, layer.tensor))
    figure = figures.Figure(figsize=(8.0, 1.6 + _INCH * len(layers)), layout="constrained")
    axes = figure.subplots()
    rows = range(len(layers))
    colours = ["tab:red" if layer.cause else "tab:blue" for layer in layers]
    axes.barh(rows, [_level(layer.own) for layer in layers], color=colours, alpha=0.6, label="by itself")
    axes.plot([_level(layer.cumulative) for layer in layers], rows, "k.-", label="with all before it")
    axes.set_yticks(rows, [_label(layer) for layer in layers], fontsize=7)
    axes.invert_yaxis()
    axes.set(xlabel="SQNR against the float model, dB", title=name, xlim=(None, MOST))
    axes.legend(fontsize=8, loc="lower right")
    axes.grid(visible=True, axis="x", alpha=0.3)
    target = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "edgeq"}):  # the same diagnosis gives the same file
        figure.savefig(target, format=kind.removeprefix("."), metadata={DATES[kind]: None})
    return target.getvalue()


def _level(errors: Errors | None) -> float:
    if errors is None or errors.sqnr is None:
        return math.nan
    return min(errors.sqnr, MOST)


def _label(layer: Layer) -> str:
    return layer.title.replace("$", "")  # which matplotlib takes for mathematics
