"""Networks with what training leaves in them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from edgeq.graph import DType, Graph, Operator, QuantParams, Tensor
from edgeq.graph.quantization import from_range


class Trained:
    """A dense network with fake quantization: as FAKE_QUANT, or as QUANTIZE and DEQUANTIZE of a type."""

    def __init__(self, how: str) -> None:
        self.how = how
        self.rng = np.random.default_rng(1)
        self.tensors: list[Tensor] = [Tensor("x", (1, 8), DType.FLOAT32)]
        self.operators: list[Operator] = []

    def add(self, opcode: str, inputs: Sequence[int], shape: tuple[int, ...], **options: object) -> int:
        self.tensors.append(Tensor(f"{opcode}{len(self.tensors)}", shape, DType.FLOAT32))
        index = len(self.tensors) - 1
        self.operators.append(Operator(opcode, tuple(inputs), (index,), options))  # type: ignore[arg-type]
        return index

    def constant(self, *shape: int) -> int:
        data = self.rng.uniform(-1.4, 1.4, size=shape).astype(np.float32)
        self.tensors.append(Tensor(f"c{len(self.tensors)}", shape, DType.FLOAT32, data=data))
        return len(self.tensors) - 1

    def fake(self, source: int, low: float, high: float, narrow: bool = False) -> int:
        shape = self.tensors[source].shape
        if self.how == "FAKE_QUANT":
            options = {"min": low, "max": high, "num_bits": 8, "narrow_range": narrow}
            return self.add("FAKE_QUANT", (source,), shape, **options)
        dtype = DType[self.how]
        as_uint8 = from_range(low, high).params()
        shift = 0 if dtype is DType.UINT8 else 128
        quant = QuantParams(as_uint8.scales, as_uint8.zero_points - shift)
        if narrow:
            quant = QuantParams.per_tensor(high / 127, 128 if dtype is DType.UINT8 else 0)
        self.tensors.append(Tensor(f"q{len(self.tensors)}", shape, dtype, quant))
        middle = len(self.tensors) - 1
        self.operators.append(Operator("QUANTIZE", (source,), (middle,)))
        return self.add("DEQUANTIZE", (middle,), shape)

    def dense(self, source: int, weights: int, outputs: int) -> int:
        return self.add(
            "FULLY_CONNECTED", (source, weights, self.constant(outputs)), (1, outputs),
            fused_activation_function="NONE", weights_format="DEFAULT", keep_num_dims=False,
        )  # fmt: skip

    def network(self, *, middle: bool = True) -> Graph:
        x = self.fake(0, -1.0, 1.0)
        hidden = self.dense(x, self.fake(self.constant(6, 8), -1.5, 1.5, narrow=True), 6)
        if middle:
            hidden = self.fake(hidden, -4.0, 5.0)
        y = self.fake(
            self.dense(hidden, self.fake(self.constant(3, 6), -2.0, 2.0, narrow=True), 3), -9.0, 8.0
        )
        return Graph("qat", tuple(self.tensors), tuple(self.operators), (0,), (y,))


def quant_of(tensor: Tensor) -> tuple[float, int]:
    assert tensor.quant is not None
    return tensor.quant.scale, tensor.quant.zero_point
