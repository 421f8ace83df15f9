"""From a graph to what the Edge TPU compiler will make of it."""

from __future__ import annotations

from collections.abc import Sequence

from edgeq.base.errors import ModelError
from edgeq.edgetpu.conditions import TILE_MEMORY, TILES
from edgeq.edgetpu.cpu import cpu_work
from edgeq.edgetpu.cycles import operator_cycles
from edgeq.edgetpu.failures import large_activations, refused_by_interpreter, whole_model_failure
from edgeq.edgetpu.latency import latencies
from edgeq.edgetpu.memory import cached_and_streamed
from edgeq.edgetpu.package import CUSTOM_OPERATOR
from edgeq.edgetpu.partition import partition
from edgeq.edgetpu.prediction import (
    MAPPED,
    SECOND_SUBGRAPH,
    WEAKEST_FIRST,
    Confidence,
    Failure,
    OperatorPrediction,
    Prediction,
    Summary,
)
from edgeq.edgetpu.reported import reported
from edgeq.edgetpu.rules import RULES, SUPPORTED, Rule
from edgeq.edgetpu.view import OperatorView, is_flat, size
from edgeq.graph import ABSENT, Graph

Finding = tuple[Rule, str]
"""The rule that an operator breaks, and what is wrong with it in numbers."""


def predict(graph: Graph, model: bytes | None = None) -> Prediction:
    """What the compiler will map, and what that will cost.

    Args:
        graph: a model before compiling.
        model: its file, to ask TensorFlow Lite's interpreter about it too; None to go by rules alone.

    Raises:
        ModelError: if the model is compiled already.
    """
    if any(operator.custom_code == CUSTOM_OPERATOR for operator in graph.operators):
        raise ModelError(
            f"{graph.name} is compiled for the Edge TPU already.",
            "`edgeq inspect` shows what is in it; predict from the model that it was compiled from.",
        )
    views = [OperatorView(graph, index) for index in range(len(graph.operators))]
    failure = whole_model_failure(graph)
    if failure is None and model is not None:
        failure = refused_by_interpreter(model)
    if failure is not None:
        return _refused(graph, views, failure)
    findings = [broken_rule(op) for op in views]
    taken = partition(graph, [finding is None for finding in findings])
    mapped = [op for op in views if op.index in taken.mapped]
    failure = large_activations(mapped)
    if failure is not None:
        return _refused(graph, views, failure)
    operators = tuple(
        _predicted(graph, op, finding, op.index in taken.mapped, taken.blockers[op.index])
        for op, finding in zip(views, findings, strict=True)
    )
    summary = _summary(graph, views, mapped)
    return Prediction(operators, summary, warnings=_warnings(summary, mapped))


def _refused(graph: Graph, views: Sequence[OperatorView], failure: Failure) -> Prediction:
    operators = tuple(
        OperatorPrediction(
            op.index, _name(op), False, failure.status, failure.confidence, failure.reason, failure.remedy
        )
        for op in views
    )
    return Prediction(operators, _summary(graph, views, ()), failure)


def broken_rule(op: OperatorView) -> Finding | None:
    """The first rule of the table that an operator breaks; None where the chip can run it."""
    for rule in RULES:
        if rule.operators and op.opcode not in rule.operators:
            continue
        wrong = rule.broken(op)
        if wrong is not None:
            return rule, wrong
    return None


def _predicted(
    graph: Graph, op: OperatorView, finding: Finding | None, mapped: bool, blockers: tuple[int, ...]
) -> OperatorPrediction:
    if finding is not None:
        rule, wrong = finding
        reason = f"{rule.reason} Here, {wrong}."
        return OperatorPrediction(
            op.index, _name(op), False, rule.status, rule.confidence, reason, rule.remedy, rule.name
        )
    sure = _confidence(op)
    if mapped:
        return OperatorPrediction(op.index, _name(op), True, MAPPED, sure, "It keeps every rule.", "")
    named = " and ".join(graph.describe(index) for index in blockers)
    return OperatorPrediction(
        op.index,
        _name(op),
        False,
        SECOND_SUBGRAPH,
        sure,
        f"The Edge TPU could run it, but it needs the result of {named}, on the CPU, and the compiler maps "
        "one set of operators only: those that need nothing from the CPU in between.",
        f"Change {named} so that it maps, or cut the model before it: edgeq compile --cut.",
        "one-set",
        blockers,
    )


def _confidence(op: OperatorView) -> Confidence:
    """How sure it is that the chip can run an operator: as the weakest rule that it was asked."""
    known = SUPPORTED[op.opcode].confidence
    asked = [rule.confidence for rule in RULES if op.opcode in rule.operators]
    return min((known, *asked), key=WEAKEST_FIRST.index)


def _summary(graph: Graph, views: Sequence[OperatorView], mapped: Sequence[OperatorView]) -> Summary:
    cached, streamed = cached_and_streamed(list(mapped))
    cycles = sum(operator_cycles(op) for op in mapped)
    inside = {op.index for op in mapped}
    work = cpu_work([op for op in views if op.index not in inside])
    return Summary(
        mapped=len(mapped),
        total=len(views),
        parameter_bytes_cached=cached,
        parameter_bytes_streamed=streamed,
        cycles=cycles,
        activation_bytes_per_tile=max((_tile_bytes(op) for op in mapped), default=0),
        latencies=latencies(cycles, _transferred(graph, mapped) + streamed, work) if mapped else (),
    )


def _tile_bytes(op: OperatorView) -> int:
    """Bytes of a tile's memory that inputs and outputs take: a sixteenth, or all of a tensor without rows."""
    return sum(
        size(tensor) if is_flat(tensor.shape) else -(-size(tensor) // TILES)
        for tensor in (*op.activations, *op.outputs)
    )


def _transferred(graph: Graph, mapped: Sequence[OperatorView]) -> int:
    """Bytes of the tensors that go into and come out of the mapped part."""
    inside = {op.index for op in mapped}
    made = {tensor for op in mapped for tensor in op.operator.outputs}
    read = {tensor for op in mapped for tensor in op.operator.inputs if tensor != ABSENT}
    entering = {t for t in read - made if not graph[t].is_constant and not graph[t].is_variable}
    wanted = set(graph.outputs)
    for index, operator in enumerate(graph.operators):
        if index not in inside:
            wanted.update(operator.inputs)
    return sum(size(graph[tensor]) for tensor in entering | (made & wanted))


def _warnings(summary: Summary, mapped: Sequence[OperatorView]) -> tuple[str, ...]:
    if not mapped:
        return ("Nothing would run on the Edge TPU: the compiled model would be the model itself.",)
    found = []
    if summary.share < 0.5:
        found.append(f"Fewer than half of the operators map, {summary.mapped} of {summary.total}.")
    tensors = [tensor for op in mapped for tensor in (*op.activations, *op.outputs)]
    largest = max(tensors, key=size)
    if size(largest) > TILES * TILE_MEMORY:
        found.append(
            f"{largest.label} takes {size(largest):,} bytes, more than the chip's activation memory "
            f"({TILES * TILE_MEMORY:,}). The compiler works on it in parts; where it cannot, it maps less "
            'than predicted or fails with "Compilation failed due to large activation tensors in model."'
        )
    return (*found, *reported(mapped))


def _name(op: OperatorView) -> str:
    return op.operator.custom_code or op.opcode
