"""How much work layers are, those with a state and those whose shapes mislead."""

from __future__ import annotations

import numpy as np
import pytest

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


@pytest.mark.parametrize("adj_x", [False, True])
@pytest.mark.parametrize("adj_y", [False, True])
def test_a_product_of_matrices_is_its_inner_length_for_each_result(adj_x: bool, adj_y: bool) -> None:
    """(2, 3, 5, 7) by (7, 4): 7 for each of 2 * 3 * 5 * 4, whichever way they lie."""
    x = (2, 3, 7, 5) if adj_x else (2, 3, 5, 7)
    y = (1, 1, 4, 7) if adj_y else (1, 1, 7, 4)
    a, b = np.zeros(x), np.zeros(y)
    product = (a.swapaxes(-1, -2) if adj_x else a) @ (b.swapaxes(-1, -2) if adj_y else b)
    tensors = tuple(Tensor(str(i), shape, DType.INT8) for i, shape in enumerate((x, y, product.shape)))
    options = {"adj_x": adj_x, "adj_y": adj_y}
    graph = Graph("m", tensors, (Operator("BATCH_MATMUL", (0, 1), (2,), options),), (0,), (2,))
    assert macs(graph) == product.size * 7 == 840


def test_a_transposed_convolution_is_its_window_for_each_input() -> None:
    """Each of 3 * 4 places of 5 channels goes into a window of 2 x 3 of 6 channels, whatever the stride."""
    for stride, output in ((1, (1, 4, 6, 6)), (2, (1, 6, 9, 6))):
        shapes = ((4,), (6, 2, 3, 5), (1, 3, 4, 5), output)
        tensors = tuple(Tensor(str(i), shape, DType.INT8) for i, shape in enumerate(shapes))
        options = {"padding": "VALID", "stride_h": stride, "stride_w": stride}
        graph = Graph("m", tensors, (Operator("TRANSPOSE_CONV", (0, 1, 2), (3,), options),), (2,), (3,))
        assert macs(graph) == 3 * 4 * 5 * 6 * 2 * 3
