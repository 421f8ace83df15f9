"""Where an inference's instructions, cycles and bytes go, layer by layer."""

from edgeq.judge.profile.layers import Layer, Profile
from edgeq.judge.profile.measure import measure

__all__ = ["Layer", "Profile", "measure"]
