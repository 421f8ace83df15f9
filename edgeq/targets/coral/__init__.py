"""Running a model where a Coral device is: on this machine, or on another one over SSH."""

from edgeq.targets.coral.destination import Destination, parse_destination

__all__ = ["Destination", "parse_destination"]
