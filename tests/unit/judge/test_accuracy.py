from __future__ import annotations

import numpy as np
import pytest

from edgeq.base.errors import DataError
from edgeq.graph import DType, Graph, Operator, QuantParams, Tensor
from edgeq.judge import accuracy, compare, decisions


def graph(outputs: int, *opcodes: str, dtype: DType = DType.INT8, zero_point: int = -128) -> Graph:
    """A chain of operators that ends in ``outputs`` elements; only its end matters here."""
    tensor = Tensor("t", (1, outputs), dtype, QuantParams.per_tensor(1 / 256, zero_point))
    chain = tuple(Operator(opcode, (i,), (i + 1,)) for i, opcode in enumerate(opcodes))
    return Graph("g", (tensor,) * (len(opcodes) + 1), chain, (0,), (len(opcodes),))


def test_the_first_of_equals_is_the_decision():
    output = np.array([[1, 5, 5], [-128, -128, -128], [3, 2, 1]], np.int8)
    assert decisions(output, graph(3, "SOFTMAX")).tolist() == [1, 0, 0]


def test_unsigned_outputs():
    output = np.array([[127, 128], [200, 100]], np.uint8)
    assert decisions(output, graph(2, "SOFTMAX", dtype=DType.UINT8, zero_point=0)).tolist() == [1, 0]


def test_outputs_of_more_dimensions_are_flattened():
    assert decisions(np.array([[[[1]], [[2]]]], np.int8), graph(2, "SOFTMAX")).tolist() == [1]


@pytest.mark.parametrize("after", [(), ("QUANTIZE",), ("RESHAPE", "QUANTIZE")])
def test_one_probability_is_split_at_one_half(after):
    output = np.array([[-128], [0], [1], [127]], np.int8)  # 0, 0.5, just above, 1
    assert decisions(output, graph(1, "LOGISTIC", *after)).tolist() == [0, 0, 1, 1]


def test_one_probability_unsigned():
    output = np.array([[0], [128], [129], [255]], np.uint8)
    one = graph(1, "LOGISTIC", dtype=DType.UINT8, zero_point=0)
    assert decisions(output, one).tolist() == [0, 0, 1, 1]


def test_one_logit_is_split_at_zero():
    output = np.array([[-1], [3], [4], [5]], np.int8)
    assert decisions(output, graph(1, "FULLY_CONNECTED", zero_point=4)).tolist() == [0, 0, 0, 1]


def test_accuracy():
    output = np.array([[9, 1], [1, 9], [9, 1], [9, 1]], np.int8)
    assert accuracy(output, np.array([0, 1, 1, 0]), graph(2, "SOFTMAX")) == 0.75
    assert accuracy(output, None, graph(2, "SOFTMAX")) is None
    binary = np.array([[127], [-128]], np.int8)
    assert accuracy(binary, np.array([1, 1]), graph(1, "LOGISTIC")) == 0.5


@pytest.mark.parametrize("labels", [[0, 3], [-1, 0]])
def test_labels_that_have_no_output(labels):
    with pytest.raises(DataError, match=f"label {max(labels, key=abs)} .* classes 0 to 2"):
        accuracy(np.zeros((2, 3), np.int8), np.array(labels), graph(3, "SOFTMAX"))


def test_exactness_counts():
    expected = [np.array([[0, 10], [20, 127]], np.int8), np.array([[1], [2]], np.int8)]
    got = [np.array([[11, 10], [21, -128]], np.int8), np.array([[1], [1]], np.int8)]
    found = compare("oracle", expected, got, graph(2, "SOFTMAX"))
    assert (found.samples, found.outputs, found.exact, found.off_by_one) == (2, 6, 2, 2)
    assert found.argmax_agree == 0
    assert not found.is_exact
    same = compare("oracle", expected, expected, graph(2, "SOFTMAX"))
    assert (same.exact, same.off_by_one, same.argmax_agree, same.is_exact) == (6, 0, 2, True)


def test_unsigned_differences_do_not_wrap():
    found = compare(
        "oracle",
        [np.array([[0, 255]], np.uint8)],
        [np.array([[255, 0]], np.uint8)],
        graph(2, "SOFTMAX", dtype=DType.UINT8),
    )
    assert (found.exact, found.off_by_one, found.argmax_agree) == (0, 0, 0)
