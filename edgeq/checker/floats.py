"""Where a model still computes in floating point, and why the converter left it so.

Operators' inputs and outputs are judged, not every tensor of the file: a fused LSTM keeps float tensors that
only carry the parameters of its intermediate values.
"""

from __future__ import annotations

from dataclasses import dataclass

from edgeq.checker.view import QUANTIZED, View
from edgeq.graph.ends import hybrid_weights
from edgeq.graph.model import Operator

_CONVERT = "Make an int8 model of the float original: edgeq convert MODEL.tflite --calibration DATA.npz"

_HYBRID_REMEDY = (
    "Only weights were quantized. Best convert the float original; edgeq convert takes this file, too, but "
    "its weights have already lost precision."
)

NO_INT8_FORM = {
    "CAST": "give the model integer inputs and outputs in its place",
    "CONV_3D": "use CONV_2D over stacked slices",
    "COS": "compute it before the model",
    "CUMSUM": "compute it after the model",
    "FLOOR": "compute it outside the model",
    "CEIL": "compute it outside the model",
    "ROUND": "compute it outside the model",
    "LOCAL_RESPONSE_NORMALIZATION": "use batch normalization, which folds into the convolution",
    "POW": "use MUL for squares, or compute it outside the model",
    "RFFT2D": "compute spectra before the model",
    "SIN": "compute it before the model",
}
"""Operators that TensorFlow's quantizer leaves in float without saying so, and what to use in their place."""


def check_floats(view: View) -> None:
    """No operator reads or writes a floating-point tensor, unless the runtime has it in such a form."""
    graph = view.graph
    floats = [i for i in range(len(graph.operators)) if view.is_float(i)]
    strangers = [i for i in floats if not view.has_form(graph.operators[i])]
    if not strangers:
        return
    hybrids = [i for i in floats if _quantized_weights(view, i) is not None]
    if not any(_is_quantized(view, i) for i in range(len(graph.operators))):
        _report_whole_model(view, floats, hybrids)
        return
    surroundings = _Surroundings.of(view)
    for index in strangers:
        if graph.operators[index].opcode != "CUSTOM":
            _report_operator(view, index, surroundings)
            if not _converts(graph.operators[index]) or _is_consequence(view, index, strangers):
                view.settled.add(index)


def _converts(op: Operator) -> bool:
    return op.opcode in ("QUANTIZE", "DEQUANTIZE")


def _is_consequence(view: View, index: int, strangers: list[int]) -> bool:
    """Whether a conversion stands beside an operator that is said to compute in float."""
    op = view.graph.operators[index]
    beside = {view.producer.get(t) for t in op.inputs}.union(*(view.consumers[t] for t in op.outputs))
    return any(i in strangers and not _converts(view.graph.operators[i]) for i in beside if i is not None)


def _is_quantized(view: View, index: int) -> bool:
    """Whether an operator works on quantized activations."""
    return any(
        t.dtype in QUANTIZED and t.quant is not None for _, t in view.activations(view.graph.operators[index])
    )


def _quantized_weights(view: View, index: int) -> int | None:
    """The constant integer weights of an operator whose activations are float."""
    return next(iter(hybrid_weights(view.graph, view.graph.operators[index])), None)


def _float_operand(view: View, index: int) -> int:
    return next(t for t, tensor in view.operands(view.graph.operators[index]) if tensor.dtype.is_float)


def _report_whole_model(view: View, floats: list[int], hybrids: list[int]) -> None:
    """One finding for a model in which nothing is quantized; the same words for each operator help nobody."""
    count = len(view.graph.operators)
    view.settled.update(floats)
    if hybrids:
        weights = _quantized_weights(view, hybrids[0])
        view.report(
            "hybrid",
            f"hybrid (dynamic-range) quantization: its weights {view.typed(weights or 0)} are integers, but "
            f"its activations are FLOAT32. So it is in {len(hybrids)} of {count} operators "
            f"({_listed(hybrids)}), and the others compute in FLOAT32",
            _HYBRID_REMEDY,
            operator=hybrids[0],
            tensor=weights,
        )
        return
    first = _float_operand(view, floats[0])
    how_many = "all" if len(floats) == count else f"{len(floats)} of"
    view.report(
        "float-model",
        f"{view.typed(first)} is floating point, and nothing in the model is quantized: {how_many} {count} "
        "operators compute in float",
        _CONVERT,
        operator=floats[0],
        tensor=first,
    )


def _report_operator(view: View, index: int, surroundings: _Surroundings) -> None:
    op = view.graph.operators[index]
    if op.opcode == "QUANTIZE":
        _report_quantize(view, index)
    elif op.opcode == "DEQUANTIZE":
        _report_dequantize(view, index)
    else:
        _report_computing(view, index, surroundings)


def _report_quantize(view: View, index: int) -> None:
    """A QUANTIZE from float: at a model input the cause, after a float operator only the consequence."""
    source = view.graph.operators[index].inputs[0]
    if source in view.inputs:
        view.report(
            "float-input",
            f"the model's input {view.typed(source)} is float, and this operator quantizes it on the device: "
            "the model was converted without an integer input type",
            "Convert with an integer input (TensorFlow: inference_input_type=tf.int8; edgeq convert does "
            "it).",
            operator=index,
            tensor=source,
        )


def _report_dequantize(view: View, index: int) -> None:
    op = view.graph.operators[index]
    result = op.outputs[0]
    if result in view.outputs:
        view.report(
            "float-output",
            f"the model's output {view.typed(result)} is float: this operator dequantizes it on the device, "
            "because the model was converted without an integer output type",
            "Convert with an integer output (TensorFlow: inference_output_type=tf.int8; edgeq convert does "
            "it).",
            operator=index,
            tensor=result,
        )


def _report_computing(view: View, index: int, surroundings: _Surroundings) -> None:
    op = view.graph.operators[index]
    name = op.custom_code or op.opcode
    tensor = _float_operand(view, index)
    where = f"{view.typed(tensor)} is float"
    weights = _quantized_weights(view, index)
    stored = _stored_weights(view, index)
    if weights is not None:
        view.report(
            "hybrid",
            f"{where} while its weights {view.typed(weights)} are integers: hybrid (dynamic-range) "
            "quantization",
            _HYBRID_REMEDY,
            operator=index,
            tensor=tensor,
        )
    elif stored is not None:
        view.report(
            "float-operator",
            f"{where}, and its weights are stored as {view.graph[stored].dtype.value} and widened by "
            "DEQUANTIZE: only their storage was made smaller",
            _CONVERT,
            operator=index,
            tensor=tensor,
        )
    elif name in NO_INT8_FORM:
        view.report(
            "float-operator",
            f"{where}: {name} has no int8 form, so the converter left it in float{surroundings.text(index)}",
            f"Replace {name} in the model: {NO_INT8_FORM[name]}. Then convert again.",
            operator=index,
            tensor=tensor,
        )
    else:
        view.report(
            "float-operator",
            f"{where}: the converter left {name} in float{surroundings.text(index)}",
            "Convert again for integers only (TensorFlow: supported_ops = [TFLITE_BUILTINS_INT8] with a "
            f"representative data set), or with edgeq convert; if {name} still stays float, replace it in "
            "the model.",
            operator=index,
            tensor=tensor,
        )


def _stored_weights(view: View, index: int) -> int | None:
    """A constant that a DEQUANTIZE widens for this operator."""
    for tensor in view.graph.operators[index].inputs:
        maker = view.producer.get(tensor)
        if maker is not None and view.graph.operators[maker].opcode == "DEQUANTIZE":
            source = view.graph.operators[maker].inputs[0]
            if view.graph[source].is_constant:
                return source
    return None


@dataclass(frozen=True)
class _Surroundings:
    """The operators that come after a DEQUANTIZE, or before a QUANTIZE, with nothing but float between."""

    after_dequantize: frozenset[int]
    before_quantize: frozenset[int]

    @classmethod
    def of(cls, view: View) -> _Surroundings:
        operators, after, before = view.graph.operators, set(), set()
        for index, op in enumerate(operators):
            makers = [
                view.producer[t] for t in op.inputs if t in view.producer and view.graph[t].dtype.is_float
            ]
            if any(operators[m].opcode == "DEQUANTIZE" or m in after for m in makers):
                after.add(index)
        for index in reversed(range(len(operators))):
            floats = [t for t in operators[index].outputs if view.graph[t].dtype.is_float]
            if any(
                operators[c].opcode == "QUANTIZE" or c in before for t in floats for c in view.consumers[t]
            ):
                before.add(index)
        return cls(frozenset(after), frozenset(before))

    def text(self, index: int) -> str:
        """Which conversions stand around an operator, in words."""
        after, before = index in self.after_dequantize, index in self.before_quantize
        if after and before:
            return " between DEQUANTIZE and QUANTIZE"
        return " after a DEQUANTIZE" if after else " before a QUANTIZE" if before else ""


def _listed(indices: list[int], most: int = 8) -> str:
    text = ", ".join(str(i) for i in indices[:most])
    return f"operators {text}" + (", …" if len(indices) > most else "")
