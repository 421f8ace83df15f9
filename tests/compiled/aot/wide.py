"""Networks of int16 activations, operator by operator, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from nets import Net

from edgeq.graph import DType, QuantParams

CONV = {"padding": "SAME", "stride_h": 1, "stride_w": 1, "dilation_h_factor": 1, "dilation_w_factor": 1}
UNIT = (1 / 32768, 0)
"""The scale of what lies between -1 and 1."""


class Wide(Net):
    """Tensors are int16 and symmetric where nothing else is said."""

    def tensor(
        self,
        shape: Sequence[int],
        quant: tuple[float, int] | None = None,
        *,
        data: np.ndarray | None = None,
        dtype: DType = DType.INT16,
        name: str = "",
    ) -> int:
        if quant is None and dtype is DType.INT16:
            quant = self.scale(), 0
        return super().tensor(shape, quant, data=data, dtype=dtype, name=name)

    def op(self, *args: object, dtype: DType = DType.INT16, **more: object) -> int:
        return super().op(*args, dtype=dtype, **more)  # type: ignore[arg-type]

    def scale(self, low: float = 2e-5, high: float = 2e-3) -> float:
        return float(np.float32(np.exp(self.random.uniform(np.log(low), np.log(high)))))

    def constant(self, shape: Sequence[int], quant: tuple[float, int] | None = None) -> int:
        data = self.random.integers(-32767, 32768, tuple(shape)).astype(np.int16)
        return self.tensor(shape, quant, data=data)

    def weights(self, shape: Sequence[int], axis: int, *, per_channel: bool = True) -> int:
        data = self.random.integers(-127, 128, tuple(shape)).astype(np.int8)
        index = super().tensor(shape, (0.01, 0), data=data)
        scales = np.exp(self.random.uniform(np.log(2e-4), np.log(2e-2), shape[axis] if per_channel else 1))
        quant = QuantParams(scales.astype(np.float32), np.zeros(len(scales), np.int64), axis)
        self.tensors[index] = replace(self.tensors[index], quant=quant)
        return index

    def bias(self, source: int, weights: int, dtype: DType, largest: float = 1e6) -> int:
        tensor, quant = self.tensors[weights], self.tensors[weights].quant
        assert quant is not None
        count = tensor.shape[quant.axis]
        values = self.random.integers(-int(largest), int(largest) + 1, count).astype(dtype.numpy)
        index = super().tensor((count,), (1.0, 0), data=values, dtype=dtype)
        scales = np.float32(self.same_quant(source)[0]) * quant.scales
        own = QuantParams(scales, np.zeros(len(scales), np.int64), 0)
        self.tensors[index] = replace(self.tensors[index], quant=own)
        return index

    def scale_after(self, source: int, weights: int, *, narrow: bool = False) -> tuple[float, int]:
        """An output scale at which sums use much of the range; or where most of them leave it."""
        tensor, quant = self.tensors[weights], self.tensors[weights].quant
        assert quant is not None
        inputs = int(np.prod(tensor.shape)) // tensor.shape[quant.axis]
        spread = self.same_quant(source)[0] * float(quant.scales.max()) * 73 * 19000 * np.sqrt(inputs)
        return float(np.float32(spread * (0.2 if narrow else 3.0) / 32767)), 0
