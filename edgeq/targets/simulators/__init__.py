"""Simulated boards: ``<name>_target.py`` runs what ``boards/simulators/<name>.py`` describes."""

from __future__ import annotations

import importlib

from edgeq.targets.simulators.simulated import SimulatedTarget
from edgeq.targets.simulators.trace import Executed

__all__ = ["Executed", "SimulatedTarget", "target_of"]


def target_of(name: str) -> type[SimulatedTarget]:
    """The target of a simulator, by the simulator's name."""
    module = importlib.import_module(f"{__name__}.{name}_target")
    (kind,) = (
        kind
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, SimulatedTarget) and kind.__module__ == module.__name__
    )
    return kind
