"""Boards that labgrid hands out: which place, the process that talks to labgrid, what it answers."""

from edgeq.targets.farm.asked import Farm, parse_farm
from edgeq.targets.farm.session import FarmSession, Held

__all__ = ["Farm", "FarmSession", "Held", "parse_farm"]
