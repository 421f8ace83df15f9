"""Running a model where a Coral device is: on this machine, or on another one over SSH."""

from edgeq.targets.coral.place import Place, parse_place

__all__ = ["Place", "parse_place"]
