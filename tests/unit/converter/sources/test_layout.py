"""Transposes folded: the same numbers, fewer operators."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from edgeq.converter.sources.layout import channels_last
from edgeq.graph import DType, Graph, Operator, Tensor, write_model
from edgeq.interpreter import run

RNG = np.random.default_rng(0)
Floats = npt.NDArray[np.float32]


class Net:
    """A float graph in the making."""

    def __init__(self, *shapes: tuple[int, ...]) -> None:
        self.tensors = [Tensor(f"in{i}", shape, DType.FLOAT32) for i, shape in enumerate(shapes)]
        self.inputs = tuple(range(len(shapes)))
        self.operators: list[Operator] = []

    def constant(self, data: npt.NDArray[np.generic]) -> int:
        self.tensors.append(
            Tensor(f"c{len(self.tensors)}", data.shape, DType(data.dtype.name.upper()), data=data)
        )
        return len(self.tensors) - 1

    def floats(self, *shape: int) -> int:
        return self.constant(RNG.normal(size=shape).astype(np.float32))

    def add(self, opcode: str, inputs: Sequence[int], shape: tuple[int, ...], **options: object) -> int:
        self.tensors.append(Tensor(f"{opcode}{len(self.tensors)}", shape, DType.FLOAT32))
        index = len(self.tensors) - 1
        self.operators.append(Operator(opcode, tuple(inputs), (index,), options))  # type: ignore[arg-type]
        return index

    def transpose(self, source: int, perm: tuple[int, ...]) -> int:
        shape = tuple(self.tensors[source].shape[i] for i in perm)
        return self.add("TRANSPOSE", (source, self.constant(np.array(perm, np.int32))), shape)

    def reshape(self, source: int, shape: tuple[int, ...]) -> int:
        return self.add("RESHAPE", (source, self.constant(np.array(shape, np.int32))), shape, new_shape=shape)

    def graph(self, *outputs: int) -> Graph:
        return Graph("net", tuple(self.tensors), tuple(self.operators), self.inputs, outputs)


TO_LAST, TO_FIRST = (0, 2, 3, 1), (0, 3, 1, 2)


def same(graph: Graph, folded: Graph) -> None:
    """Both give the same, inputs and outputs moved where their shapes say so."""
    x = [RNG.normal(size=(2, *t.shape[1:])).astype(np.float32) for t in graph.input_tensors]
    moved = [
        a if t.shape[1:] == a.shape[1:] else np.moveaxis(a, 1, -1)
        for a, t in zip(x, folded.input_tensors, strict=True)
    ]
    before, after = run(write_model(graph), x), run(write_model(folded), moved)
    for a, b in zip(before, after, strict=True):
        a2 = a if a.shape == b.shape else np.moveaxis(a, 1, -1)
        np.testing.assert_allclose(a2, b, rtol=1e-5, atol=1e-5)


def opcodes(graph: Graph) -> list[str]:
    return [op.opcode for op in graph.operators]


def test_the_input_and_what_flattens_it() -> None:
    """As PyTorch's converter leaves a network of convolutions and a dense layer."""
    net = Net((1, 3, 5, 4))
    last = net.transpose(0, TO_LAST)
    convolved = net.add(
        "CONV_2D", (last, net.floats(6, 3, 3, 3), net.floats(6)), (1, 5, 4, 6),
        padding="SAME", stride_w=1, stride_h=1, fused_activation_function="RELU",
    )  # fmt: skip
    flat = net.reshape(net.transpose(convolved, TO_FIRST), (1, 120))
    graph = net.graph(net.add("FULLY_CONNECTED", (flat, net.floats(7, 120), net.floats(7)), (1, 7)))
    folded, notes = channels_last(graph)
    assert opcodes(folded) == ["CONV_2D", "RESHAPE", "FULLY_CONNECTED"]
    assert folded.input_tensors[0].shape == (1, 5, 4, 3)
    assert "[1, 3, 5, 4]; it takes [1, 5, 4, 3]" in notes[0]
    same(graph, folded)


def test_pairs_cancel_through_what_lies_between() -> None:
    net = Net((1, 4, 4, 2), (1, 4, 4, 2))
    a, b = (net.transpose(i, TO_FIRST) for i in (0, 1))
    added = net.add("ADD", (net.add("RELU", (a,), (1, 2, 4, 4)), b), (1, 2, 4, 4))
    scaled = net.add("MUL", (added, net.floats(1, 2, 1, 1)), (1, 2, 4, 4))
    graph = net.graph(net.add("RELU", (net.transpose(scaled, TO_LAST),), (1, 4, 4, 2)))
    folded, notes = channels_last(graph)
    assert sorted(opcodes(folded)) == ["ADD", "MUL", "RELU", "RELU"]
    assert not notes
    same(graph, folded)


def test_concatenation_moves_its_axis() -> None:
    net = Net((1, 4, 4, 2), (1, 4, 4, 3))
    parts = (net.transpose(0, TO_FIRST), net.transpose(1, TO_FIRST))
    joined = net.add("CONCATENATION", parts, (1, 5, 4, 4), axis=1, fused_activation_function="NONE")
    graph = net.graph(net.add("RELU", (net.transpose(joined, TO_LAST),), (1, 4, 4, 5)))
    folded, _ = channels_last(graph)
    assert opcodes(folded) == ["CONCATENATION", "RELU"]
    assert folded.operators[0].options["axis"] == 3
    same(graph, folded)


def test_the_output_gets_its_channels_last() -> None:
    net = Net((1, 4, 4, 2))
    relu = net.add("RELU", (0,), (1, 4, 4, 2))
    graph = net.graph(net.transpose(relu, TO_FIRST))
    folded, notes = channels_last(graph)
    assert opcodes(folded) == ["RELU"]
    assert folded.output_tensors[0].shape == (1, 4, 4, 2)
    assert folded.output_tensors[0].name == graph.output_tensors[0].name
    assert "Output" in notes[0]
    same(graph, folded)


def test_one_channel_needs_no_transpose() -> None:
    net = Net((1, 1, 4, 6))
    graph = net.graph(net.add("RELU", (net.reshape(0, (1, 4, 6, 1)),), (1, 4, 6, 1)))
    folded, notes = channels_last(graph)
    assert (opcodes(folded), folded.input_tensors[0].shape, len(notes)) == (["RELU"], (1, 4, 6, 1), 1)
    same(graph, folded)


def test_what_moves_nothing_in_memory_becomes_a_reshape() -> None:
    net = Net((1, 1, 1, 8))
    graph = net.graph(net.reshape(net.transpose(net.add("RELU", (0,), (1, 1, 1, 8)), TO_FIRST), (1, 8)))
    folded, _ = channels_last(graph)
    assert set(opcodes(folded)) == {"RELU", "RESHAPE"}
    same(graph, folded)


@pytest.mark.parametrize("use", ["input", "output", "both axes"])
def test_what_has_to_stay_stays(use: str) -> None:
    """A transpose whose layouts are both read."""
    net = Net((1, 3, 5, 4))
    turned = net.transpose(0, TO_LAST)
    relu = net.add("RELU", (turned,), (1, 5, 4, 3))
    if use == "input":
        graph = net.graph(relu, net.add("RELU", (0,), (1, 3, 5, 4)))
    elif use == "output":
        graph = net.graph(turned)
    else:
        graph = net.graph(net.add("SOFTMAX", (net.transpose(relu, (0, 2, 1, 3)),), (1, 4, 5, 3), beta=1.0))
    folded, _ = channels_last(graph)
    assert opcodes(folded).count("TRANSPOSE") == 1
    same(graph, folded)


def test_a_transposed_constant_is_transposed_now() -> None:
    net = Net((1, 4, 4, 2))
    graph = net.graph(net.add("ADD", (0, net.transpose(net.floats(1, 2, 4, 4), TO_LAST)), (1, 4, 4, 2)))
    folded, _ = channels_last(graph)
    assert opcodes(folded) == ["ADD"]
    same(graph, folded)
