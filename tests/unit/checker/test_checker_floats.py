"""Where a model computes in float, and why: each cause by a model that has it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from checker_models import (
    DEQUANTIZE,
    ELU,
    FROM_FLOAT,
    GOOD,
    Model,
    activation,
    constant,
    findings_of,
    graph_of,
    only,
    per_tensor,
)

from edgeq.graph import DType, Graph, Operator, Tensor

CONV = GOOD["CONV_2D"]


def test_float_island_names_operator_tensor_type_cause_and_remedy() -> None:
    island = [GOOD["RELU"], DEQUANTIZE, replace(ELU, opcode="SIN"), FROM_FLOAT]
    finding = only(graph_of(island), "float-operator")
    assert (finding.operator, finding.opcode, finding.dtype) == (2, "SIN", "FLOAT32")
    assert finding.tensor
    assert finding.tensor in finding.message
    assert "SIN has no int8 form, so the converter left it in float between DEQUANTIZE and QUANTIZE" in (
        finding.message
    )
    assert "before the model" in finding.hint


def test_what_has_an_int8_form_is_converted_again() -> None:
    finding = only(graph_of([GOOD["RELU"], DEQUANTIZE, ELU, FROM_FLOAT]), "float-operator")
    assert "the converter left ELU in float between DEQUANTIZE and QUANTIZE" in finding.message
    assert "edgeq convert" in finding.hint


def test_two_operators_of_one_island_are_both_named() -> None:
    found = findings_of(graph_of([GOOD["RELU"], DEQUANTIZE, ELU, replace(ELU, opcode="ABS"), FROM_FLOAT]))
    assert [(f.opcode, f.rule) for f in found] == [("ELU", "float-operator"), ("ABS", "float-operator")]
    assert all("between DEQUANTIZE and QUANTIZE" in f.message for f in found)
    assert "the converter left ABS in float" in found[1].message


def test_real_ends_are_a_remark() -> None:
    for steps, what in (
        ([FROM_FLOAT, GOOD["RELU"]], "real at its input 'quantize/0'"),
        ([GOOD["RELU"], DEQUANTIZE], "real at its output 'dequantize/1'"),
        ([FROM_FLOAT, GOOD["RELU"], DEQUANTIZE], "input 'quantize/0' and output 'dequantize/1'"),
    ):
        finding = only(graph_of(steps), "float-ends", "info")
        assert finding.operator is None
        assert what in finding.message


def test_float_ends_around_a_float_operator_are_errors() -> None:
    found = findings_of(graph_of([FROM_FLOAT, GOOD["RELU"], DEQUANTIZE, ELU, FROM_FLOAT, DEQUANTIZE]))
    assert [(f.rule, f.opcode) for f in found] == [("float-operator", "ELU")]


def test_ends_of_types_that_no_runtime_converts() -> None:
    image = activation((1, 4, 4, 2), dtype=DType.INT32)
    into = replace(FROM_FLOAT, tensors=(FROM_FLOAT.tensors[0], image))
    out = replace(DEQUANTIZE, tensors=(image, DEQUANTIZE.tensors[1]))
    found = findings_of(graph_of([GOOD["RELU"], DEQUANTIZE, into, out]))
    assert [(f.rule, f.severity) for f in found] == [
        ("output-operand-type", "error"),
        ("float-output", "error"),
    ]
    assert "(INT32 [1, 4, 4, 2]) is not INT16 or INT8 or UINT8" in found[0].message
    finding = findings_of(graph_of([into, out, FROM_FLOAT, GOOD["RELU"]]))[0]
    assert finding.rule == "float-input"
    assert "without an integer input type" in finding.message


def test_a_float_model_gets_one_finding() -> None:
    finding = only(graph_of([ELU, replace(ELU, opcode="RELU")]), "float-model")
    assert "all 2 operators" in finding.message
    assert "edgeq convert" in finding.hint


def hybrid(model: Model) -> Model:
    return replace(
        model,
        tensors=(
            activation((1, 4, 4, 2), dtype=DType.FLOAT32),
            model.tensors[1],
            constant(np.zeros(3, np.float32), None, "bias"),
            activation((1, 2, 2, 3), dtype=DType.FLOAT32),
        ),
    )


def test_hybrid_model() -> None:
    finding = only(hybrid(CONV), "hybrid")
    assert "dynamic-range" in finding.message
    assert "1 of 1 operators" in finding.message
    assert (finding.tensor, finding.dtype) == ("weights", "INT8")


def test_hybrid_operator_in_an_int8_model() -> None:
    finding = only(graph_of([GOOD["RELU"], DEQUANTIZE, hybrid(CONV)]), "hybrid")
    assert finding.operator == 2
    assert "weights" in finding.message


def test_weights_stored_small_and_widened() -> None:
    """float16 or int8 storage: DEQUANTIZE of a constant before a float operator."""
    image = activation((1, 4), dtype=DType.FLOAT32, name="x")
    half = Tensor("half", (3, 4), DType.FLOAT16, None, np.ones((3, 4), np.float16))
    wide = Tensor("wide", (3, 4), DType.FLOAT32)
    out = activation((1, 3), dtype=DType.FLOAT32, name="y")
    quantized = activation((1, 3), name="q")
    graph = Graph(
        "m",
        (image, half, wide, out, quantized),
        (
            Operator("DEQUANTIZE", (1,), (2,), {}, 2),
            Operator("FULLY_CONNECTED", (0, 2), (3,), {}),
            Operator("QUANTIZE", (3,), (4,), {}),
        ),
        (0,),
        (4,),
    )
    finding = only(graph, "float-operator")
    assert finding.operator == 1
    assert "stored as FLOAT16" in finding.message


def test_float_intermediates_are_not_operands() -> None:
    """A fused LSTM's float tensors only carry parameters: this one is missing, not float."""
    model = GOOD["RELU"].graph()
    extra = (*model.tensors, Tensor("carrier", (0,), DType.FLOAT32, per_tensor(0.5)))
    op = replace(model.operators[0], opcode="BIDIRECTIONAL_SEQUENCE_LSTM", intermediates=(2,))
    finding = only(model.replace(tensors=extra, operators=(op,)), "unsupported-operator")
    assert "float" not in finding.message
