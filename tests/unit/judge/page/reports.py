"""Reports as JSON, of every kind that a page has to show."""

from __future__ import annotations

import json
from typing import Any

from edgeq.judge.report import (
    Accuracy,
    Change,
    Changes,
    Confusion,
    Coral,
    Cycles,
    Errors,
    Exactness,
    Findings,
    Flash,
    Instructions,
    Latency,
    Layers,
    Origin,
    Ram,
    Regression,
    Report,
    Scatter,
    Spread,
    finding,
)
from edgeq.judge.report.coral import Milliseconds, Temperature

HOSTILE = '<script>alert("x")</script>&amp;\' | `code` [a](b)\n\x1b[31m'
"""What a stranger may call a tensor."""


def layer(name: str, share: float) -> dict[str, Any]:
    return {
        "title": f"CONV_2D {name}", "layer": name, "kernel": "edgeq_conv", "macs": 1000,
        "instructions": 2000, "cycles_estimated": 3000, "share": share,
    }  # fmt: skip


def classifier(name: str = "digits", classes: int = 10, code: int = 1000) -> dict[str, Any]:
    """Of a simulated board; every part that such a report can have."""
    cells = tuple((i, i, 9) for i in range(classes)) + tuple(
        (i, (i + 1) % classes, 1) for i in range(classes)
    )
    buffers = (
        {"offset": 0, "size": 64, "first": -1, "last": 0, "tensor": 0},
        {"offset": 64, "size": 32, "first": 0, "last": 2, "tensor": 5},
        {"offset": 96, "size": 16, "first": 0, "last": 0, "tensor": None},
    )
    report = Report(name, "sim-m4", "aot", (
        Accuracy(0.95, 0.9, 0.9, "o"),
        Confusion("o", 10 * classes, tuple(sorted(cells))),
        Exactness("oracle 1.0", 10, 100, 100, 0, 10),
        Latency(Instructions(5000, 4000, 6000), 2000, Spread(3, 3990, 4000, 4010, 4010)),
        Flash(code, 500, code + 500, 1 << 20),
        Ram(112, 40, 300, 400, 452, 1 << 18),
        Layers((layer(HOSTILE, 0.75), layer("b", 0.25)), 112, buffers),
        Findings((finding("note", "info", f"about {HOSTILE}", "h"), finding("x", "warning", "beware", ""))),
        Origin("0.1.0", "a" * 64, "b" * 16, "zig 0.15", "unicorn", None, "edgeq deploy 'a b.tflite'"),
        Changes("digits/sim-m4", (Change("flash", 1000, code + 500, 50.0, is_worse=True),)),
    ))  # fmt: skip
    return plain(report)


def regression() -> dict[str, Any]:
    """Of hardware; it failed."""
    errors = Errors(0.1, 0.2, 0.9, 30.0)
    report = Report("sine", "nrf52840dk", "aot", (
        Accuracy(None, None, None, None),
        Regression("y", errors, errors, errors),
        Scatter("y", ((0.0, 0.1), (1.0, 0.9), (2.0, 2.0))),
        Exactness("oracle 1.0", 3, 3, 2, 1, 3),
        Latency(Cycles(900, 800, 64_000_000, 0.0), None, Spread(9, 790, 800, 820, 830)),
        Flash(1000, 500, 1500, 1 << 20),
        Ram(112, 40, None, None, 152, 1 << 18),
        Findings((finding("max-mae", "error", "the error is too large", "train longer"),)),
        Origin("0.1.0", "a" * 64, "b" * 16, "gcc 12", "hardware", "0683"),
    ))  # fmt: skip
    return plain(report)


def coral() -> dict[str, Any]:
    """Of an Edge TPU: no firmware, and times by a host's clock."""
    report = Report("net", "coral", "edgetpu", (
        Accuracy(None, None, None, None),
        Exactness("oracle 1.0", 3, 3, 2, 1, 3),
        Coral("pi@pi5", "edgetpu", "ai-edge-litert 2", "v14", "usb", Temperature(40.0, 41.0),
              Milliseconds(100.0, 9.0, 2.5, 3.0, 100), 390.0, 4, 5),
        Findings(()),
    ))  # fmt: skip
    return plain(report)


def plain(report: Report) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(json.dumps(report.to_json()))
    return told


LAYERS: dict[str, Any] = {
    "samples": 20,
    "layers": [
        {"operator": 1, "opcode": "CONV_2D", "tensor": HOSTILE, "cumulative": {"sqnr_db": 30.5},
         "own": {"sqnr_db": None}, "cause": "the range is wide"},
        {"operator": None, "opcode": "INPUT", "tensor": "x", "cumulative": {"sqnr_db": None}, "own": None,
         "cause": None},
    ],
}  # fmt: skip
"""As ``edgeq debug --json`` prints it."""

LADDER: dict[str, Any] = {
    "samples": 50,
    "forms": [
        {"title": "float32", "bytes": 4000, "accuracy": 0.9, "sqnr_db": None, "refused": None,
         "runtimes": {"litert": {"taken": True}, "aot": {"taken": False}}},
        {"title": "int8", "bytes": None, "accuracy": None, "sqnr_db": 40.0, "refused": "no such form",
         "runtimes": {}},
    ],
}  # fmt: skip
"""As ``edgeq compare --json`` prints it."""
