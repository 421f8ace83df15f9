"""edgeq: take a neural network to a microcontroller or an Edge TPU, and prove that it runs as it should.

``edgeq.convert``, ``edgeq.check`` and ``edgeq.deploy`` do what the commands of the same names do.
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
    from edgeq.verbs.api import check, convert, deploy

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
    "__version__",
    "check",
    "convert",
    "deploy",
    "list_boards",
    "load_board",
    "load_data",
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
    "check": "verbs.api",
    "convert": "verbs.api",
    "deploy": "verbs.api",
    "list_boards": "boards",
    "load_board": "boards",
    "load_data": "data",
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
