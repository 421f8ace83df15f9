"""Models of the older unsigned form, made of int8 ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from nets import Net

from edgeq.graph import ABSENT, DType, QuantParams, Tensor

WEIGHTED = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "TRANSPOSE_CONV")


def make_older(net: Net, random: np.random.Generator | None = None) -> None:
    """Makes uint8 of a net's int8 tensors: everything is 128 more.

    Args:
        random: draws weights anew, with a zero point that is anywhere; without it they stay symmetric.
    """
    layers = [op for op in net.operators if op.opcode in WEIGHTED]
    weights = {op.inputs[1] for op in layers}
    net.tensors[:] = [
        _older(tensor, random if index in weights else None) if tensor.dtype is DType.INT8 else tensor
        for index, tensor in enumerate(net.tensors)
    ]
    for op in layers:
        source, bias = (2, 3) if op.opcode == "TRANSPOSE_CONV" else (0, 2)
        if len(op.inputs) > bias and op.inputs[bias] != ABSENT:
            product = net.same_quant(op.inputs[source])[0] * net.same_quant(op.inputs[1])[0]
            quant = QuantParams.per_tensor(product, 0)
            net.tensors[op.inputs[bias]] = replace(net.tensors[op.inputs[bias]], quant=quant)


def _older(tensor: Tensor, random: np.random.Generator | None) -> Tensor:
    assert tensor.quant is not None
    zero_point = tensor.quant.zero_point + 128
    data = None if tensor.data is None else (tensor.data.astype(np.int64) + 128).astype(np.uint8)
    if random is not None:
        zero_point = int(
            random.choice([0, 255, 128, int(random.integers(0, 256)), int(random.integers(100, 150))])
        )
        least = int(random.choice([0, 0, 1, 60]))
        data = random.integers(least, 256, tensor.shape).astype(np.uint8)
    quant = QuantParams.per_tensor(tensor.quant.scale, zero_point)
    return replace(tensor, dtype=DType.UINT8, quant=quant, data=data)
