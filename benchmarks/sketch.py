"""A model in the making, in any type; its twin computes the same in float32, from the same numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from edgeq.graph import DType, Graph, Operator, OptionValue, QuantParams, Tensor

Quant = tuple[float, int]
"""A scale and a zero point."""

QUANTIZED: dict[DType, Quant] = {DType.INT8: (0.05, 3), DType.UINT8: (0.05, 131), DType.INT16: (0.0002, 0)}
"""The types that stand for real numbers, and the scale and zero point of a tensor if nothing else is said."""


class Sketch:
    """A model in the making.

    Args:
        dtype: of its activations.
        out: of its output, where that differs.
        twin: whether to write the float32 model of the same numbers.
        raw: whether integers stand for themselves.
    """

    def __init__(
        self, dtype: DType, out: DType | None = None, *, twin: bool = False, raw: bool = False
    ) -> None:
        self.random = np.random.default_rng(7)
        self.dtype, self.out = dtype, out or dtype
        self.twin, self.raw = twin, raw
        self.tensors: list[Tensor] = []
        self.operators: list[Operator] = []
        self.inputs: list[int] = []
        self.samples: list[npt.NDArray[Any]] = []

    def tensor(
        self,
        shape: Sequence[int],
        dtype: DType,
        quant: Quant | None = None,
        data: Any = None,
        *,
        variable: bool = False,
    ) -> int:
        """A tensor of any kind."""
        quant = None if self.raw else quant or QUANTIZED.get(dtype)
        if self.twin and quant is not None:
            if data is not None:
                data = ((data.astype(np.float64) - quant[1]) * quant[0]).astype(np.float32)
            dtype, quant = DType.FLOAT32, None
        params = QuantParams.per_tensor(*quant) if quant else None
        name = f"t{len(self.tensors)}"
        self.tensors.append(Tensor(name, tuple(shape), dtype, params, data, is_variable=variable))
        return len(self.tensors) - 1

    def values(self, shape: Sequence[int], dtype: DType) -> npt.NDArray[Any]:
        """Random numbers of a type."""
        if dtype is DType.BOOL:
            return self.random.integers(0, 2, tuple(shape)).astype(np.bool_)
        if dtype.is_float:
            return self.random.normal(0, 2, tuple(shape)).astype(dtype.numpy)
        info = np.iinfo(dtype.numpy)
        bound = 50 if info.bits > 16 else info.max
        low = 0 if info.min == 0 else -bound
        return self.random.integers(low, bound + 1, tuple(shape)).astype(dtype.numpy)

    def x(
        self,
        shape: Sequence[int] = (1, 4, 4, 4),
        dtype: DType | None = None,
        quant: Quant | None = None,
        *,
        positive: bool = False,
    ) -> int:
        """An input, its sample drawn; ``positive`` stands for numbers above 0 alone."""
        kind = dtype or self.dtype
        values = self.values(shape, kind)
        if positive and kind in QUANTIZED and not self.raw:
            quant = (QUANTIZED[kind][0], int(np.iinfo(kind.numpy).min) if kind is not DType.INT16 else 0)
            values = np.maximum(values, quant[1] + 20).astype(kind.numpy)
        elif positive:
            values = np.abs(values) + np.asarray(1, kind.numpy) if kind is not DType.BOOL else values
        index = self.tensor(shape, kind, quant)
        known = self.tensors[index]
        if self.twin and kind in QUANTIZED and not self.raw:
            scale, zero = quant or QUANTIZED[kind]
            values = ((values.astype(np.float64) - zero) * scale).astype(np.float32)
        self.inputs.append(index)
        self.samples.append(values.astype(known.dtype.numpy))
        return index

    def c(self, shape: Sequence[int], quant: Quant | None = None) -> int:
        """A constant of the activations' type."""
        return self.tensor(shape, self.dtype, quant, self.values(shape, self.dtype))

    def ints(self, *values: int, shape: Sequence[int] | None = None, dtype: DType = DType.INT32) -> int:
        """Sizes, axes or indices."""
        data = np.array(values, dtype.numpy).reshape(shape if shape is not None else (len(values),))
        self.tensors.append(Tensor(f"t{len(self.tensors)}", data.shape, dtype, None, data))
        return len(self.tensors) - 1

    def weights(self, shape: Sequence[int]) -> int:
        """Weights: 8 bits wherever the activations are quantized."""
        kind = DType.INT8 if self.dtype is DType.INT16 else self.dtype
        quant = (0.01, 128 if kind is DType.UINT8 else 0) if kind in QUANTIZED else None
        return self.tensor(shape, kind, quant, self.values(shape, kind))

    def bias(self, count: int) -> int:
        """A bias, its scale that of input times weights."""
        kind = {DType.INT8: DType.INT32, DType.UINT8: DType.INT32, DType.INT16: DType.INT64}.get(
            self.dtype, self.dtype
        )
        quant = (
            (float(np.float32(QUANTIZED[self.dtype][0]) * np.float32(0.01)), 0)
            if self.dtype in QUANTIZED
            else None
        )
        return self.tensor((count,), kind, quant, self.values((count,), kind))

    def op(
        self,
        opcode: str,
        inputs: Sequence[int],
        *shapes: Sequence[int],
        dtype: DType | None = None,
        quant: Quant | None = None,
        version: int = 1,
        **options: OptionValue,
    ) -> Graph:
        """The operator, with outputs of these shapes; the whole model."""
        outputs = tuple(self.tensor(shape, dtype or self.out, quant) for shape in shapes)
        self.operators.append(Operator(opcode, tuple(inputs), outputs, options, version))
        return Graph(opcode.lower(), tuple(self.tensors), tuple(self.operators), tuple(self.inputs), outputs)
