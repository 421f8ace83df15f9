"""What a model keeps between inferences: reset before each sample unless a sequence goes on."""

from __future__ import annotations

import numpy as np
import pytest

from edgeq.base.errors import DataError
from edgeq.graph import DType, Graph, Operator, QuantParams, Tensor, write_model
from edgeq.interpreter import Resolver, judged, run
from edgeq.interpreter.session import _CHUNK_SAMPLES

QUANT = QuantParams.per_tensor(0.5, 3)
START = np.array([[7, -5]], np.int8)
RESOLVERS: tuple[Resolver, ...] = ("reference", "default", "tflm")


def running_sum() -> bytes:
    """y = state + x, which becomes the state; the state begins at other values than its zero point."""
    tensors = (
        Tensor("x", (1, 2), DType.INT8, QUANT),
        Tensor("handle", (), DType.RESOURCE),
        Tensor("before", (1, 2), DType.INT8, QUANT),
        Tensor("y", (1, 2), DType.INT8, QUANT),
    )
    operators = (
        Operator("CALL_ONCE", (), (), {"init_subgraph_index": 1}),
        Operator("VAR_HANDLE", (), (1,), {"shared_name": "sum"}),
        Operator("READ_VARIABLE", (1,), (2,)),
        Operator("ADD", (2, 0), (3,), {"fused_activation_function": "NONE", "pot_scale_int16": True}),
        Operator("ASSIGN_VARIABLE", (1, 3), ()),
    )
    value = Tensor("start", (1, 2), DType.INT8, QUANT, START)
    return write_model(Graph("m", tensors, operators, (0,), (3,), initials={("", "sum"): value}))


def memory() -> bytes:
    """An SVDF: two filters that add the last three inputs up. The integer kernel does no RELU."""
    time = np.ones((2, 3), np.int16)
    tensors = (
        Tensor("x", (1, 2), DType.INT8, QuantParams.per_tensor(1.0, 0)),
        Tensor("feature", (2, 2), DType.INT8, QuantParams.per_tensor(1.0, 0), np.eye(2, dtype=np.int8)),
        Tensor("time", (2, 3), DType.INT16, QuantParams.per_tensor(1.0, 0), time),
        Tensor("bias", (2,), DType.INT32, QuantParams.per_tensor(1.0, 0), np.zeros(2, np.int32)),
        Tensor("state", (1, 6), DType.INT16, QuantParams.per_tensor(1.0, 0), is_variable=True),
        Tensor("y", (1, 2), DType.INT8, QuantParams.per_tensor(1.0, 0)),
    )
    options = {"rank": 1, "fused_activation_function": "RELU"}
    svdf = Operator("SVDF", (0, 1, 2, 3, 4), (5,), options, 3)
    return write_model(Graph("m", tensors, (svdf,), (0,), (5,)))


def sums(x: np.ndarray, begins: np.ndarray) -> np.ndarray:
    now, found = START[0].astype(int), []
    for row, anew in zip(x.astype(int), begins, strict=True):
        now = np.clip((START[0] if anew else now) + row - 3, -128, 127)
        found.append(now)
    return np.array(found)


def last_three(x: np.ndarray, begins: np.ndarray) -> np.ndarray:
    before: list[np.ndarray] = []
    found = []
    for row, anew in zip(x.astype(int), begins, strict=True):
        before = [*([] if anew else before[-2:]), row]
        found.append(np.clip(sum(before), -128, 127))
    return np.array(found)


MODELS = {"resource": (running_sum(), sums), "variable": (memory(), last_three)}


@pytest.mark.parametrize("resolver", RESOLVERS)
@pytest.mark.parametrize("kind", MODELS)
def test_sequences_go_on_over_chunks_and_begin_from_the_initial_values(kind: str, resolver: Resolver) -> None:
    if resolver == "tflm":
        pytest.importorskip("tflite_micro", reason="needs the wheel tflite-micro (pip install 'edgeq[tflm]')")
    model, wanted = MODELS[kind]
    random = np.random.default_rng(1)
    n = 4 * _CHUNK_SAMPLES
    x = random.integers(-9, 16, (n, 2)).astype(np.int8)
    begins = random.random(n) < 0.08
    begins[0] = True
    (found,) = run(model, [x], resolver=resolver, begins=begins)
    np.testing.assert_array_equal(found.reshape(n, 2), wanted(x, begins))
    (each,) = run(model, [x], resolver=resolver)
    np.testing.assert_array_equal(each.reshape(n, 2), wanted(x, np.ones(n, bool)))
    assert not np.array_equal(found, each)


def test_the_oracle_is_run_the_same_way() -> None:
    model, wanted = MODELS["resource"]
    x = np.random.default_rng(2).integers(-9, 16, (6, 2)).astype(np.int8)
    begins = np.array([True, False, False, True, False, False])
    answers = judged("aot", model, [x], begins)
    np.testing.assert_array_equal(answers.outputs[0].reshape(6, 2), wanted(x, begins))


def test_as_many_beginnings_as_samples() -> None:
    with pytest.raises(DataError, match="3 samples, and 2"):
        run(memory(), [np.zeros((3, 2), np.int8)], begins=[True, False])
