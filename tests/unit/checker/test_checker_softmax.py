"""SOFTMAX over very many classes is told at the check, not by a crash after the build."""

from __future__ import annotations

import pytest

from edgeq.backends.aot.generate import generate
from edgeq.boards import load_board
from edgeq.checker import CheckFailed, check, examine
from edgeq.graph import DType, Graph, Operator, QuantParams, Tensor, write_model


def model(classes: int) -> Graph:
    tensors = (
        Tensor("x", (1, classes), DType.INT8, QuantParams.per_tensor(0.1, 0)),
        Tensor("p", (1, classes), DType.INT8, QuantParams.per_tensor(1 / 256, -128)),
    )
    return Graph("m", tensors, (Operator("SOFTMAX", (0,), (1,), {"beta": 1.0}, 2),), (0,), (1,))


@pytest.mark.parametrize("classes", [2, 511, 512, 4095, 4096, 10_000])
@pytest.mark.parametrize("runtime", ["aot", "tflm"])
def test_what_is_said_of_so_many_classes(classes: int, runtime: str) -> None:
    graph = model(classes)
    found = [(finding.rule, finding.severity) for finding in examine(graph, runtime=runtime)]
    if runtime == "aot" and classes > 4095:
        assert found == [("length", "error")]
    elif classes >= 512:
        assert found == [("softmax-sum", "warning" if runtime == "tflm" else "info")]
    else:
        assert not found


def test_what_passes_is_generated_and_what_is_not_is_refused_before() -> None:
    project = generate(check(write_model(model(4095)), name="m"), load_board("mps2_an386"))
    assert project.files
    with pytest.raises(CheckFailed, match="4096 values on its last axis, more than the 4095"):
        check(write_model(model(4096)), name="m")
