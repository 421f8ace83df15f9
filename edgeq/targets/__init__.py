"""Where firmware runs: simulated boards, a native process, a board behind a serial port."""

from edgeq.targets.opening import USUAL_PLACE, Place, open_target
from edgeq.targets.serve import serve
from edgeq.targets.stream import Stream, Target

__all__ = ["USUAL_PLACE", "Place", "Stream", "Target", "open_target", "serve"]
