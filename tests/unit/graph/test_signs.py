"""What is known never to stand for a number below 0, and what is not."""

from __future__ import annotations

import numpy as np
import pytest

from edgeq.graph import DType, Graph, Operator, QuantParams, Tensor
from edgeq.graph.signs import never_below_zero

QUANT = QuantParams.per_tensor(0.1, 0)


def made(*operators: tuple[str, tuple[int, ...]], fused: str = "NONE") -> Graph:
    """int16 tensors: 0 and 1 are inputs, 2 a constant that is below 0 nowhere, 3 real; 4 and on are made."""
    values = np.array([[0, 1, 2]], np.int16)
    tensors = [
        *(Tensor(name, (1, 3), DType.INT16, QUANT) for name in "ab"),
        Tensor("c", (1, 3), DType.INT16, QUANT, values),
        Tensor("real", (1, 3), DType.FLOAT32),
    ]
    steps = []
    for opcode, inputs in operators:
        steps.append(Operator(opcode, inputs, (len(tensors),), {"fused_activation_function": fused}))
        tensors.append(Tensor(f"t{len(tensors)}", (1, 3), DType.INT16, QUANT))
    return Graph("signs", tuple(tensors), tuple(steps), (0, 1, 3), (len(tensors) - 1,))


@pytest.mark.parametrize(
    ("graph", "never"),
    [
        (made(("ABS", (0,))), True),
        (made(("MUL", (0, 0))), True),
        (made(("MUL", (0, 1))), False),
        (made(("ADD", (0, 1)), fused="RELU"), True),
        (made(("ABS", (0,)), ("ADD", (4, 2))), True),
        (made(("ABS", (0,)), ("ADD", (4, 1))), False),
        (made(("ABS", (0,)), ("RESHAPE", (4,)), ("MEAN", (5,))), True),
        (made(("ABS", (0,)), ("SUB", (4, 2))), False),
        (made(("QUANTIZE", (3,))), False),
        (made(("QUANTIZE", (2,))), True),
    ],
)
def test_what_an_operator_makes(graph: Graph, never: bool) -> None:
    assert never_below_zero(graph, graph.outputs[0]) is never


def test_what_nobody_makes() -> None:
    graph = made(("ABS", (0,)))
    assert [never_below_zero(graph, index) for index in range(4)] == [False, False, True, False]
