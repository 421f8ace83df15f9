"""Layers with a state, LSTM and SVDF: what they need beyond a row of the table."""

from __future__ import annotations

from edgeq.graph import Graph, Operator

RECURRENT = frozenset[str]()


def check_recurrent(graph: Graph, op: Operator, where: str) -> None:
    """Refuse forms that have no int8 kernel."""
