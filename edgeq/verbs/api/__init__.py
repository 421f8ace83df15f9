"""The Python API: the same roads as the command line, with values instead of files where that is handier.

``edgeq.deploy`` and the rest are these functions; docs/python.md shows each.
"""

from edgeq.verbs.api.models import Model, check, compare, convert, debug, inspect
from edgeq.verbs.api.projects import build, compile, flash, generate, profile  # noqa: A004  # a verb
from edgeq.verbs.api.roads import deploy, run
from edgeq.verbs.api.surveys import boards_fit, data_inspect, data_split, operators, report

__all__ = [
    "Model",
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
    "operators",
    "profile",
    "report",
    "run",
]
