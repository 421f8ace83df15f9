"""The simulators that a board file may name: one file each in this folder, and no list."""

from __future__ import annotations

from collections.abc import Mapping

from edgeq.boards.discovery import found_in
from edgeq.boards.simulator import Simulator

SIMULATORS: Mapping[str, type[Simulator]] = {
    kind.key(): kind for kind in found_in(__name__, __path__, Simulator)
}
"""By name, the usual one first."""

__all__ = ["SIMULATORS", "Simulator"]
