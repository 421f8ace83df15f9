"""TensorFlow Lite Micro's operators as data: in which forms it takes them, and how a resolver adds each.

Which operators there are and for which types was asked of its interpreter (operators.json, made by
benchmarks/tflm_operators.py). Real numbers pass at the ends only: edgeq's models are strict.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any

from edgeq.backends.tflm.signatures import SIGNATURES
from edgeq.checker import recurrent
from edgeq.checker.operators import FixedScale, Forms, Operand, Support
from edgeq.graph.model import ABSENT, DType, Graph, Operator

_FILE = "operators.json"
_REAL_ENDS = frozenset({"CAST", "DEQUANTIZE", "QUANTIZE"})
"""Operators that may have real numbers on one side."""
_LEFT_OUT = frozenset({"SUB"})
"""On Cortex-M it differs by one, here and there, from TFLM's own interpreter."""
_BIASES = {DType.INT8: frozenset({DType.INT32}), DType.INT16: frozenset({DType.INT64})}
_WIDE_SCALES = {
    "LOGISTIC": FixedScale(1 / 32768, 0),
    "SOFTMAX": FixedScale(1 / 32768, 0, tolerance=0.001),
    "TANH": FixedScale(1 / 32768, 0),
}
"""The scales of 16-bit outputs, where they are fixed."""
_SPELLINGS = {
    "BATCH_MATMUL": "BatchMatMul",
    "CUMSUM": "CumSum",
    "PADV2": "PadV2",
    "UNIDIRECTIONAL_SEQUENCE_LSTM": "UnidirectionalSequenceLSTM",
}
_LSTM_OPERANDS = 24
_OF_ONE_TYPE = {
    "ADD": ("add.h", ("INT8", "INT16")),
    "AVERAGE_POOL_2D": ("pooling.h", ("INT8", "INT16")),
    "CONV_2D": ("conv.h", ("INT8", "INT16")),
    "DEPTHWISE_CONV_2D": ("depthwise_conv.h", ("INT8", "INT16")),
    "FULLY_CONNECTED": ("fully_connected.h", ("INT8", "INT16")),
    "MAX_POOL_2D": ("pooling.h", ("INT8", "INT16")),
    "MUL": ("mul.h", ("INT8",)),
    "PAD": ("pad.h", ("INT8",)),
    "SOFTMAX": ("softmax.h", ("INT8", "INT16")),
    "SVDF": ("svdf.h", ("INT8",)),
    "TRANSPOSE": ("transpose.h", ("INT8",)),
    "UNIDIRECTIONAL_SEQUENCE_LSTM": ("unidirectional_sequence_lstm.h", ("INT8",)),
}
"""Operators that have registrations with the kernels of one type alone: the header, and the types."""


@dataclass(frozen=True)
class Addition:
    """How MicroMutableOpResolver learns of an operator.

    Attributes:
        opcode: the schema's name.
        method: the resolver's.
        registration: the one with the kernels of one type alone, which saves flash; None for the general one.
        custom: of a custom operator, the function of the user's that gives its registration.
        header: that declares ``registration``, under ``tensorflow/lite/micro/kernels``.
    """

    opcode: str
    method: str
    registration: str | None = None
    header: str | None = None
    custom: str = ""

    @property
    def arguments(self) -> str:
        """What the method is given, in C++."""
        if self.custom:
            return f'"{self.opcode}", {self.custom}()'
        return f"tflite::{self.registration}()" if self.registration else ""


def method_of(opcode: str) -> str:
    """The method of MicroMutableOpResolver that adds an operator: ``AddAveragePool2D``."""
    spelled = "".join(word.capitalize() for word in opcode.split("_")).replace("2d", "2D")
    return f"Add{_SPELLINGS.get(opcode, spelled)}"


def addition(opcode: str, types: Iterable[DType]) -> Addition:
    """How an operator is added that a model has with activations of these types."""
    header, known = _OF_ONE_TYPE.get(opcode, ("", ()))
    names = {dtype.value for dtype in types}
    if len(names) == 1 and names <= set(known):
        return Addition(opcode, method_of(opcode), f"Register_{opcode}_{names.pop()}", header)
    return Addition(opcode, method_of(opcode))


def _forms(opcode: str, row: Mapping[str, Any]) -> Forms:
    """The rows of an operator: types whose outputs are of one kind share one."""
    results: dict[frozenset[DType] | None, list[DType]] = defaultdict(list)
    pairs: dict[DType, set[DType]] = defaultdict(set)
    for source, result in row["types"]:
        pairs[DType(source)].add(DType(result))
    for source, found in pairs.items():
        outputs = found if opcode in _REAL_ENDS else {one for one in found if not one.is_float}
        if outputs and (opcode in _REAL_ENDS or not source.is_float):
            results[None if outputs == {source} else frozenset(outputs)].append(source)
    signature = replace(SIGNATURES[opcode], max_version=row["version"])
    rows = [
        form for outputs, sources in results.items() for form in _rows(opcode, signature, sources, outputs)
    ]
    return tuple(sorted(rows, key=lambda form: DType.INT8 not in form.types))


def _rows(
    opcode: str, signature: Support, sources: list[DType], outputs: frozenset[DType] | None
) -> Iterable[Support]:
    if not any(operand.role == "bias" for operand in signature.operands) and opcode not in _WIDE_SCALES:
        yield replace(signature, types=frozenset(sources), outputs=outputs)
        return
    for source in sources:
        operands = tuple(_of_type(operand, source) for operand in signature.operands)
        wide = _WIDE_SCALES.get(opcode) if source is DType.INT16 else signature.output_scale
        yield replace(
            signature, operands=operands, types=frozenset({source}), outputs=outputs, output_scale=wide
        )


def _of_type(operand: Operand, source: DType) -> Operand:
    return replace(operand, dtypes=_BIASES[source]) if operand.role == "bias" else operand


def _table() -> Mapping[str, Any]:
    text = resources.files(__package__).joinpath(_FILE).read_text(encoding="utf-8")
    found: Mapping[str, Any] = json.loads(text)["operators"]
    return found


def _lstm_refusal(graph: Graph, op: Operator) -> str | None:
    if len(op.inputs) != _LSTM_OPERANDS or op.inputs[recurrent.LSTM_WEIGHTS] == ABSENT:
        return "TFLM has no LSTM without an input gate, and none of fewer than 24 operands"
    return recurrent.LSTM.refusal(graph, op) if recurrent.LSTM.refusal else None


_STATEFUL: dict[str, Forms] = {
    "ASSIGN_VARIABLE": (recurrent.ASSIGN_VARIABLE,),
    "CALL_ONCE": (recurrent.CALL_ONCE,),
    "READ_VARIABLE": (recurrent.READ_VARIABLE,),
    "SVDF": (recurrent.SVDF,),
    "UNIDIRECTIONAL_SEQUENCE_LSTM": tuple(
        replace(form, refusal=_lstm_refusal) for form in (recurrent.LSTM, recurrent.LSTM_INT16)
    ),
    "VAR_HANDLE": (recurrent.VAR_HANDLE,),
}
"""What keeps a state is not asked for by single inferences of one operator."""

SUPPORT: Mapping[str, Forms] = {
    opcode: forms
    for opcode, row in _table().items()
    if opcode in SIGNATURES and opcode not in _LEFT_OUT and (forms := _forms(opcode, row))
} | _STATEFUL
"""By the schema's name of the operator."""
