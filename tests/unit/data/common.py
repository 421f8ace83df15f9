"""What the tests of data share."""

from __future__ import annotations

from typing import Any

import pytest

from edgeq.base.errors import DataError
from edgeq.data import load_data
from edgeq.graph import DType, QuantParams, Tensor

FLOAT = [Tensor("serving_default_image:0", (1, 4, 4, 1), DType.FLOAT32)]
INT8 = [Tensor("in", (1, 4, 4, 1), DType.INT8, QuantParams.per_tensor(0.5, 3))]
COLOUR = [Tensor("in", (1, 4, 6, 3), DType.FLOAT32)]
TWO = [Tensor("a", (1, 2), DType.FLOAT32), Tensor("b", (1, 3), DType.FLOAT32)]


def refused(spec: str, inputs: list[Tensor] = FLOAT, **options: Any) -> DataError:
    """The error of data that must not load."""
    with pytest.raises(DataError) as caught:
        load_data(spec, inputs, **options)
    return caught.value
