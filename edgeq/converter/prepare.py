"""What comes before quantization: a plain, static float graph of known operators."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from edgeq.base.errors import ModelError
from edgeq.converter.constants import float_constants, moved, precomputed
from edgeq.converter.dilated import biases_inside
from edgeq.converter.fakes import has_fakes, without_fakes
from edgeq.converter.numbers import INT8, Numbers
from edgeq.converter.ops import RULES, Rule
from edgeq.converter.recurrent import RECURRENT, check_recurrent, with_intermediates
from edgeq.converter.substitutes import is_replaced, rewritten, stand_ins, way_out
from edgeq.converter.tables import check_table
from edgeq.graph import ABSENT, DType, Graph, Operator, Tensor
from edgeq.graph.rewrite import compact
from edgeq.interpreter.sizes import static

_INTEGERS = (DType.INT8, DType.UINT8, DType.INT16)
_PLAIN = (DType.INT32, DType.INT64, DType.BOOL)
"""Whole numbers and truth values: indices, sizes, conditions."""
_SHOWN = 5
_HUGE = 1e15
"""No trained weight is larger, and the products of scales stay within float32."""


def prepare(
    model: bytes, graph: Graph, *, rewrite: bool = False, strict: bool = True
) -> tuple[Graph, tuple[str, ...]]:
    """Freeze the batch, fold what depends on shapes only, make all weights float32, check every operator.

    Args:
        model: the .tflite file.
        graph: the same, read.
        rewrite: replace operators that have no int8 form by others that do, or by tables.
        strict: refuse a graph of which an operator cannot be quantized; else see :func:`refusals`.

    Returns:
        The float graph, with static shapes, and notes.

    Raises:
        ModelError: a dynamic shape, a type or an operator that cannot be quantized, by name and tensor.
    """
    notes: list[str] = []
    graph = static(model, graph, notes)
    simulated = has_fakes(graph)
    graph = precomputed(moved(float_constants(without_fakes(graph, notes), notes)))
    graph = compact(biases_inside(graph) if simulated else graph)
    _check_one_kind(graph)
    if strict:
        _refuse(
            graph,
            {
                position: error
                for position, error in refusals(graph, tables=rewrite).items()
                if not is_replaced(graph, graph.operators[position], asked=rewrite)
            },
        )
    graph = with_intermediates(rewritten(graph, notes, asked=rewrite))
    if strict:
        _refuse(graph, refusals(graph, tables=rewrite))
    for index in graph.inputs:
        if graph[index].dtype not in _PLAIN:
            _check_activation(graph, index, "the model's input")
    if not graph.operators:
        raise ModelError(f"{graph.name} has no operators", "there is nothing to quantize")
    return graph, tuple(notes)


def replacements(model: bytes, graph: Graph, *, asked: bool) -> list[tuple[str, tuple[str, ...]]]:
    """What converting would put in the place of a float model's operators, before anything is calibrated.

    Args:
        asked: whether those too are replaced of which the replacement costs something.

    Returns:
        The operator, as messages call it, and the opcodes that would stand for it.

    Raises:
        ModelError: a dynamic shape.
    """
    notes: list[str] = []
    plain = float_constants(without_fakes(static(model, graph, notes), notes), notes)
    return [
        (plain.describe(position), stand_ins(plain, op))
        for position, op in enumerate(plain.operators)
        if is_replaced(plain, op, asked=asked)
    ]


def takes_int16(graph: Graph, position: int) -> bool:
    """Whether an operator that can be quantized can be to int16, or has nothing to quantize."""
    op = graph.operators[position]
    if all(i == ABSENT or graph[i].dtype in _PLAIN for i in (*op.inputs, *op.outputs)):
        return True
    rule = RULES.get(op.opcode)
    return rule is not None and rule.wide is not None and not rule.table and op.opcode not in RECURRENT


def refusals(graph: Graph, *, numbers: Numbers = INT8, tables: bool = False) -> dict[int, ModelError]:
    """Why operators cannot be quantized, by their positions; empty where all can.

    Args:
        graph: a float graph.
        numbers: which integers its activations shall become.
        tables: whether a table may stand for an operator without an integer kernel.
    """
    found: dict[int, ModelError] = {}
    for position, op in enumerate(graph.operators):
        if op.outputs and all(i == ABSENT or graph[i].dtype in _PLAIN for i in (*op.inputs, *op.outputs)):
            continue  # works on whole numbers or truth values, and goes on doing so
        try:
            _check_operator(graph, position, numbers, tables=tables)
        except ModelError as error:
            found[position] = error
    return found


def _refuse(graph: Graph, refused: Mapping[int, ModelError]) -> None:
    """Raise the first refusal if there is one, with the other operators named."""
    if not refused:
        return
    error, *_ = refused.values()
    others = [graph.describe(position) for position in refused][1:]
    listed = ", ".join(others[:_SHOWN]) + (", …" if len(others) > _SHOWN else "")
    raise ModelError(error.message + (f"; nor can {listed}" if others else ""), error.hint)


def _check_one_kind(graph: Graph) -> None:
    """Refuse a model of which one part is quantized and another float."""
    kinds: dict[bool, tuple[int, Tensor]] = {}
    for index, op in enumerate(graph.operators):
        for output in op.outputs:
            kinds.setdefault(graph[output].dtype in _INTEGERS, (index, graph[output]))
    if len(kinds) > 1:
        (first, a), (second, b) = kinds[True], kinds[False]
        raise ModelError(
            f"the model is quantized in part: {graph.describe(first)} gives {a.dtype.value} '{a.name}', "
            f"{graph.describe(second)} gives {b.dtype.value} '{b.name}'",
            "convert the float model it was made from",
        )


def _check_operator(graph: Graph, index: int, numbers: Numbers, *, tables: bool) -> None:
    op = graph.operators[index]
    where = graph.describe(index)
    rule = RULES.get(op.opcode)
    if rule is None or numbers.version(rule) is None or (rule.table and not tables):
        made = graph[op.outputs[0]].name if op.outputs else ""
        way = way_out(graph, op)
        hint = (
            f"--rewrite puts {way} in its place"
            if way and not numbers.wide
            else "replace it in the model by operators that can: "
            + ", ".join(sorted(name for name, rule in RULES.items() if not rule.table))
        )
        raise ModelError(f"{where}, which makes tensor '{made}', cannot be quantized", hint)
    slots = rule.slots(len(op.inputs))
    needed = 1 + max((*slots, rule.weights or 0), default=0)
    if len(op.inputs) < needed or not op.outputs or any(graph[i].is_constant for i in op.outputs):
        raise ModelError(f"{where} has not the inputs and outputs of its kind", "the model file is damaged")
    for position in slots:
        _check_activation(graph, op.inputs[position], f"input {position} of {where}")
    for position, output in enumerate(op.outputs):
        if position not in rule.exact:
            _check_activation(graph, output, f"the output of {where}")
    if op.opcode in RECURRENT:
        check_recurrent(graph, op, where)
        return
    if rule.weights is not None:
        _check_weights(graph, op, rule, where)
    if rule.table:
        check_table(graph, op, where)
    kept = (*slots, *rule.live, rule.weights, rule.bias, rule.fill)
    for position, source in enumerate(op.inputs):
        if position not in kept and source != ABSENT and not graph[source].is_constant:
            raise ModelError(
                f"{where}: its input {position}, tensor '{graph[source].name}', is computed while the model "
                "runs, so that a size is not known before",
                "export the model with fixed shapes",
            )


def _check_activation(graph: Graph, index: int, what: str) -> None:
    if index == ABSENT:
        raise ModelError(f"{what} is missing", "the model file is damaged")
    tensor = graph[index]
    if tensor.dtype is not DType.FLOAT32 or tensor.is_variable:
        kind = "keeps its value between inferences" if tensor.is_variable else f"is {tensor.dtype.value}"
        raise ModelError(
            f"{what}, tensor '{tensor.name}', {kind}", "edgeq quantizes float32 models without state"
        )
    if tensor.data is not None and not (np.abs(np.asarray(tensor.data, np.float32)) < _HUGE).all():
        raise ModelError(
            f"constant '{tensor.name}' ({what}) holds NaN, infinity or values beyond {_HUGE:g}",
            "train or export the model anew",
        )


def _check_weights(graph: Graph, op: Operator, rule: Rule, where: str) -> None:
    assert rule.weights is not None  # noqa: S101  # its caller looked
    _check_activation(graph, op.inputs[rule.weights], f"the weights of {where}")
    weights = graph[op.inputs[rule.weights]]
    if weights.data is None or rule.axis >= weights.data.ndim or not weights.data.size:
        raise ModelError(
            f"{where}: the weights '{weights.name}' are not a constant", "edgeq needs constant weights"
        )
    if rule.bias is None or rule.bias >= len(op.inputs) or op.inputs[rule.bias] == ABSENT:
        return
    _check_activation(graph, op.inputs[rule.bias], f"the bias of {where}")
    bias = graph[op.inputs[rule.bias]]
    if bias.data is None or bias.data.size != weights.data.shape[rule.axis]:
        raise ModelError(
            f"{where}: the bias '{bias.name}' {list(bias.shape)} does not fit weights {list(weights.shape)}",
            "edgeq needs one constant bias for each output channel",
        )
