"""A model whose inputs are made of raw samples by every way that there is."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "aot"))
from nets import Net
from pipelines import PIPELINES

from edgeq.graph import DType, Graph

ENDS = {
    "mfcc": (11000.0, 300.0),
    "micro": (0.0, 25.6),
    "vibration": (4000.0, -900.0),
    "statistics": (0.0, 3.7e-5),
    "camera": (127.5, 64.0),
}
"""Means and deviations: a line, unsigned, falling, in one step from end to end, by a table."""
SCALE = 1 / 16


def heard() -> Graph:
    """Each input goes as it is to an output; the last is of uint8."""
    net, steps = Net(1, "heard"), []
    for name, (mean, std) in ENDS.items():
        low = mean - 128 * SCALE * std  # for a RELU that cuts nothing off
        shape = (1, *PIPELINES[name].forms[-1].shape)
        if name == "camera":
            x = net.input(shape, (SCALE, 120), dtype=DType.UINT8)
            net.op("QUANTIZE", (x,), shape, (SCALE, -8), output=True)
        else:
            x = net.input(shape, (SCALE, -128))
            net.op("RELU", (x,), shape, (SCALE, -128), output=True)
        steps.append(replace(PIPELINES[name], mean=low if name != "camera" else mean, std=std))
    return net.graph().preprocessed(tuple(steps))
