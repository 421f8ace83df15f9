"""TFLM's interpreter as an oracle: what it is judged by, and the arena that it needs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edgeq.base.errors import ModelError
from edgeq.graph import DType, Graph, Operator, QuantParams, Tensor, load_model, write_model
from edgeq.interpreter import ORACLES, run, smallest_arena

pytest.importorskip("tflite_micro", reason="needs the wheel tflite-micro (pip install 'edgeq[tflm]')")


def one(opcode: str, output: tuple[float, int] = (0.1, 2), **options: object) -> bytes:
    tensors = (
        Tensor("x", (1, 4, 4, 2), DType.INT8, QuantParams.per_tensor(0.1, 2)),
        Tensor("y", (1, 4, 4, 2), DType.INT8, QuantParams.per_tensor(*output)),
    )
    operator = Operator(opcode, (0,), (1,), options)  # type: ignore[arg-type]
    return write_model(Graph("m", tensors, (operator,), (0,), (1,)))


X = np.random.default_rng(0).integers(-128, 128, (3, 4, 4, 2)).astype(np.int8)


def test_every_runtime_has_an_oracle_with_a_name() -> None:
    assert set(ORACLES) == {"aot", "tflm"}
    assert ORACLES["tflm"][0].name.startswith("tflite-micro 0.")


def test_an_inference_each() -> None:
    found = run(one("RELU"), [X], resolver="tflm")[0]
    assert np.array_equal(found, np.maximum(X, 2))
    assert found.shape == X.shape


def test_litert_and_tflm_disagree_where_they_are_known_to(shared: Path) -> None:
    """FULLY_CONNECTED rounds once in LiteRT and twice in TFLM: each is the oracle of its own runtime."""
    place = shared / "models" / "mlperf_tiny"
    for name, equal in (("ad", False), ("kws", True)):
        model, graph = load_model(place / f"{name}_int8.tflite")
        shape = graph.input_tensors[0].shape[1:]
        x = np.random.default_rng(0).integers(-128, 128, (4, *shape)).astype(np.int8)
        same = np.array_equal(run(model, [x], resolver="tflm")[0], run(model, [x])[0])
        assert same == equal, name


def test_tflms_relu6_does_not_rescale_as_the_check_says() -> None:
    model = one("RELU6", (0.05, -128))
    assert not np.array_equal(run(model, [X], resolver="tflm")[0], run(model, [X])[0])


def test_an_operator_that_tflm_has_not() -> None:
    with pytest.raises(ModelError, match="RELU_N1_TO_1"):
        run(one("RELU_N1_TO_1"), [X], resolver="tflm")
    with pytest.raises(ModelError):
        smallest_arena(one("RELU_N1_TO_1"))


def test_the_smallest_arena_is_the_smallest() -> None:
    from edgeq.interpreter.tflm import TflmAdaptor

    model = one("RELU")
    smallest = smallest_arena(model)
    assert smallest % 16 == 0
    TflmAdaptor(model, smallest).invoke([X[:1]])
    with pytest.raises(RuntimeError):
        TflmAdaptor(model, smallest - 16).invoke([X[:1]])


def test_the_smallest_arena_where_tflm_crashes_with_less() -> None:
    """SQUEEZE follows a null pointer when there is no room for its temporary tensors."""
    tensors = (
        Tensor("x", (1, 4, 1, 2), DType.INT8, QuantParams.per_tensor(0.1, 2)),
        Tensor("y", (1, 4, 2), DType.INT8, QuantParams.per_tensor(0.1, 2)),
    )
    operator = Operator("SQUEEZE", (0,), (1,), {"squeeze_dims": (2,)})
    model = write_model(Graph("m", tensors, (operator,), (0,), (1,)))
    assert 0 < smallest_arena(model) < 8192


@pytest.mark.parametrize("damage", [b"", b"TFL3", bytes(100)], ids=["empty", "cut", "zeros"])
def test_damaged_models(damage: bytes) -> None:
    with pytest.raises(ModelError):
        run(damage, [X], resolver="tflm")
