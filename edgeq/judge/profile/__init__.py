"""Where an inference's instructions, cycles and bytes go, layer by layer."""

from edgeq.judge.profile.layers import Buffer, Layer, Profile
from edgeq.judge.profile.measure import INVOKE, Cost, inference, layers_of, measure

__all__ = ["INVOKE", "Buffer", "Cost", "Layer", "Profile", "inference", "layers_of", "measure"]
