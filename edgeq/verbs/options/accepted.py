"""What was accepted before, and where results go."""

from __future__ import annotations

from edgeq.verbs.options.option import Option

ACCEPTED: tuple[Option, ...] = (
    Option(
        "baseline", "path",
        "Fail where a figure is worse than the one accepted in this file: accuracy, instructions, cycles, "
        "flash, RAM and others.",
        ("deploy",), metavar="FILE", key="baseline.file",
    ),
    Option(
        "tolerance", "share",
        "By which share a figure may be worse than the accepted one: 0.02 or 2% (default {default}).",
        ("deploy",), metavar="SHARE", key="baseline.tolerance", default=0.01, needs=("baseline",),
    ),
    Option(
        "update_baseline", "flag",
        "Accept the figures of this run, where its verdict is a pass: write them into the baseline.",
        ("deploy",), needs=("baseline",),
    ),
    Option("junit", "path", "Also write the results as JUnit XML.", ("deploy",), metavar="FILE"),
)  # fmt: skip
