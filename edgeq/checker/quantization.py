"""Whether scales and zero points are those of TensorFlow Lite's int8 specification."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from edgeq.checker.operators import FixedScale, Operand, Spacing, Support
from edgeq.checker.view import QUANTIZED, View
from edgeq.graph.model import ABSENT, DType, Operator, QuantParams

_AGAIN = "The model's quantization is not that of a full-integer converter: convert the float original again."
_BIAS_TOLERANCE = 0.01
_BIAS_STEPS = 0.5
"""Steps of the output by which a bias may be wrong: one of zeros, shared by layers, has any scale."""
_BIAS_APART = 0.02
"""Steps of the output by which one step of a bias may be wrong: TensorFlow Lite loads no other layer."""
_SAME_SCALE = 1e-6
_LARGEST_SUM_RATIO = 2.0**23  # 255 steps of a mean's inputs times this is what 32 bits hold


def check_quantization(view: View) -> None:
    """Scales and zero points are there, and as the operators need them."""
    for index, op, support in view.taken():
        _check_parameters(view, index, op, support)
        _check_activation(view, index, op)
        if index in view.settled:
            continue
        _check_bias(view, index, op, support)
        _check_ratio(view, index, op, support)
        _check_spacing(view, index, op, support)
        if support.output_scale is not None:
            _check_output_scale(view, index, op, support.output_scale)
        refusal = support.refusal(view.graph, op) if support.refusal else None
        if refusal is not None:
            view.report("operator-form", refusal, _AGAIN, operator=index, tensor=op.outputs[0])


def quant_of(view: View, tensor: int) -> QuantParams:
    """The quantization of a tensor that has one by an earlier rule."""
    quant = view.graph[tensor].quant
    if quant is None:
        raise LookupError(f"{view.named(tensor)} has no quantization")
    return quant


def _given(op: Operator, support: Support) -> list[tuple[Operand, int]]:
    """Each given input with its operand."""
    return [(operand, t) for operand, t in support.roles(op) if t != ABSENT]


def _roles(op: Operator, support: Support) -> list[tuple[Operand, int]]:
    """Each given input with its operand, and the outputs as activations, but for plain numbers."""
    return [*_given(op, support), *((Operand("output"), output) for output in support.values(op))]


def _with_role(op: Operator, support: Support, role: str) -> int | None:
    return next((t for operand, t in _roles(op, support) if operand.role == role), None)


def _check_parameters(view: View, index: int, op: Operator, support: Support) -> None:
    for operand, tensor in _roles(op, support):
        quant = view.graph[tensor].quant
        is_bare = support.bare or view.graph[tensor].dtype not in QUANTIZED
        if operand.role == "parameter" or (quant is None and is_bare):
            continue
        if tensor in view.blamed and not view.graph[tensor].is_constant:
            view.settled.add(index)
        elif quant is None:
            view.report(
                "missing-quantization",
                f"its {operand.name} {view.typed(tensor)} has no scale and zero point, so its numbers mean "
                "nothing",
                "Convert again with calibration data that reaches this operator (edgeq convert "
                "--calibration …).",
                operator=index,
                tensor=tensor,
            )
        elif operand.role in ("activation", "state") and quant.is_per_channel:
            view.report(
                "per-channel-activation",
                f"its {operand.name} {view.typed(tensor)} has {len(quant.scales)} scales; activations have "
                "one",
                _AGAIN,
                operator=index,
                tensor=tensor,
            )
        elif _is_askew(view, support, tensor, quant):
            view.report(
                "asymmetric-int16",
                f"its {operand.name} {view.typed(tensor)} has the zero point {quant.zero_point}: TensorFlow "
                "Lite computes in int16 with zero points of 0 only",
                _AGAIN,
                operator=index,
                tensor=tensor,
            )
        elif _has_to_be_symmetric(operand, view.graph[tensor].dtype) and quant.zero_points.any():
            view.report(
                "asymmetric-weights",
                f"its {operand.name} {view.typed(tensor)} has zero points other than 0 "
                f"({_first_other(quant.zero_points)}): int8 weights and biases are symmetric",
                _AGAIN,
                operator=index,
                tensor=tensor,
            )
        elif operand.role == "weights" and quant.is_per_channel and support.channel_axis is None:
            view.report(
                "channel-axis",
                f"its {operand.name} {view.typed(tensor)} has {len(quant.scales)} scales, where "
                f"{view.graph[tensor].dtype.value} has one",
                _AGAIN,
                operator=index,
                tensor=tensor,
            )
        elif operand.role == "weights" and quant.is_per_channel and quant.axis != support.channel_axis:
            view.report(
                "channel-axis",
                f"its {operand.name} {view.typed(tensor)} has scales along dimension {quant.axis}, where "
                f"{op.opcode} takes them along dimension {support.channel_axis}",
                _AGAIN,
                operator=index,
                tensor=tensor,
            )


def _is_askew(view: View, support: Support, tensor: int, quant: QuantParams) -> bool:
    """Whether an int16 that is computed with, and not only moved, is asymmetric."""
    allowed = support.askew or support.spacing == "moves-bytes"
    return view.graph[tensor].dtype is DType.INT16 and not allowed and bool(quant.zero_points.any())


def _has_to_be_symmetric(operand: Operand, dtype: DType) -> bool:
    """Weights and biases, but for weights of the older unsigned form."""
    return operand.role == "bias" or (operand.role == "weights" and dtype is not DType.UINT8)


def _first_other(values: npt.NDArray[np.int64]) -> int:
    return int(values[np.flatnonzero(values)[0]])


def _check_bias(view: View, index: int, op: Operator, support: Support) -> None:
    bias = _with_role(op, support, "bias")
    weights = _with_role(op, support, "weights")
    if bias is None or weights is None or support.spacing == "unrelated":
        return
    quant, data = view.graph[bias].quant, view.graph[bias].data
    if quant is None:
        view.report(
            "bias-scale",
            f"its bias {view.typed(bias)} has no scale; it is taken as input scale x weight scale",
            "",
            operator=index,
            tensor=bias,
            severity="warning",
        )
        return
    expected = quant_of(view, support.main(op)).scale * quant_of(view, weights).scales.astype(np.float64)
    if len(quant.scales) not in (1, len(expected)) and len(expected) != 1:
        view.report(
            "bias-scale",
            f"its bias {view.typed(bias)} has {len(quant.scales)} scales, its weights have {len(expected)}",
            _AGAIN,
            operator=index,
            tensor=bias,
        )
        return
    error, apart = np.abs(quant.scales / expected - 1.0), np.abs(quant.scales - expected)
    if data is None or apart.size not in (1, data.size):
        return  # other rules tell
    worst = int(np.argmax(error))
    step = quant_of(view, op.outputs[0]).scale
    wrong = float((np.abs(data.reshape(-1)) * apart).max()) / step
    runs = apart.size > 1 or apart[0] <= _BIAS_APART * step
    if error[worst] <= _BIAS_TOLERANCE or (runs and wrong < _BIAS_STEPS):
        return
    where = f" in channel {worst}" if len(error) > 1 else ""
    actual = quant.scales[worst % len(quant.scales)]
    view.report(
        "bias-scale",
        f"the scale of its bias {view.typed(bias)} is {actual:.6g}{where}, where input scale x weight "
        f"scale is {expected[worst % len(expected)]:.6g}: the bias would be added "
        f"{_factor(error[worst])} wrong, up to {wrong:.3g} steps of the output",
        "A bias shared by two operators and quantized for only one of them gives this. Convert the "
        "float original again with edgeq convert, which quantizes it for each.",
        operator=index,
        tensor=bias,
    )


def _factor(error: float) -> str:
    return f"{100 * error:.3g} %"


def _check_ratio(view: View, index: int, op: Operator, support: Support) -> None:
    """A step of the input must not span the whole output: fixed-point arithmetic would overflow."""
    if support.output_scale is not None or support.spacing != "free":
        return
    scaled = [t for operand, t in _given(op, support) if _scaled(operand)]
    if any(view.graph[t].quant is None for t in (*scaled, op.outputs[0])):
        return
    result = view.graph[op.outputs[0]]
    output = quant_of(view, op.outputs[0]).scale
    scales = [quant_of(view, t).scales.astype(np.float64).max() for t in scaled]
    ratio = float(np.prod(scales) if support.multiplies else np.max(scales)) / output
    if support.averages and ratio < _LARGEST_SUM_RATIO:
        ratio /= math.prod(view.graph[op.inputs[0]].shape) / math.prod(view.graph[op.outputs[0]].shape)
    if ratio >= 2.0**result.dtype.bits:
        view.report(
            "scale-ratio",
            f"one step of its inputs is {ratio:.4g} steps of its output {view.typed(op.outputs[0])} (scale "
            f"{output:.4g}), more than {result.dtype.value.lower()} holds: every result would saturate",
            "Calibrate on data that resembles the model's use; all-zero or missing samples give such scales.",
            operator=index,
            tensor=op.outputs[0],
        )


_LARGEST_REAL = {"RELU6": 6.0, "RELU_N1_TO_1": 1.0}
"""Of fused activations, the bound that is furthest from 0."""


def _check_activation(view: View, index: int, op: Operator) -> None:
    """In steps of the output, a fused activation's bounds fit 32 bits."""
    activation = str(op.options.get("fused_activation_function", "NONE"))
    result = op.outputs[0]
    quant, bound = view.graph[result].quant, _LARGEST_REAL.get(activation)
    if bound is None or quant is None or view.graph[result].dtype not in QUANTIZED:
        return
    if bound / float(quant.scales.min()) >= 2.0**31:
        view.report(
            "fused-activation",
            f"its output {view.typed(result)} has steps of {quant.scale:.4g}, of which the bound "
            f"{bound:g} of its fused {activation} is more than 32 bits hold: TensorFlow Lite refuses it",
            _AGAIN,
            operator=index,
            tensor=result,
        )


def _scaled(operand: Operand) -> bool:
    return operand.role in ("activation", "weights")


_CONSEQUENCE = {
    "moves-bytes": ", so they change their meaning",
    "as-input": ", and TensorFlow Lite refuses to run it",
    "equal": " in this runtime, so its results are wrong",
}


def _check_spacing(view: View, index: int, op: Operator, support: Support) -> None:
    if support.spacing in ("free", "unrelated"):
        return
    for operand, tensor in _given(op, support):
        if operand.role == "activation":
            for output in support.values(op):
                _check_pair(view, index, support.spacing, (operand.name, tensor), output)


def _check_pair(view: View, index: int, spacing: Spacing, named: tuple[str, int], result: int) -> None:
    name, tensor = named
    if not {view.graph[tensor].dtype, view.graph[result].dtype} <= QUANTIZED:
        return
    quant, output, opcode = quant_of(view, tensor), quant_of(view, result), view.graph.operators[index].opcode
    same = abs(quant.scale - output.scale) <= _SAME_SCALE * output.scale
    if same and quant.zero_point == output.zero_point:
        return
    strict = spacing in ("as-input", "equal")
    view.report(
        "scales-differ",
        f"its {name} {view.typed(tensor)} has scale {quant.scale:.6g} and zero point "
        f"{quant.zero_point}, its output {output.scale:.6g} and {output.zero_point}; {opcode} moves "
        f"bytes without rescaling{_CONSEQUENCE[spacing]}",
        "Put a QUANTIZE before it, or convert the float original again: inputs and output share their "
        "scale then.",
        operator=index,
        tensor=tensor,
        severity="error" if strict else "warning",
    )


def _check_output_scale(view: View, index: int, op: Operator, fixed: FixedScale) -> None:
    quant = quant_of(view, op.outputs[0])
    scale_fits = abs(quant.scale - fixed.scale) <= fixed.tolerance * fixed.scale
    if scale_fits and quant.zero_point == fixed.zero_point:
        return
    demanded = fixed.demanded if not scale_fits else fixed.zero_point_demanded
    view.report(
        "output-scale",
        f"its output {view.typed(op.outputs[0])} has scale {quant.scale:.6g} and zero point "
        f"{quant.zero_point}; the int8 specification fixes them at 1/{round(1 / fixed.scale)} and "
        f"{fixed.zero_point} for {op.opcode}"
        + (", and TensorFlow Lite refuses to run it otherwise" if demanded else ""),
        _AGAIN,
        operator=index,
        tensor=op.outputs[0],
        severity="error" if demanded else "warning",
    )
