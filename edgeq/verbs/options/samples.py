"""Samples by themselves, before a model is there."""

from __future__ import annotations

from edgeq.verbs.options.option import Option

SAMPLES: tuple[Option, ...] = (
    Option(
        "preprocessing", "path",
        "The TOML file that says what a raw sample is ([features.md](features.md)); without it a recording "
        "is as long as the longest, and an image as large as the first.",
        ("data inspect", "data split"), metavar="FILE",
    ),
    Option(
        "labels", "text",
        "The array, or the column, of labels (default: y; in a table also label, class or target).",
        ("data inspect", "data split"), metavar="NAME",
    ),
    Option(
        "test", "share", "How much is test data: 0.2 or 20% (default {default}).", ("data split",),
        metavar="SHARE", default=0.2,
    ),
    Option(
        "seed", "integer", "Another one splits otherwise (default {default}).", ("data split",),
        low=0, metavar="N", default=0,
    ),
    Option(
        "out", "path", "The folder of train.npz and test.npz (default: the working folder).", ("data split",),
        short="o", metavar="DIR",
    ),
)  # fmt: skip
