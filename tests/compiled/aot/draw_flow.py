"""How control flow is drawn that constants decide: a part of a network is what IF or WHILE runs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from growing import Growing

from edgeq.graph import ABSENT, DType, Graph, Operator, Tensor
from edgeq.graph.variables import ASSIGN, HANDLE, READ

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "unit" / "graph"))

from joined import joined

_KEPT = {HANDLE, READ, ASSIGN, "CALL_ONCE"}
_NUMBER = DType.INT32


def flowing(net: Growing) -> bytes | None:
    """A file that does as a network does, some operators of it in a further subgraph; None without such."""
    graph = net.graph()
    begin = net.between(0, len(graph.operators) - 1)
    part = _Part.of(graph, begin, net.between(begin + 1, min(begin + 5, len(graph.operators))))
    keeps = any(op.opcode in _KEPT for op in graph.operators) or any(t.is_variable for t in graph.tensors)
    if keeps or not part.inputs or not part.outputs:
        return None
    return joined(_chosen(net, part) if net.often(0.5) else _repeated(net, part))


@dataclass(frozen=True)
class _Part:
    """Some operators of a graph, what they read of others, and what others read of them."""

    graph: Graph
    begin: int
    end: int
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]

    @classmethod
    def of(cls, graph: Graph, begin: int, end: int) -> _Part:
        inside = graph.operators[begin:end]
        made = dict.fromkeys(i for op in inside for i in op.outputs)
        read = dict.fromkeys(i for op in inside for i in op.inputs if i != ABSENT and i not in made)
        wanted = {*graph.outputs, *(i for op in graph.operators[end:] for i in op.inputs)}
        inputs = tuple(i for i in read if not graph[i].is_constant)
        return cls(graph, begin, end, inputs, tuple(i for i in made if i in wanted))

    @property
    def operators(self) -> tuple[Operator, ...]:
        return self.graph.operators[self.begin : self.end]

    def replaced(self, tensors: Sequence[Tensor], *operators: Operator) -> Graph:
        """The graph with other operators in its place, of which the last has been given outputs."""
        before, after = self.graph.operators[: self.begin], self.graph.operators[self.end :]
        return self.graph.replace(tensors=tuple(tensors), operators=(*before, *operators, *after))


def _chosen(net: Growing, part: _Part) -> list[Graph]:
    """IF: one subgraph by a truth, a constant or computed of such, beside one that only has constants."""
    graph, tensors, truth = part.graph, [*part.graph.tensors], net.often(0.5)
    run = graph.replace(name="run", operators=part.operators, inputs=part.inputs, outputs=part.outputs)
    ends = [replace(graph[i], data=np.zeros(graph[i].shape, graph[i].dtype.numpy)) for i in part.outputs]
    given = [graph[i] for i in part.inputs]
    idle = Graph(
        "idle", (*given, *ends), (), tuple(range(len(given))), tuple(range(len(given), len(given + ends)))
    )
    operators = []
    if net.often(0.5):
        tensors += [_whole("one", 1), _whole("other", int(not truth))]
        operators.append(Operator("GREATER", (len(tensors) - 2, len(tensors) - 1), (len(tensors),)))
        tensors.append(Tensor("truth", (), DType.BOOL))
    else:
        tensors.append(Tensor("truth", (), DType.BOOL, data=np.array(truth)))
    which = {"then_subgraph_index": 2 - truth, "else_subgraph_index": 1 + truth}
    operators.append(Operator("IF", (len(tensors) - 1, *part.inputs), part.outputs, which))
    return [part.replaced(tensors, *operators), run, idle]


def _repeated(net: Growing, part: _Part) -> list[Graph]:
    """WHILE: one round to three; what is made goes round in the place of an input that is like it."""
    graph, rounds = part.graph, net.between(1, 3)
    count, before = len(graph.tensors), len(part.inputs) + 1
    again = list(part.inputs)
    for i in part.outputs:
        alike = [place for place, x in enumerate(again) if x == part.inputs[place] and _like(graph, x, i)]
        if alike and net.often(0.7):
            again[net.chance(*alike)] = i
    starts = [replace(graph[i], data=np.zeros(graph[i].shape, graph[i].dtype.numpy)) for i in part.outputs]
    last = [replace(graph[i], name=f"{graph[i].name}/last") for i in part.inputs]
    places = range(count + 2, count + 2 + len(starts) + len(last))
    tensors = [*graph.tensors, _whole("first", 0), _whole("count"), *starts, *last]
    loop = Operator(
        "WHILE",
        (count, *part.inputs, *places[: len(starts)]),
        (count + 1, *places[len(starts) :], *part.outputs),
        {"cond_subgraph_index": 1, "body_subgraph_index": 2},
    )
    state = [_whole("i"), *(replace(graph[i], name=f"in{i}") for i in (*part.inputs, *part.outputs))]
    limit = len(state)
    decided = [*state, _whole("limit", rounds), Tensor("less", (), DType.BOOL)]
    condition = Graph(
        "condition",
        tuple(decided),
        (Operator("LESS", (0, limit), (limit + 1,)),),
        tuple(range(limit)),
        (limit + 1,),
    )
    forgotten = range(count + 3, count + 3 + len(part.outputs))
    body = graph.replace(
        name="body",
        tensors=(*graph.tensors, _whole("i"), _whole("step", 1), _whole("next"), *state[before:]),
        operators=(
            *part.operators,
            Operator("ADD", (count, count + 1), (count + 2,), {"fused_activation_function": "NONE"}),
        ),
        inputs=(count, *part.inputs, *forgotten),
        outputs=(count + 2, *again, *part.outputs),
    )
    return [part.replaced(tensors, loop), condition, body]


def _like(graph: Graph, one: int, other: int) -> bool:
    a, b = graph[one], graph[other]
    if (a.shape, a.dtype) != (b.shape, b.dtype) or (a.quant is None) != (b.quant is None):
        return False
    return (
        a.quant is None
        or b.quant is None
        or ((a.quant.scale, a.quant.zero_point) == (b.quant.scale, b.quant.zero_point))
    )


def _whole(name: str, value: int | None = None) -> Tensor:
    data = None if value is None else np.array(value, _NUMBER.numpy)
    return Tensor(name, (), _NUMBER, data=data)
