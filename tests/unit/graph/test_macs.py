"""How much work layers with a state are."""

from __future__ import annotations

from edgeq.graph import ABSENT, DType, Graph, Operator, Tensor
from edgeq.graph.macs import operator_macs


def lstm(x: tuple[int, ...], cells: int, outputs: int | None = None, *, coupled: bool = False) -> Graph:
    """An LSTM by its shapes: ``outputs`` are those of a projection, ``coupled`` one without an input gate."""
    depth = x[-1]
    state = cells if outputs is None else outputs
    shapes: list[tuple[int, ...] | None] = [x, *[(cells, depth)] * 4, *[(cells, state)] * 4]
    shapes += [None] * 3 + [(cells,)] * 4 + [None if outputs is None else (outputs, cells), None]
    shapes += [(x[0], state), (x[0], cells)]
    if coupled:
        shapes[1] = shapes[5] = None
    tensors = tuple(Tensor(str(i), shape, DType.INT8) for i, shape in enumerate(shapes) if shape is not None)
    numbers = iter(range(len(tensors)))
    inputs = tuple(ABSENT if shape is None else next(numbers) for shape in shapes)
    return Graph("m", tensors, (Operator("UNIDIRECTIONAL_SEQUENCE_LSTM", inputs, ()),), (0,), ())


def macs(graph: Graph) -> int:
    return operator_macs(graph, graph.operators[0])


def test_an_lstm_is_its_matrices_in_each_step() -> None:
    assert macs(lstm((1, 49, 257), 80)) == 49 * 4 * 80 * (257 + 80)
    assert macs(lstm((2, 7, 5), 3)) == 2 * 7 * 4 * 3 * (5 + 3)


def test_an_lstm_with_a_projection_or_without_an_input_gate() -> None:
    assert macs(lstm((1, 4, 6), 8, 3)) == 4 * (4 * 8 * (6 + 3) + 3 * 8)
    assert macs(lstm((1, 4, 6), 8, coupled=True)) == 4 * 3 * 8 * (6 + 8)


def test_an_svdf_is_its_features_and_their_memory() -> None:
    shapes = ((2, 10), (6, 10), (6, 8), (3,), (2, 48))
    tensors = tuple(Tensor(str(i), shape, DType.INT8) for i, shape in enumerate(shapes))
    graph = Graph("m", tensors, (Operator("SVDF", tuple(range(5)), ()),), (0,), ())
    assert macs(graph) == 2 * (6 * 10 + 6 * 8)
