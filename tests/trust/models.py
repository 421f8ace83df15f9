"""Small models, each with one thing about it that can go wrong unseen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from edgeq.graph import DType, Graph, Operator, OptionValue, QuantParams, Tensor

DENSE: dict[str, OptionValue] = {"fused_activation_function": "NONE", "weights_format": "DEFAULT"}
CLASSES = np.array([[1, 1, -1, -1], [-1, -1, 1, 1]], np.float32)
"""Class 0 where the first half of an input [1, 4] is the larger."""


def real(name: str, *shape: int, data: np.ndarray | None = None) -> Tensor:
    """A float32 tensor."""
    return Tensor(name, shape, DType.FLOAT32, data=data)


def classifier() -> Graph:
    """Float: y [1, 2] = CLASSES x."""
    tensors = (real("x", 1, 4), real("w", 2, 4, data=CLASSES), real("y", 1, 2))
    return Graph("net", tensors, (Operator("FULLY_CONNECTED", (0, 1, -1), (2,), DENSE),), (0,), (2,))


def integer() -> Graph:
    """The same in int8."""
    scale = QuantParams.per_tensor
    bias_scale = float(np.float32(1 / 128) * np.float32(1 / 127))
    tensors = (
        Tensor("x", (1, 4), DType.INT8, scale(1 / 128, 0)),
        Tensor("w", (2, 4), DType.INT8, scale(1 / 127, 0), (CLASSES * 127).astype(np.int8)),
        Tensor("b", (2,), DType.INT32, scale(bias_scale, 0), np.zeros(2, np.int32)),
        Tensor("y", (1, 2), DType.INT8, scale(4 / 128, -3)),
    )
    return Graph("net", tensors, (Operator("FULLY_CONNECTED", (0, 1, 2), (3,), DENSE),), (0,), (3,))


def two_inputs(*names: str) -> Graph:
    """Two inputs [1, 2] of one shape; class 0 where the first is the larger."""
    tensors = (
        *(real(name, 1, 2) for name in names),
        real("both", 1, 4), real("w", 2, 4, data=CLASSES), real("out", 1, 2),
    )  # fmt: skip
    joined = Operator("CONCATENATION", (0, 1), (2,), {"axis": 1, "fused_activation_function": "NONE"})
    return Graph("net", tensors, (joined, Operator("FULLY_CONNECTED", (2, 3, -1), (4,), DENSE)), (0, 1), (4,))


def two_outputs() -> Graph:
    """Output 'wrong' comes first and names the other class than output 'right'."""
    tensors = (
        real("x", 1, 4),
        real("w", 2, 4, data=CLASSES), real("right", 1, 2),
        real("v", 2, 4, data=-CLASSES), real("wrong", 1, 2),
    )  # fmt: skip
    operators = (
        Operator("FULLY_CONNECTED", (0, 1, -1), (2,), DENSE),
        Operator("FULLY_CONNECTED", (0, 3, -1), (4,), DENSE),
    )
    return Graph("net", tensors, operators, (0,), (4, 2))


def regression() -> Graph:
    """y [1, 1] = the sum of x."""
    tensors = (real("x", 1, 4), real("w", 1, 4, data=np.ones((1, 4), np.float32)), real("y", 1, 1))
    return Graph("net", tensors, (Operator("FULLY_CONNECTED", (0, 1, -1), (2,), DENSE),), (0,), (2,))


def sigmoid_behind(opcode: str) -> Graph:
    """One sigmoid of the classes' difference, and an operator behind it that keeps its value."""
    tensors = [
        real("x", 1, 4), real("w", 1, 4, data=-4 * CLASSES[:1]), real("logit", 1, 1), real("p", 1, 1),
    ]  # fmt: skip
    operators = [
        Operator("FULLY_CONNECTED", (0, 1, -1), (2,), DENSE),
        Operator("LOGISTIC", (2,), (3,)),
    ]
    if opcode == "SQUEEZE":
        tensors.append(real("y", 1))
        operators.append(Operator("SQUEEZE", (3,), (4,), {"squeeze_dims": (1,)}))
    else:
        tensors += [
            Tensor("axis", (1,), DType.INT32, data=np.array([1], np.int32)),
            real("y", 1),
        ]
        operators.append(Operator("MEAN", (3, 4), (5,), {"keep_dims": False}))
    return Graph("net", tuple(tensors), tuple(operators), (0,), (len(tensors) - 1,))


def trained(axis: int) -> Graph:
    """The classifier with training's ranges, and scales of its weights along that axis."""
    size = CLASSES.shape[axis]
    scales = QuantParams(np.full(size, 1 / 127, np.float32), np.zeros(size, np.int64), axis)
    narrow = QuantParams.per_tensor(1 / 128, 0)
    wide = QuantParams.per_tensor(4 / 128, 0)
    tensors = (
        real("x", 1, 4), Tensor("xq", (1, 4), DType.INT8, narrow), real("xf", 1, 4),
        real("w", 2, 4, data=CLASSES), Tensor("wq", (2, 4), DType.INT8, scales), real("wf", 2, 4),
        real("z", 1, 2), Tensor("zq", (1, 2), DType.INT8, wide), real("y", 1, 2),
    )  # fmt: skip
    operators = (
        Operator("QUANTIZE", (0,), (1,)), Operator("DEQUANTIZE", (1,), (2,)),
        Operator("QUANTIZE", (3,), (4,)), Operator("DEQUANTIZE", (4,), (5,)),
        Operator("FULLY_CONNECTED", (2, 5, -1), (6,), DENSE),
        Operator("QUANTIZE", (6,), (7,)), Operator("DEQUANTIZE", (7,), (8,)),
    )  # fmt: skip
    return Graph("net", tensors, operators, (0,), (8,))


def float_ends() -> Graph:
    """The int8 classifier behind a QUANTIZE and before a DEQUANTIZE, TensorFlow's default."""
    inner = integer()
    tensors = (*inner.tensors, real("real_x", 1, 4), real("real_y", 1, 2))
    operators = (Operator("QUANTIZE", (4,), (0,)), *inner.operators, Operator("DEQUANTIZE", (3,), (5,)))
    return inner.replace(tensors=tensors, operators=operators, inputs=(4,), outputs=(5,))


def softmax(classes: int) -> Graph:
    """SOFTMAX over so many int8 scores."""
    tensors = (
        Tensor("x", (1, classes), DType.INT8, QuantParams.per_tensor(0.1, 0)),
        Tensor("y", (1, classes), DType.INT8, QuantParams.per_tensor(1 / 256, -128)),
    )
    return Graph("net", tensors, (Operator("SOFTMAX", (0,), (1,), {"beta": 1.0}),), (0,), (1,))


def mean(pixels: int, steps: float) -> Graph:
    """A mean over so many pixels, where a step of all of them is so many steps of the result."""
    tensors = (
        Tensor("x", (1, pixels, pixels, 2), DType.INT8, QuantParams.per_tensor(0.05, 0)),
        Tensor("axes", (2,), DType.INT32, data=np.array([1, 2], np.int32)),
        Tensor("y", (1, 2), DType.INT8, QuantParams.per_tensor(0.05 / steps, 0)),
    )
    return Graph("net", tensors, (Operator("MEAN", (0, 1), (2,), {"keep_dims": False}),), (0,), (2,))


def compiled() -> Graph:
    """What Arm's Vela makes: all in one operator, which has memory of its own."""
    graph = integer()
    whole = Operator("CUSTOM", (0, 4), (3,), custom_code="ethos-u", custom_options=b"\x01")
    tensors = (*graph.tensors, Tensor("scratch", (64,), DType.INT8))
    return graph.replace(tensors=tensors, operators=(whole,))


def typed(dtype: DType) -> Graph:
    """The int8 classifier with activations of another type."""
    graph = integer()
    tensors: Sequence[Tensor] = [replace(t, dtype=dtype) if t.name in "xy" else t for t in graph.tensors]
    return graph.replace(tensors=tuple(tensors))


def hybrid() -> Graph:
    """int8 weights under float activations."""
    graph = classifier()
    weights = Tensor("w", (2, 4), DType.INT8, QuantParams.per_tensor(1 / 127, 0), integer().tensors[1].data)
    return graph.replace(tensors=(graph.tensors[0], weights, graph.tensors[2]))


def open_width() -> Graph:
    """A dimension that is not known until the model runs."""
    graph = classifier()
    x = replace(graph.tensors[0], shape_signature=(1, -1))
    return graph.replace(tensors=(x, *graph.tensors[1:]))
