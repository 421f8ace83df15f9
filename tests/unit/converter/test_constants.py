"""What a float graph computes from constants alone is computed before it is quantized."""

from __future__ import annotations

import numpy as np

from edgeq.converter.constants import precomputed
from edgeq.graph import DType, Graph, Operator, OptionValue, Tensor, read_model, write_model
from edgeq.interpreter import run

NONE: dict[str, OptionValue] = {"fused_activation_function": "NONE"}


def real(name: str, *shape: int, data: np.ndarray | None = None) -> Tensor:
    return Tensor(name, shape, DType.FLOAT32, data=None if data is None else data.astype(np.float32))


def same(before: Graph, after: Graph) -> bool:
    x = [np.random.default_rng(1).normal(0, 1, (3, *before.input_tensors[0].shape[1:])).astype(np.float32)]
    found = [run(write_model(graph), x) for graph in (before, after)]
    return all(np.array_equal(a, b) for a, b in zip(*found, strict=True))


def test_a_chain_on_constants_is_its_result() -> None:
    tensors = (
        real("x", 1, 4), real("c", 1, 4, data=np.arange(4)[None]), real("e", 1, 4), real("t", 1, 4),
        real("y", 1, 4),
    )  # fmt: skip
    operators = (
        Operator("EXP", (1,), (2,)),
        Operator("TANH", (2,), (3,)),
        Operator("ADD", (0, 3), (4,), NONE),
    )
    graph = Graph("chain", tensors, operators, (0,), (4,))
    made = precomputed(graph)
    assert [op.opcode for op in made.operators] == ["ADD"] and same(graph, made)


def test_a_sum_with_zeros_is_the_other_and_a_product_zeros() -> None:
    tensors = (
        real("x", 1, 4), real("zeros", 1, 4, data=np.zeros((1, 4))), real("product", 1, 4), real("sum", 1, 4),
        real("y", 1, 4),
    )  # fmt: skip
    operators = (
        Operator("MUL", (0, 1), (2,), NONE),
        Operator("ADD", (2, 0), (3,), NONE),
        Operator("TANH", (3,), (4,)),
    )
    graph = Graph("zeros", tensors, operators, (0,), (4,))
    made = precomputed(graph)
    assert [op.opcode for op in made.operators] == ["TANH"] and same(graph, made)


def test_a_constant_that_the_model_gives_is_still_made_by_an_operator() -> None:
    axis = Tensor("axis", (), DType.INT32, data=np.array(1, np.int32))
    tensors = (
        axis, real("c", 1, 8, data=np.arange(8)[None]), real("a", 1, 4), real("b", 1, 4), real("x", 1, 4),
        real("y", 1, 4),
    )  # fmt: skip
    operators = (
        Operator("SPLIT", (0, 1), (2, 3), {"num_splits": 2}),
        Operator("ADD", (4, 2), (5,), NONE),
    )
    graph = Graph("given", tensors, operators, (4,), (5, 3))
    made = precomputed(graph)
    assert read_model(write_model(made)).outputs == graph.outputs and same(graph, made)
