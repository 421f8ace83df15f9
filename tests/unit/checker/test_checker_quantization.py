"""Scales and zero points are those of TensorFlow Lite's int8 specification."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from checker_models import (
    GOOD,
    activation,
    constant,
    findings_of,
    graph_of,
    only,
    per_channel,
    per_tensor,
    rules,
    weights,
)

from edgeq.graph import QuantParams, write_model

CONV = GOOD["CONV_2D"]
DENSE = GOOD["FULLY_CONNECTED"]
ADD = GOOD["ADD"]


@pytest.mark.parametrize("opcode", sorted(GOOD))
def test_every_activation_has_parameters(opcode: str) -> None:
    model = GOOD[opcode]
    for place in (0, len(model.tensors) - 1):
        finding = only(model.with_tensor(place, quant=None), "missing-quantization")
        assert "no scale" in finding.message


def test_weights_have_parameters() -> None:
    only(CONV.with_tensor(1, quant=None), "missing-quantization")


def test_activations_are_per_tensor() -> None:
    only(ADD.with_tensor(0, quant=per_channel([0.1, 0.2], 3)), "per-channel-activation")


def test_weights_are_symmetric() -> None:
    quant = QuantParams(np.array([0.01], np.float32), np.array([7], np.int64))
    assert "(7)" in only(DENSE.with_tensor(1, quant=quant), "asymmetric-weights").message
    quant = QuantParams(np.array([0.001], np.float32), np.array([1], np.int64))
    only(DENSE.with_tensor(2, quant=quant), "asymmetric-weights")


def test_channel_axis() -> None:
    finding = only(CONV.with_tensor(1, quant=per_channel([0.01, 0.02, 0.03], 1)), "channel-axis")
    assert "dimension 1" in finding.message


def test_bias_scale() -> None:
    finding = only(CONV.with_tensor(2, quant=per_channel([0.001, 0.002, 0.006], 0)), "bias-scale")
    assert "in channel 2" in finding.message
    assert "100 % wrong" in finding.message
    finding = only(DENSE.with_tensor(2, quant=per_tensor(0.0011)), "bias-scale")
    assert "10 % wrong, up to 2 steps" in finding.message
    assert findings_of(DENSE.with_tensor(2, quant=per_tensor(0.0010001))) == ()


@pytest.mark.parametrize(
    ("factor", "scale", "found"),
    [(0, 0.002, []), (1, 0.002, []), (500, 0.002, ["bias-scale"]), (0, 0.004, ["bias-scale"])],
)
def test_zeros_are_a_bias_of_any_scale_that_is_loaded(factor: int, scale: float, found: list[str]) -> None:
    """As layers share them that have none of their own, quantized for one of these."""
    bias = constant(factor * np.arange(5, dtype=np.int32), per_tensor(scale), "bias")
    broken = replace(DENSE, tensors=(*DENSE.tensors[:2], bias, *DENSE.tensors[3:]))
    assert rules(findings_of(broken)) == found


def test_bias_scales_of_another_number() -> None:
    only(CONV.with_tensor(2, quant=per_tensor(0.002)), "bias-scale")
    bias = constant(np.zeros((2, 3), np.int32), per_channel([0.001, 0.002, 0.003], 1), "bias")
    six = weights((6, 3, 3, 2), per_channel([0.01] * 6, 0))
    model = replace(CONV, tensors=(CONV.tensors[0], six, bias, activation((1, 2, 2, 6))))
    assert "has 3 scales, its weights have 6" in only(model, "bias-scale").message


def test_one_tensor_is_blamed_once() -> None:
    broken = GOOD["RELU"].with_tensor(1, quant=None)
    assert only(graph_of([broken, GOOD["MAX_POOL_2D"]]), "missing-quantization").operator == 0


def test_bias_without_scale_is_a_warning() -> None:
    only(DENSE.with_tensor(2, quant=None), "bias-scale", "warning")


@pytest.mark.parametrize("opcode", ["CONV_2D", "FULLY_CONNECTED", "ADD", "MUL", "MEAN", "RELU", "QUANTIZE"])
def test_scales_that_leave_nothing(opcode: str) -> None:
    model = GOOD[opcode]
    only(model.with_tensor(len(model.tensors) - 1, quant=per_tensor(1e-6)), "scale-ratio")


def test_a_mean_is_finer_than_a_step_of_its_inputs() -> None:
    model = GOOD["MEAN"]  # of 16 values at scale 0.1, so that one step of one of them moves it by 0.00625
    assert findings_of(model.with_tensor(2, quant=per_tensor(0.1 / 16 / 250))) == ()
    only(model.with_tensor(2, quant=per_tensor(0.1 / 16 / 260)), "scale-ratio")


@pytest.mark.parametrize("opcode", ["CONCATENATION", "EXPAND_DIMS", "PADV2"])
def test_scales_that_must_be_shared(opcode: str) -> None:
    model = GOOD[opcode]
    only(model.with_tensor(0, quant=per_tensor(0.2, 2)), "scales-differ")
    only(model.with_tensor(0, quant=per_tensor(0.1, 3)), "scales-differ")


@pytest.mark.parametrize("opcode", ["AVERAGE_POOL_2D", "MAX_POOL_2D", "RESHAPE", "SQUEEZE", "PAD"])
def test_scales_that_should_be_shared(opcode: str) -> None:
    model = GOOD[opcode]
    finding = only(model.with_tensor(0, quant=per_tensor(0.2, 2)), "scales-differ", "warning")
    assert "without rescaling" in finding.message


@pytest.mark.parametrize(
    ("opcode", "scale", "zero_point", "severity"),
    [
        ("SOFTMAX", 1 / 128, -128, "error"),
        ("SOFTMAX", 1 / 256, 0, "error"),
        ("LOGISTIC", 1 / 128, -128, "error"),
        ("LOGISTIC", 1 / 256, 0, "warning"),
        ("TANH", 1 / 64, 0, "warning"),
        ("TANH", 1 / 128, 3, "warning"),
    ],
)
def test_fixed_output_scales(opcode: str, scale: float, zero_point: int, severity: str) -> None:
    """An error where LiteRT refuses to prepare the operator (it is tried), a warning where it does not."""
    model = GOOD[opcode].with_tensor(1, quant=per_tensor(scale, zero_point))
    only(model, "output-scale", severity)
    litert = pytest.importorskip("ai_edge_litert.interpreter")
    interpreter = litert.Interpreter(
        model_content=write_model(model.graph()),
        experimental_op_resolver_type=litert.OpResolverType.BUILTIN_REF,
    )
    if severity == "error":
        with pytest.raises(RuntimeError):
            interpreter.allocate_tensors()
    else:
        interpreter.allocate_tensors()
