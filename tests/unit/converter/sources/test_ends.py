"""Inputs and outputs keep the source's names and order, whatever a converter makes of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgeq.converter import convert
from edgeq.converter.sources import Environments, load_source
from edgeq.converter.sources.ends import as_in_source
from edgeq.data import Dataset
from edgeq.graph import DType, Graph, Operator, Tensor, read_model, write_model

USERS = st.lists(st.text("abc_/:", min_size=1, max_size=4), min_size=1, max_size=4, unique=True)


def made(
    inputs: list[str], outputs: list[str], *, signature: bool = False, file: bool = True
) -> tuple[Graph, bytes]:
    """A model as a converter leaves it: one RELU from each input to an output."""
    n = len(inputs)
    tensors = [
        Tensor(f"serving_default_{name}:0" if file else name, (1, 4), DType.FLOAT32, alias=name * signature)
        for name in inputs
    ]
    tensors += [
        Tensor(f"Call:{i}" if signature else name, (1, 4), DType.FLOAT32, alias=name * signature)
        for i, name in enumerate(outputs)
    ]
    relus = tuple(Operator("RELU", (i,), (n + i,)) for i in range(n))
    graph = Graph("m", tuple(tensors), relus, tuple(range(n)), tuple(range(n, 2 * n)))
    return graph, write_model(graph)


@settings(max_examples=100, deadline=None)
@given(users=USERS, signature=st.booleans(), order=st.randoms(use_true_random=False))
def test_any_order_of_a_converter_is_undone(users: list[str], signature: bool, order: Any) -> None:
    n = len(users)
    sides = []
    for kind in ("args", "output"):
        numbers = list(range(n))
        order.shuffle(numbers)
        sides.append([f"{kind}_{i}" for i in numbers])
    _, model = made(*sides, signature=signature)
    inputs = tuple((user, (f"args_{i}",)) for i, user in enumerate(users))
    outputs = tuple((user, ("no such", f"output_{i}")) for i, user in enumerate(users))
    graph = as_in_source(read_model(model), inputs, outputs)
    assert graph.is_in_source_order
    assert [t.alias for t in graph.input_tensors] == users
    assert [t.alias for t in graph.output_tensors] == users
    plain = [t.name.removeprefix("serving_default_").removesuffix(":0") for t in graph.input_tensors]
    assert plain == [f"args_{i}" for i in range(n)]


def test_what_cannot_be_found_stays_as_the_file_has_it() -> None:
    graph, _ = made(["a", "b"], ["output_10", "output_9"], signature=True)
    for inputs in (
        (),
        (("a", ("a",)),),
        (("a", ("a",)), ("c", ("c",))),
        (("a", ("a",)), ("b", ("a",))),
    ):
        found = as_in_source(graph, inputs, ())
        assert [t.alias for t in found.input_tensors] == ["a", "b"]
        assert not found.is_in_source_order
        assert [t.alias for t in found.output_tensors] == ["output_9", "output_10"], "by their numbers"


@settings(max_examples=8, deadline=None)
@given(users=USERS, io=st.sampled_from(("int8", "uint8")))
def test_names_and_order_go_into_the_integer_model(users: list[str], io: Any) -> None:
    graph, _ = made(users, list(reversed(users)), signature=True)
    graph = graph.replace(is_in_source_order=True)
    rng = np.random.default_rng(0)
    x = tuple(rng.normal(0, 1, (12, 4)).astype(np.float32) for _ in users)
    done = convert(write_model(graph), graph, Dataset(x, None, "normal"), io=io, mode="minmax")
    read = read_model(done.model)
    assert [t.alias for t in read.input_tensors] == users
    assert [t.alias for t in read.output_tensors] == users[::-1]
    assert read.is_in_source_order and all(t.dtype is DType(io.upper()) for t in read.input_tensors)


@pytest.mark.parametrize("answer", ["good", [["volt"]], {"volt": 1}, 7, [[1, 2]]])
def test_what_the_child_knows_of_the_names_reaches_the_model(tmp_path: Path, answer: Any) -> None:
    good = [["volt", ["amps_0"]], ["amps", ["other"]]]
    told = {"tool": "t", "inputs": good if answer == "good" else answer, "outputs": []}
    _, model = made(["other", "amps_0"], ["o", "p"], file=False)
    (tmp_path / "made.tflite").write_bytes(model)
    (tmp_path / "told.json").write_text(json.dumps(told))
    python = tmp_path / "python"
    python.write_text(
        f'#!/bin/sh\ncp {tmp_path}/made.tflite "$4/model.tflite"\ncp {tmp_path}/told.json "$4/answer.json"\n'
    )
    python.chmod(0o755)
    source = tmp_path / "m.keras"
    source.write_bytes(b"")
    graph = load_source(source, Environments(tensorflow=str(python))).graph
    aliases = [(t.alias, t.name) for t in graph.input_tensors]
    if answer == "good":
        assert aliases == [("volt", "amps_0"), ("amps", "other")]
        assert graph.is_in_source_order
    else:
        assert aliases == [("", "other"), ("", "amps_0")]
        assert not graph.is_in_source_order
