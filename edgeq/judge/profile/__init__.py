"""Where an inference's instructions, cycles and bytes go, layer by layer."""

from edgeq.judge.profile.layers import Layer, Profile
from edgeq.judge.profile.measure import Cost, inference, measure

__all__ = ["Cost", "Layer", "Profile", "inference", "measure"]
