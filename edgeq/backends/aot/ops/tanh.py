"""TANH."""

from __future__ import annotations

from functools import partial

import numpy as np
import numpy.typing as npt

from edgeq.backends.aot.ops.lookup import in_float, table_operator
from edgeq.checker.operators import FixedScale, Support


def _tanh(x: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return np.tanh(x.astype(np.float64)).astype(np.float32)


OPERATORS = (
    table_operator(
        "TANH",
        Support(
            3, ranks=(0, 8), output_scale=FixedScale(1 / 128, 0, demanded=False, zero_point_demanded=False)
        ),
        partial(in_float, _tanh),
        unsigned=True,
    ),
)
