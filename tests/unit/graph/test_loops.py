"""Loops of known length, as Keras exports recurrent layers: unrolled, then converted like anything else."""

from __future__ import annotations

import numpy as np
from joined import joined

from edgeq import check, convert
from edgeq.graph import DType, Graph, Operator, Tensor
from edgeq.interpreter import run

STEPS, WIDTH, CELLS = 4, 3, 5
NONE = {"fused_activation_function": "NONE"}


def real(name: str, *shape: int, data: np.ndarray | None = None) -> Tensor:
    return Tensor(name, shape, DType.FLOAT32, data=data)


def whole(name: str, value: int | None = None) -> Tensor:
    return Tensor(name, (), DType.INT32, data=None if value is None else np.array(value, np.int32))


def network() -> bytes:
    """x [1, steps, width] through a gated cell whose state begins as zeros; its last state."""
    random = np.random.default_rng(2)
    w, u = (random.normal(0, 0.6, (CELLS, n)).astype(np.float32) for n in (WIDTH, CELLS))
    turned = Tensor("shape", (3,), DType.INT32, data=np.array([STEPS, 1, WIDTH], np.int32))
    zeros = real("zeros", 1, CELLS, data=np.zeros((1, CELLS), np.float32))
    main = Graph(
        "rnn",
        (
            real("x", 1, STEPS, WIDTH), turned, real("steps", STEPS, 1, WIDTH), whole("zero", 0), zeros,
            whole("last"), real("h", 1, CELLS), real("same", STEPS, 1, WIDTH),
        ),
        (
            Operator("RESHAPE", (0, 1), (2,)),
            Operator("WHILE", (3, 4, 2), (5, 6, 7), {"cond_subgraph_index": 1, "body_subgraph_index": 2}),
        ),
        (0,),
        (6,),
    )  # fmt: skip
    state = (whole("t"), real("h", 1, CELLS), real("x", STEPS, 1, WIDTH))
    less = (*state, whole("steps", STEPS), Tensor("less", (), DType.BOOL))
    condition = Graph("condition", less, (Operator("LESS", (0, 3), (4,)),), (0, 1, 2), (4,))
    body = Graph(
        "body",
        (
            *state, whole("one", 1), whole("next"), real("now", 1, WIDTH), real("w", CELLS, WIDTH, data=w),
            real("u", CELLS, CELLS, data=u), real("wx", 1, CELLS), real("uh", 1, CELLS),
            real("sum", 1, CELLS), real("gate", 1, CELLS), real("kept", 1, CELLS), real("new", 1, CELLS),
            real("out", 1, CELLS),
        ),
        (
            Operator("ADD", (0, 3), (4,), NONE),
            Operator("GATHER", (2, 0), (5,), {"axis": 0}),
            Operator("FULLY_CONNECTED", (5, 6, -1), (8,), NONE),
            Operator("FULLY_CONNECTED", (1, 7, -1), (9,), NONE),
            Operator("ADD", (8, 9), (10,), NONE),
            Operator("LOGISTIC", (10,), (11,)),
            Operator("MUL", (11, 1), (12,), NONE),
            Operator("TANH", (10,), (13,)),
            Operator("ADD", (12, 13), (14,), NONE),
        ),
        (0, 1, 2),
        (4, 14, 2),
    )  # fmt: skip
    return joined([main, condition, body])


def test_a_loop_is_unrolled_and_quantized() -> None:
    model = network()
    x = np.random.default_rng(3).normal(0, 1, (40, STEPS, WIDTH)).astype(np.float32)
    made = convert(model, x)
    counts = [op.opcode for op in made.graph.operators]
    assert counts.count("GATHER") == counts.count("TANH") == STEPS
    assert counts.count("MUL") == STEPS - 1  # the first state is nothing to multiply with
    assert check(made.model).graph.operators == made.graph.operators
    (expected,) = run(model, [x])
    quant = made.graph.input_tensors[0].quant
    assert quant is not None
    q = np.clip(np.round(x / quant.scale) + quant.zero_point, -128, 127).astype(np.int8)
    (found,) = run(made.model, [q])
    out = made.graph.output_tensors[0].quant
    assert out is not None
    errors = (found.astype(np.float64) - out.zero_point) * out.scale - expected
    assert 10 * np.log10((expected**2).mean() / (errors**2).mean()) > 25
