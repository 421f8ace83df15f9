"""Integer weights under float activations: all verbs call such a model alike, whatever the integers."""

from __future__ import annotations

import numpy as np
import pytest

from edgeq.base.errors import UsageError
from edgeq.checker import examine
from edgeq.converter.constants import float_constants
from edgeq.graph import DType, Graph, Operator, QuantParams, Tensor
from edgeq.verbs.calibration import Calibration
from edgeq.verbs.convert import calibration_data_if_needed

STORED = [DType.INT4, DType.INT8, DType.UINT8, DType.INT16]


def dense(dtype: DType, quant: QuantParams | None) -> Graph:
    """A dense layer on real values with weights of that type."""
    values = np.ones((2, 4), np.float32 if dtype.is_float else np.int16 if dtype is DType.INT16 else np.int8)
    return Graph(
        name="net",
        tensors=(
            Tensor("x", (1, 4), DType.FLOAT32),
            Tensor("w", (2, 4), dtype, quant, values),
            Tensor("o", (1, 2), DType.FLOAT32),
        ),
        operators=(Operator("FULLY_CONNECTED", (0, 1), (2,), {"fused_activation_function": "NONE"}),),
        inputs=(0,),
        outputs=(2,),
    )


def refusal(graph: Graph) -> str:
    """What conversion says of the model without calibration data."""
    with pytest.raises(UsageError) as refused:
        calibration_data_if_needed(graph, Calibration())
    return str(refused.value)


@pytest.mark.parametrize("dtype", STORED, ids=lambda d: d.value)
def test_integer_weights_are_hybrid_in_every_word(dtype: DType) -> None:
    graph = dense(dtype, QuantParams.per_tensor(0.5, 0))
    assert "integer weights and float activations (hybrid)" in refusal(graph)
    assert [f.rule for f in examine(graph)] == ["hybrid"]
    notes: list[str] = []
    plain = float_constants(graph, notes)
    assert any("integers already (dynamic range): 1 tensor (w)" in note for note in notes)
    assert plain[plain.operators[0].inputs[1]].dtype is DType.FLOAT32


def test_float_weights_are_not() -> None:
    graph = dense(DType.FLOAT32, None)
    assert "is a float model" in refusal(graph)
    assert [f.rule for f in examine(graph)] == ["float-model"]
