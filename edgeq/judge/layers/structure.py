"""What training could change: patterns of a float model that cost its int8 form accuracy, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from edgeq.converter.ops import RULES
from edgeq.converter.substitutes import is_replaced, way_out
from edgeq.graph import Graph, Operator

_FUSABLE = frozenset({"CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "ADD", "SUB", "MUL"})
_WEIGHTED = frozenset({"CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "TRANSPOSE_CONV"})
_ACTIVATIONS = frozenset({"RELU", "RELU6", "RELU_N1_TO_1"})
_INSTEAD: Mapping[str, str] = {
    "SIN": "a table made before the model",
    "COS": "a table made before the model",
    "POW": "MUL, or SQRT",
    "CUMSUM": "a convolution",
    "FLOOR": "nothing: leave it to the application",
}
_SHOWN = 5


def advice(graph: Graph) -> tuple[str, ...]:
    """What to change in a model before it is trained or exported again.

    Args:
        graph: the float model.
    """
    made = {index: position for position, op in enumerate(graph.operators) for index in op.outputs}
    readers: dict[int, list[int]] = {}
    for position, op in enumerate(graph.operators):
        for index in op.inputs:
            readers.setdefault(index, []).append(position)
    found = {
        "unfolded": list(_unfolded(graph, made, readers)),
        "loose": list(_loose(graph, made, readers)),
        "swish": list(_swish(graph, readers)),
    }
    told = [sentence for sentences in found.values() for sentence in _few(sentences)]
    return (*told, *_few(list(_unsupported(graph))))


def _few(sentences: list[str]) -> list[str]:
    left = len(sentences) - _SHOWN
    return [*sentences[:_SHOWN], *([f"So it is in {left} places more."] if left > 0 else [])]


def _unfolded(graph: Graph, made: Mapping[int, int], readers: Mapping[int, list[int]]) -> Iterator[str]:
    """A multiplication and an addition of a constant for each channel, not folded into a convolution."""
    for position, op in enumerate(graph.operators):
        source = _scaled(graph, op, "MUL")
        after = readers.get(op.outputs[0], []) if op.outputs else []
        if source is None or len(after) != 1:
            continue
        added = graph.operators[after[0]]
        if _scaled(graph, added, "ADD") is None and _scaled(graph, added, "SUB") is None:
            continue
        where = f"{graph.describe(position)} and {after[0]} ({added.opcode}) look like a batch normalization"
        maker = graph.operators[made[source]] if source in made else None
        if maker is not None and maker.opcode in _WEIGHTED and _fused(maker) == "NONE":
            how = "the converter has not folded it: export the model for inference (training=False)"
        elif maker is not None and (_fused(maker) != "NONE" or maker.opcode in _ACTIVATIONS):
            how = "it stands after an activation: put it between convolution and activation, and train so"
        else:
            how = "there is no convolution before it: put it directly after the one it is to fold into"
        yield f"{where} that is computed in int8; {how}."


def _loose(graph: Graph, made: Mapping[int, int], readers: Mapping[int, list[int]]) -> Iterator[str]:
    """An activation by itself, behind an operator that could do it without rounding twice."""
    for position, op in enumerate(graph.operators):
        if op.opcode not in _ACTIVATIONS or op.inputs[0] not in made:
            continue
        before = graph.operators[made[op.inputs[0]]]
        if before.opcode in _FUSABLE and _fused(before) == "NONE":
            several = len(readers[op.inputs[0]]) > 1 or op.inputs[0] in graph.outputs
            why = ", since others read the convolution's result too" if several else ""
            yield (
                f"{graph.describe(position)} is not fused into {graph.describe(made[op.inputs[0]])}{why}: "
                "values that it drops take their share of the range before it. Apply it directly there."
            )


def _swish(graph: Graph, readers: Mapping[int, list[int]]) -> Iterator[str]:
    """x times its logistic function: the product of two rounded tensors."""
    for position, op in enumerate(graph.operators):
        if op.opcode != "LOGISTIC":
            continue
        for reader in readers.get(op.outputs[0], []):
            product = graph.operators[reader]
            if product.opcode == "MUL" and op.inputs[0] in product.inputs:
                yield (
                    f"{graph.describe(position)} and {reader} (MUL) are a swish: HARD_SWISH is one operator, "
                    "rounds once, and trains as well."
                )


def _unsupported(graph: Graph) -> Iterator[str]:
    for position, op in enumerate(graph.operators):
        rule = RULES.get(op.opcode)
        if (rule is not None and not rule.table) or is_replaced(graph, op, asked=False):
            continue
        if not any(graph[i].dtype.is_float for i in op.outputs):
            continue
        way = way_out(graph, op)
        ways = [
            *([f"--rewrite puts {way} in its place"] if way else []),
            *([f"train with {_INSTEAD[op.opcode]} instead"] if op.opcode in _INSTEAD else []),
        ]
        yield f"{graph.describe(position)} has no int8 form: {'; or '.join(ways) or 'train without it'}."


def _scaled(graph: Graph, op: Operator, opcode: str) -> int | None:
    """The other input of an operator that takes a constant for each channel, of more than one."""
    if op.opcode != opcode or len(op.inputs) != 2 or not op.outputs:
        return None
    for one, other in (op.inputs, op.inputs[::-1]):
        data, channels = graph[one].data, graph[op.outputs[0]].shape[-1:]
        if data is not None and channels and data.size == channels[0] > 1 and not graph[other].is_constant:
            return other
    return None


def _fused(op: Operator) -> str:
    return str(op.options.get("fused_activation_function", "NONE"))
