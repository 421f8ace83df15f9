"""Timings of cores, from Arm's technical reference manuals, with memory that has no wait states.

Of other cores Arm publishes none.
"""

from __future__ import annotations

from collections.abc import Mapping

from edgeq.boards.timing.thumb import Kind
from edgeq.boards.timing.timing import Timing

_V6M: Mapping[Kind, int] = {
    Kind.PLAIN: 1,
    Kind.MULTIPLY: 1,
    Kind.LOAD: 2,
    Kind.STORE: 2,
    Kind.LOAD_MULTIPLE: 1,
    Kind.STORE_MULTIPLE: 1,
    Kind.BRANCH: 1,
    Kind.BRANCH_IF: 1,
    Kind.BRANCH_REGISTER: 1,
    Kind.CALL: 2,
    Kind.CALL_REGISTER: 1,
    Kind.HINT: 1,
    Kind.SYSTEM: 3,
    Kind.BARRIER: 3,
}

SMALL_MULTIPLIER = 32
"""Cycles of MULS where a chip's maker took the smaller multiplier."""

M0PLUS = Timing(
    source="Cortex-M0+ Technical Reference Manual r0p1 (DDI 0484), table 3-1",
    cycles=_V6M,
    refill=1,
    refills={Kind.LOAD_MULTIPLE: 2},
    pipelined=False,
)

M0 = Timing(
    source="Cortex-M0 Technical Reference Manual r0p0 (DDI 0432), table 3-1",
    cycles={**_V6M, Kind.SYSTEM: 4, Kind.BARRIER: 4},
    refill=2,
    refills={Kind.LOAD_MULTIPLE: 3},
    pipelined=False,
)

_V7M: Mapping[Kind, int] = {
    Kind.PLAIN: 1,
    Kind.MULTIPLY: 1,
    Kind.MULTIPLY_ADD: 2,
    Kind.LONG: 5,  # 3 to 5
    Kind.LONG_ADD: 7,  # 4 to 7
    Kind.DIVIDE: 12,  # 2 to 12
    Kind.LOAD: 2,
    Kind.STORE: 1,
    Kind.LOAD_DOUBLE: 1,
    Kind.STORE_DOUBLE: 1,
    Kind.LOAD_MULTIPLE: 1,
    Kind.STORE_MULTIPLE: 1,
    Kind.BRANCH: 1,
    Kind.BRANCH_IF: 1,
    Kind.BRANCH_REGISTER: 1,
    Kind.CALL: 1,
    Kind.CALL_REGISTER: 1,
    Kind.TABLE: 3,
    Kind.IT: 1,
    Kind.HINT: 1,
    Kind.SYSTEM: 2,
    Kind.BARRIER: 4,
}

M3 = Timing(
    source="Cortex-M3 Technical Reference Manual r2p1 (DDI 0337), tables 3-1 and 3.3.2",
    cycles=_V7M,
    refill=3,  # 1 to 3
    refills={},
    pipelined=True,
)

M4 = Timing(
    source="Cortex-M4 Technical Reference Manual r0p1 (DDI 0439), tables 3-1 and 7-1, and 3.3.2",
    cycles={
        **_V7M,
        Kind.MULTIPLY_ADD: 1,
        Kind.MULTIPLY_DSP: 1,
        Kind.LONG: 1,
        Kind.LONG_ADD: 1,
        Kind.FLOAT: 1,
        Kind.FLOAT_MULTIPLY_ADD: 3,
        Kind.FLOAT_DIVIDE: 14,
        Kind.FLOAT_LOAD: 2,
        Kind.FLOAT_STORE: 2,
        Kind.FLOAT_LOAD_MULTIPLE: 1,
        Kind.FLOAT_STORE_MULTIPLE: 1,
        Kind.FLOAT_MOVE: 1,
        Kind.FLOAT_MOVE_PAIR: 2,
    },
    refill=3,  # 1 to 3
    refills={},
    pipelined=True,
)
