"""Where firmware runs: simulated boards, a native process, a board behind a serial port."""

from edgeq.targets.opening import (
    FLASH_LOG,
    is_flashed,
    on_hardware,
    open_target,
    place_name,
    refuse_absent,
    refuse_unable,
    remarks,
)
from edgeq.targets.place import USUAL_PLACE, Place
from edgeq.targets.serve import serve
from edgeq.targets.stream import Stream, Target

__all__ = [
    "FLASH_LOG",
    "USUAL_PLACE",
    "Place",
    "Stream",
    "Target",
    "is_flashed",
    "on_hardware",
    "open_target",
    "place_name",
    "refuse_absent",
    "refuse_unable",
    "remarks",
    "serve",
]
