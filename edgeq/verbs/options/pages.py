"""What earlier runs are shown as."""

from __future__ import annotations

from edgeq.verbs.options.option import Option

PAGES: tuple[Option, ...] = (
    Option("html", "path", "Also write one HTML file that needs nothing else.", ("report",), metavar="FILE"),
    Option("markdown", "flag", "Print Markdown, as for the summary of a step in CI.", ("report",)),
    Option(
        "layers", "path", "In the page, the error of each layer: what `edgeq debug --json` printed.",
        ("report",), metavar="FILE", needs=("html",),
    ),
    Option(
        "ladder", "path", "In the page, all forms of the model: what `edgeq compare --json` printed.",
        ("report",), metavar="FILE", needs=("html",),
    ),
)  # fmt: skip
