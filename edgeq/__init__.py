"""edgeq: take a neural network to a microcontroller or an Edge TPU, and prove that it runs as it should.

``edgeq.deploy``, ``edgeq.convert`` and the others do what the commands of the same names do (docs/python.md).
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edgeq.base.errors import EdgeqError
    from edgeq.boards import Board, list_boards, load_board
    from edgeq.checker import Checked, CheckFailed, Finding
    from edgeq.converter import Converted
    from edgeq.data import Dataset, load_data
    from edgeq.graph.quantization import Quantization
    from edgeq.judge.report import Report
    from edgeq.verbs.api import (
        boards_fit,
        build,
        check,
        compare,
        compile,  # noqa: A004  # the verb's name
        convert,
        data_inspect,
        data_split,
        debug,
        deploy,
        flash,
        generate,
        inspect,
        operators,
        profile,
        report,
        run,
    )
    from edgeq.verbs.side_by_side import SideBySide

__version__ = "0.1.0"

__all__ = [
    "Board",
    "CheckFailed",
    "Checked",
    "Converted",
    "Dataset",
    "EdgeqError",
    "Finding",
    "Quantization",
    "Report",
    "SideBySide",
    "__version__",
    "boards_fit",
    "build",
    "check",
    "compare",
    "compile",
    "convert",
    "data_inspect",
    "data_split",
    "debug",
    "deploy",
    "flash",
    "generate",
    "inspect",
    "list_boards",
    "load_board",
    "load_data",
    "operators",
    "profile",
    "report",
    "run",
]

_HOMES = {
    "Board": "boards",
    "CheckFailed": "checker",
    "Checked": "checker",
    "Converted": "converter",
    "Dataset": "data",
    "EdgeqError": "base.errors",
    "Finding": "checker",
    "Quantization": "graph.quantization",
    "Report": "judge.report",
    "SideBySide": "verbs.side_by_side",
    "boards_fit": "verbs.api",
    "build": "verbs.api",
    "check": "verbs.api",
    "compare": "verbs.api",
    "compile": "verbs.api",
    "convert": "verbs.api",
    "data_inspect": "verbs.api",
    "data_split": "verbs.api",
    "debug": "verbs.api",
    "deploy": "verbs.api",
    "flash": "verbs.api",
    "generate": "verbs.api",
    "inspect": "verbs.api",
    "list_boards": "boards",
    "load_board": "boards",
    "load_data": "data",
    "operators": "verbs.api",
    "profile": "verbs.api",
    "report": "verbs.api",
    "run": "verbs.api",
}


def __getattr__(name: str) -> object:
    """Import on first use, so that ``import edgeq`` costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'edgeq' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"edgeq.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
