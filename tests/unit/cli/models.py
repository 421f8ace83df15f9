"""Small models for the command line's tests."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edgeq.graph import DType, Graph, Operator, QuantParams, Tensor, read_model, write_model

_DENSE = {
    "fused_activation_function": "NONE",
    "weights_format": "DEFAULT",
    "keep_num_dims": False,
    "asymmetric_quantize_inputs": False,
}


def float_dense() -> bytes:
    """y = w x with w of shape [2, 4]: the first class where the first two values are larger."""
    weights = np.array([[1, 1, -1, -1], [-1, -1, 1, 1]], np.float32)
    tensors = (
        Tensor("x", (1, 4), DType.FLOAT32),
        Tensor("w", (2, 4), DType.FLOAT32, data=weights),
        Tensor("y", (1, 2), DType.FLOAT32),
    )
    return write_model(
        Graph("dense", tensors, (Operator("FULLY_CONNECTED", (0, 1, -1), (2,), _DENSE),), (0,), (2,))
    )


def int8_dense() -> bytes:
    """The same, int8 by hand."""
    weights = np.array([[127, 127, -127, -127], [-127, -127, 127, 127]], np.int8)
    per_tensor = QuantParams.per_tensor
    tensors = (
        Tensor("x", (1, 4), DType.INT8, per_tensor(1 / 128, 0)),
        Tensor("w", (2, 4), DType.INT8, per_tensor(1 / 127, 0), weights),
        Tensor(
            "b",
            (2,),
            DType.INT32,
            per_tensor(float(np.float32(1 / 128) * np.float32(1 / 127)), 0),
            np.zeros(2, np.int32),
        ),
        Tensor("y", (1, 2), DType.INT8, per_tensor(4 / 128, -3)),
    )
    return write_model(
        Graph("dense", tensors, (Operator("FULLY_CONNECTED", (0, 1, 2), (3,), _DENSE),), (0,), (3,))
    )


def int8_wide() -> bytes:
    """64 inputs and 32 outputs, int8 by hand: so many weights that no compiler makes code of them."""
    weights = np.random.default_rng(0).integers(-127, 128, (32, 64)).astype(np.int8)
    tensors = (
        Tensor("x", (1, 64), DType.INT8, QuantParams.per_tensor(1 / 128, 0)),
        Tensor("w", (32, 64), DType.INT8, QuantParams.per_tensor(1 / 127, 0), weights),
        Tensor("y", (1, 32), DType.INT8, QuantParams.per_tensor(8 / 128, -3)),
    )
    return write_model(
        Graph("wide", tensors, (Operator("FULLY_CONNECTED", (0, 1, -1), (2,), _DENSE),), (0,), (2,))
    )


def samples(count: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """Real inputs [n, 4] and the classes that both models give them."""
    x = np.random.default_rng(1).uniform(-1, 1, (count, 4)).astype(np.float32)
    return x, (x[:, :2].sum(1) < x[:, 2:].sum(1)).astype(np.int64)


def dynamic_dense() -> bytes:
    """An int8 model with a dimension, not the batch, that is unknown."""
    graph = read_model(int8_dense())
    x = replace(graph.tensors[0], shape=(1, 4), shape_signature=(1, -1))
    return write_model(graph.replace(tensors=(x, *graph.tensors[1:])))


def unknown_operator() -> bytes:
    """An int8 model of an operator that no runtime of edgeq has."""
    quant = QuantParams.per_tensor(0.5, 0)
    tensors = (Tensor("x", (1, 4), DType.INT8, quant), Tensor("y", (1, 4), DType.INT8, quant))
    return write_model(Graph("neg", tensors, (Operator("NEG", (0,), (1,)),), (0,), (1,)))


def huge_dense() -> bytes:
    """An int8 model with 2 MB of weights."""
    per_tensor = QuantParams.per_tensor
    weights = np.random.default_rng(0).integers(-127, 128, (512, 4096)).astype(np.int8)
    bias_scale = float(np.float32(0.5) * np.float32(0.25))
    tensors = (
        Tensor("x", (1, 4096), DType.INT8, per_tensor(0.5, 0)),
        Tensor("w", (512, 4096), DType.INT8, per_tensor(0.25, 0), weights),
        Tensor("b", (512,), DType.INT32, per_tensor(bias_scale, 0), np.zeros(512, np.int32)),
        Tensor("y", (1, 512), DType.INT8, per_tensor(64.0, 0)),
    )
    return write_model(
        Graph("huge", tensors, (Operator("FULLY_CONNECTED", (0, 1, 2), (3,), _DENSE),), (0,), (3,))
    )
