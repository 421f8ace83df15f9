"""Unicorn, which runs the simulated boards of edgeq's own."""

from __future__ import annotations

from edgeq.boards.simulator import Simulator


class Unicorn(Simulator):
    """Unicorn: the machine around it is edgeq's own, of a board file's memory and core."""

    order = 10
    title = "Unicorn"
    program = "unicorn"
    purpose = "runs the simulated boards sim-…"
    install = "pip install 'edgeq[sim]'"
    has_table = False
