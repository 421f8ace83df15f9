"""LOGISTIC."""

from __future__ import annotations

from functools import partial

import numpy as np
import numpy.typing as npt

from edgeq.backends.aot.ops.lookup import in_float, table_operator
from edgeq.checker.operators import FixedScale, Support


def _logistic(x: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    with np.errstate(over="ignore"):
        exp = np.exp(-x.astype(np.float64)).astype(np.float32)
    result: npt.NDArray[np.float32] = np.float32(1) / (np.float32(1) + exp)
    return result


OPERATORS = (
    table_operator(
        "LOGISTIC",
        Support(3, ranks=(0, 8), output_scale=FixedScale(1 / 256, -128, zero_point_demanded=False)),
        partial(in_float, _logistic),
        unsigned=True,
    ),
)
