"""Valid files that are not as our writer makes them: other alignments, variables, compiled models."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import flatbuffers
import numpy as np
import pytest
from graph_samples import small_model
from hypothesis import given, settings
from hypothesis import strategies as st

from edgeq.base.errors import ModelError
from edgeq.checker import check, examine
from edgeq.graph import DType, Graph, Operator, QuantParams, Tensor, read_file, read_model, write_model
from edgeq.interpreter import run


@contextmanager
def careless(seed: int) -> Iterator[None]:
    """A flatbuffer writer that puts any number of bytes in front of what it should align."""
    rng = np.random.default_rng(seed)

    def prep(self: Any, size: int, additional: int) -> None:
        own_place = additional > 0 or (self.current_vtable is not None and size != 2)
        gap = int(rng.integers(0, 8)) if own_place else 0
        self.minalign = max(self.minalign, size)
        while self.Head() < gap + size + additional:
            before = len(self.Bytes)
            self.growByteBuffer()
            self.head += len(self.Bytes) - before
        self.Pad(gap)

    with mock.patch.object(flatbuffers.Builder, "Prep", prep):
        yield


def dense() -> Graph:
    """A strict int8 model with per-channel scales (int64 zero points), and an int32 bias."""
    rng = np.random.default_rng(3)
    scales, zero = np.array([0.01, 0.02], np.float32), np.zeros(2, np.int64)
    tensors = (
        Tensor("x", (1, 8), DType.INT8, QuantParams.per_tensor(0.5, 3)),
        Tensor("w", (2, 8), DType.INT8, QuantParams(scales, zero, 0), rng.integers(-99, 99, (2, 8), np.int8)),
        Tensor("b", (2,), DType.INT32, QuantParams(scales / 2, zero, 0), np.array([70, -700], np.int32)),
        Tensor("y", (1, 2), DType.INT8, QuantParams.per_tensor(0.25, -7)),
    )
    options = {"fused_activation_function": "NONE", "weights_format": "DEFAULT"}
    return Graph("dense", tensors, (Operator("FULLY_CONNECTED", (0, 1, 2), (3,), options),), (0,), (3,))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([small_model, dense]))
def test_any_alignment_is_read(seed: int, make: Any) -> None:
    graph = make()
    tidy = write_model(graph)
    with careless(seed):
        data = write_model(graph)
    assert write_model(read_model(data, graph.name)) == tidy
    assert read_file(tidy).is_aligned


def test_what_is_not_aligned_is_written_anew_for_the_device() -> None:
    tidy = write_model(dense())
    with careless(5):
        data = write_model(dense())
    assert not read_file(data).is_aligned
    checked = check(data, name="dense")
    assert checked.model == tidy
    assert [finding.rule for finding in checked.findings] == ["alignment"]
    assert check(tidy, name="dense").findings == ()


def test_a_real_file_that_is_not_aligned(shared: Path) -> None:
    path = shared / "cases/models/keyword_spotting_pacman_v3.tflite"
    if not path.is_file():
        pytest.skip("no such case")
    data = path.read_bytes()
    assert not read_file(data).is_aligned
    checked = check(data, name="kws")
    assert read_file(checked.model).is_aligned
    shape = checked.graph.input_tensors[0].shape
    x = [np.random.default_rng(1).integers(-128, 127, (3, *shape[1:])).astype(np.int8)]
    for one, other in zip(run(data, x), run(checked.model, x), strict=True):
        assert np.array_equal(one, other)


@pytest.mark.parametrize(
    ("code", "told"),
    [("ethos-u", "Arm's Ethos-U"), ("edgetpu-custom-op", "Edge TPU"), ("NeutronGraph", "NXP")],
)
def test_a_compiled_model_is_told_as_that(code: str, told: str) -> None:
    """Its operator lists memory of its own among its inputs, which nothing writes."""
    base = dense()
    graph = replace(
        base,
        tensors=(*base.tensors, Tensor("scratch", (64,), DType.INT8)),
        operators=(Operator("CUSTOM", (0, 4), (3,), custom_code=code, custom_options=b"\x01"),),
    )
    data = write_model(graph)
    (finding,) = [f for f in examine(read_model(data)) if f.severity == "error"]
    assert told in finding.message and "int8 model that went into" in finding.hint
    with pytest.raises(ModelError, match="before anything has written it"):
        read_model(write_model(base.replace(operators=(replace(base.operators[0], inputs=(3, 1, 2)),))))
