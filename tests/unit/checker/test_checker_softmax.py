"""SOFTMAX over very many classes is told at the check, not by a crash after the build."""

from __future__ import annotations

import pytest

from edgeq.backends.aot.ops import softmax
from edgeq.base.errors import ModelError
from edgeq.checker import check, examine
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
    found = [
        (finding.rule, finding.severity) for finding in examine(write_model(graph), graph, runtime=runtime)
    ]
    if runtime == "aot" and classes > 4095:
        assert found == [("length", "error")]
    elif classes >= 512:
        assert found == [("softmax-sum", "warning" if runtime == "tflm" else "info")]
    else:
        assert not found


@pytest.mark.parametrize("classes", [4095, 4096])
def test_the_check_and_the_generator_draw_the_same_line(classes: int) -> None:
    graph = model(classes)
    passes = classes == 4095
    assert passes is not any(f.severity == "error" for f in examine(write_model(graph), graph))
    if passes:
        assert softmax.lower(check(write_model(graph), name="m").graph, 0)
    else:
        with pytest.raises(ModelError):
            softmax.lower(graph, 0)
