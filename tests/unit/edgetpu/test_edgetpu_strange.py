"""Graphs that no converter writes: the prediction answers, or refuses, but never breaks."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from edgeq.base.errors import ModelError
from edgeq.edgetpu import predict
from edgeq.edgetpu.picture import draw
from edgeq.edgetpu.prediction import STATUSES
from edgeq.edgetpu.rules import SUPPORTED
from edgeq.graph import DType, Graph, Tensor, read_model, write_model

from .edgetpu_models import compiled, conv, numbers, usual, wired

OPCODES = (*SUPPORTED, "CUSTOM", "ARG_MAX", "DEQUANTIZE", "UNPACK", "BATCH_MATMUL")
NAN = Tensor("nan", (2,), DType.FLOAT32, None, np.array([np.nan, np.inf], np.float32))
SHAPES = ((), (1,), (0, 4), (1, 8), (3, 8), (1, 1, 8), (5, 1, 10), (1, 4, 4, 4), (2, 4, 4, 4), (1, 0, 4, 4))


def shuffled(rng: random.Random) -> Graph:
    """Tensors of any shapes, operators of any kind on any of them, in an order that runs."""
    count = rng.randint(1, 8)
    base = wired(*[("RELU", [rng.randrange(i + 1)], i + 1) for i in range(count)])
    tensors = tuple(replace(t, shape=rng.choice(SHAPES), shape_signature=()) for t in base.tensors)
    constants = (*conv().tensors[1:3], numbers("n", 0, 3, -9, 1), NAN)
    operators = []
    for number, operator in enumerate(base.operators):
        known = [*range(number + 1), *(len(tensors) + i for i in range(len(constants))), -1]
        inputs = tuple(rng.choice(known) for _ in range(rng.randint(0, 5)))
        outputs = operator.outputs if rng.random() < 0.9 else ()
        options = rng.choice(({}, {"axis": rng.randint(-4, 4)}, {"fused_activation_function": "RELU"}))
        operators.append(
            replace(operator, opcode=rng.choice(OPCODES), inputs=inputs, outputs=outputs, options=options)
        )
    return Graph("strange", (*tensors, *constants), tuple(operators), (0,), ())


def test_any_graph_gets_an_answer() -> None:
    rng = random.Random(11)
    for _ in range(4_000):
        graph = shuffled(rng)
        prediction = predict(graph)
        assert len(prediction.operators) == len(graph.operators)
        assert all(one.status in STATUSES or prediction.failure for one in prediction.operators)
        assert prediction.summary.mapped == sum(prediction.mapped)
        assert draw(graph, prediction).endswith("</svg>\n")


def test_a_model_without_operators() -> None:
    graph = wired(("RELU", [0], 1)).replace(operators=(), outputs=(0,))
    prediction = predict(graph)
    assert prediction.failure is not None
    assert "no operators" in prediction.failure.reason
    assert prediction.summary.share == 0


def test_a_model_file_as_written_predicts_the_same() -> None:
    graph = conv()
    assert predict(read_model(write_model(graph))).mapped == predict(graph).mapped == (True,)


def test_nothing_that_maps_is_warned_of() -> None:
    prediction = predict(wired(("ABS", [0], 1)))
    assert prediction.failure is None
    assert prediction.warnings == (
        "Nothing would run on the Edge TPU: the compiled model would be the model itself.",
    )


def test_compiled_models_are_refused() -> None:
    with pytest.raises(ModelError, match="already"):
        predict(compiled(usual()))
