"""Work that the child does beside invoking: observers, and functions on arrays."""

from __future__ import annotations

import numpy as np
import pytest

from edgeq.base.errors import ModelError
from edgeq.graph import DType, Graph, Operator, Tensor, write_model
from edgeq.interpreter import compute, observe

PLAN = {"samples": 40, "blocks": 4, "tensors": [[0, 3, False], [1, 3, True]], "rows": []}
WATCH = "edgeq.converter.observer:Watch"


def relu() -> bytes:
    tensors = (Tensor("x", (1, 3), DType.FLOAT32), Tensor("y", (1, 3), DType.FLOAT32))
    return write_model(Graph("m", tensors, (Operator("RELU", (0,), (1,)),), (0,), (1,)))


def test_an_observer_sees_each_sample_once_whatever_the_chunks() -> None:
    x = np.random.default_rng(0).normal(0, 1, (40, 3)).astype(np.float32)
    done: list[int] = []
    found = observe(relu(), [x], WATCH, PLAN, advance=lambda count, _: done.append(count))
    assert len(done) > 1
    assert done[-1] == 40
    low, high, counts, _, _, rectified, by_channel, _ = found
    blocks = x.reshape(4, 10, 3)
    np.testing.assert_array_equal(low, blocks.min(axis=1))
    np.testing.assert_array_equal(high, blocks.max(axis=1))
    np.testing.assert_array_equal(rectified, np.maximum(blocks.max(axis=1), 0))
    assert counts.shape == (4, 1, 2048)
    assert (by_channel.sum(axis=2) == 10).all()


@pytest.mark.parametrize(
    ("name", "plan"),
    [("edgeq.no_such:Thing", PLAN), (WATCH, {}), (WATCH, {**PLAN, "tensors": [[99, 3, False]]})],
)
def test_an_observer_that_fails_is_an_error_of_the_child(name: str, plan: dict[str, object]) -> None:
    with pytest.raises(ModelError):
        observe(relu(), [np.zeros((40, 3), np.float32)], name, plan)


def test_a_function_that_fails_in_the_child_is_told() -> None:
    with pytest.raises(ModelError, match="columns"):
        compute("edgeq.converter.rounding:work", {}, [], relu())
    assert compute("edgeq.converter.rounding:work", {"columns": [], "ranges": []}, [], relu()) == []
