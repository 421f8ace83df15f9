"""Control flow that constants decide: IF, WHILE and composites give place to the operators that they run.

A loop is unrolled where constants tell when it ends, as in the recurrent layers that Keras exports.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from edgeq.base.errors import ModelError
from edgeq.graph.known import Value, computed, value_of
from edgeq.graph.model import ABSENT, DType, Graph, Operator, Tensor

COMPOSITE = "STABLEHLO_COMPOSITE"
FLOW = frozenset({"IF", "WHILE", COMPOSITE, "CALL", "STABLEHLO_WHILE", "STABLEHLO_CASE"})
"""Operators that run subgraphs at each inference."""

_MOST_OPERATORS = 4096
"""What a model may have when its loops are unrolled: beyond that code and build grow out of hand."""
_MOST_ROUNDS = 4096
_MOST_STEPS = 1 << 16
"""Operators that are looked at, those that constants compute too: subgraphs that run each other twice over
grow by powers of two."""
_DEEPEST = 16
_HINT = (
    "Unroll loops and recurrent layers when exporting (Keras: LSTM(..., unroll=True), GRU likewise), or "
    "shorten the sequence, and resolve conditions."
)


def folded(
    main: Graph, subgraph: Callable[[int], Graph], label: str, damaged: Callable[[str], ModelError]
) -> tuple[Graph, frozenset[int], tuple[str, ...]]:
    """A graph without control flow.

    Args:
        main: the subgraph that is read; it keeps its tensors' numbers, others come after them.
        subgraph: gives another one by its number.
        label: how messages call the file.
        damaged: makes the error for what no writer would produce.

    Returns:
        The graph, the subgraphs that control flow names, and what was folded, in sentences; the same graph
        and none where there is no control flow.

    Raises:
        ModelError: it hangs on what the model computes, is one that LiteRT has not, or grows too large.
    """
    if not any(op.opcode in FLOW for op in main.operators):
        return main, frozenset(), ()
    folding = _Folding(main, subgraph, label, damaged)
    return folding.graph(), frozenset(folding.read), folding.told()


class _Folding:
    def __init__(
        self,
        main: Graph,
        subgraph: Callable[[int], Graph],
        label: str,
        damaged: Callable[[str], ModelError],
    ) -> None:
        self.main = main
        self.subgraph = subgraph
        self.label = label
        self.damaged = damaged
        self.tensors: list[Tensor] = list(main.tensors)
        self.operators: list[Operator] = []
        self.known: dict[int, Value] = {}
        self.read: set[int] = set()
        self.kept: dict[tuple[int, int], int] = {}
        """Constants and variables of subgraphs, of which each run uses the same."""
        self.counts: Counter[str] = Counter()
        self.rounds = 0
        self.steps = 0

    def graph(self) -> Graph:
        main = self.main
        places = {index: index for index in range(len(main.tensors))}
        self._run(main, places, 0)
        outputs = self._ends([places[index] for index in main.outputs])
        used = set(outputs)
        operators: list[Operator] = []
        for op in reversed(self.operators):  # what only decided is done with
            if not op.outputs or any(i in used or i not in self.known for i in op.outputs):
                used.update(op.inputs)
                operators.append(op)
        return main.replace(tensors=tuple(self.tensors), operators=tuple(operators[::-1]), outputs=outputs)

    def told(self) -> tuple[str, ...]:
        rounds = f", {self.rounds} rounds unrolled" if self.rounds else ""
        flow = ", ".join(f"{count} {name}" for name, count in sorted(self.counts.items()))
        return (f"control flow that constants decide was folded ({flow}{rounds})",)

    def _run(
        self, part: Graph, places: dict[int, int], depth: int, number: int = 0, suffix: str = ""
    ) -> None:
        """Append what a subgraph does.

        Args:
            part: the subgraph.
            places: where its tensors are here, its inputs at least; completed.
            depth: how deep it is called.
            number: of the subgraph.
            suffix: what tells this run's tensors from others'.
        """
        for position, op in enumerate(part.operators):
            self._step()
            inputs = [self._place(part, number, index, places) for index in op.inputs]
            if op.opcode in FLOW:
                where = f"operator {position} ({op.opcode})" + (f" of subgraph {number}" if depth else "")
                results = self._flow(op, inputs, depth, where, suffix)
                if len(results) != len(op.outputs):
                    raise self.damaged(f"{where} has {len(op.outputs)} outputs, what it runs {len(results)}")
                places |= dict(zip(op.outputs, results, strict=True))
            else:
                self._append(part, number, op, inputs, places, inside=depth > 0, suffix=suffix)

    def _append(
        self, part: Graph, number: int, op: Operator, inputs: Sequence[int], places: dict[int, int], *,
        inside: bool, suffix: str,
    ) -> None:  # fmt: skip
        value = None
        if len(op.outputs) == 1:
            present = [i for i in inputs if i != ABSENT]
            values, sources = [self._known(i) for i in present], [self.tensors[i] for i in present]
            value = computed(op, values, sources, part[op.outputs[0]])
        if inside:
            for index in op.outputs:
                tensor = part[index]
                name = tensor.name + suffix
                places[index] = self._add(
                    replace(tensor, name=name)
                    if value is None
                    else Tensor(name, value.shape, tensor.dtype, tensor.quant, value)
                )
            if value is not None:
                return
        elif value is not None:
            self.known[places[op.outputs[0]]] = value
        if len(self.operators) >= _MOST_OPERATORS:
            raise ModelError(
                f"{self.label}: its loops have more than {_MOST_OPERATORS:,} operators when unrolled.", _HINT
            )
        within = tuple(self._place(part, number, index, places) for index in op.intermediates)
        outputs = tuple(places[index] for index in op.outputs)
        self.operators.append(replace(op, inputs=tuple(inputs), outputs=outputs, intermediates=within))

    def _flow(
        self, op: Operator, inputs: Sequence[int], depth: int, where: str, suffix: str
    ) -> Sequence[int]:
        """Where the results of control flow are."""
        if depth >= _DEEPEST:
            raise self.damaged(f"{where} is called {depth} subgraphs deep")
        self.counts[op.opcode] += 1
        if op.opcode == "IF" and inputs:
            chosen = self._truth(self._known(inputs[0]), where)
            branches = [self._named(op, f"{name}_subgraph_index", where) for name in ("then", "else")]
            return self._call(branches[not chosen], inputs[1:], depth, where, suffix)
        if op.opcode == COMPOSITE and "decomposition_subgraph_index" in op.options:
            body = self._named(op, "decomposition_subgraph_index", where)
            return self._call(body, inputs, depth, where, suffix)
        if op.opcode == "WHILE":
            return self._loop(op, inputs, depth, where, suffix)
        raise ModelError(f"{self.label}: {where} runs subgraphs in a way that edgeq does not fold.", _HINT)

    def _loop(
        self, op: Operator, inputs: Sequence[int], depth: int, where: str, suffix: str
    ) -> Sequence[int]:
        condition = self._named(op, "cond_subgraph_index", where)
        body = self._named(op, "body_subgraph_index", where)
        state = list(inputs)
        done = 0
        while self._truth(self._decided(condition, state, where), where):
            self.rounds += 1
            done += 1
            if self.rounds > _MOST_ROUNDS:
                raise ModelError(f"{self.label}: {where} goes round more than {_MOST_ROUNDS:,} times.", _HINT)
            state = list(self._call(body, state, depth, where, f"{suffix}/{done}"))
            if len(state) != len(inputs):
                raise self.damaged(f"{where} keeps {len(inputs)} values, its body gives {len(state)}")
        return state

    def _call(self, number: int, inputs: Sequence[int], depth: int, where: str, suffix: str) -> Sequence[int]:
        part = self.subgraph(number)
        places = self._given(part, inputs, where)
        self._run(part, places, depth + 1, number, suffix)
        return [self._place(part, number, index, places) for index in part.outputs]

    def _decided(self, number: int, inputs: Sequence[int], where: str) -> Value | None:
        """What a condition says; None where that hangs on what is not known."""
        part = self.subgraph(number)
        given = self._given(part, inputs, where)
        if len(part.outputs) != 1:
            raise self.damaged(f"the condition of {where} has {len(part.outputs)} outputs")
        values = {index: self._known(place) for index, place in given.items()}
        for op in part.operators:
            self._step()
            present = [i for i in op.inputs if i != ABSENT]
            found = [values[i] if i in values else value_of(part[i]) for i in present]
            if len(op.outputs) == 1:
                index = op.outputs[0]
                values[index] = computed(op, found, [part[i] for i in present], part[index])
        last = part.outputs[0]
        return values[last] if last in values else value_of(part[last])

    def _given(self, part: Graph, inputs: Sequence[int], where: str) -> dict[int, int]:
        if len(part.inputs) != len(inputs) or ABSENT in inputs:
            raise self.damaged(
                f"{where} gives {len(inputs)} values to a subgraph of {len(part.inputs)} inputs"
            )
        return dict(zip(part.inputs, inputs, strict=True))

    def _named(self, op: Operator, option: str, where: str) -> int:
        number = int(str(op.options.get(option, -1)))
        try:
            self.subgraph(number)
        except IndexError as error:
            raise self.damaged(f"{where} runs subgraph {number}, which is not there") from error
        self.read.add(number)
        return number

    def _truth(self, value: Value | None, where: str) -> bool:
        if value is None:
            raise ModelError(
                f"{self.label}: {where} is decided by what the model computes; edgeq runs control flow only "
                "where constants decide it.",
                _HINT,
            )
        if value.size != 1 or value.dtype != np.bool_:
            raise self.damaged(f"the condition of {where} is no single truth value")
        return bool(value.reshape(()))

    def _step(self) -> None:
        self.steps += 1
        if self.steps > _MOST_STEPS:
            raise ModelError(
                f"{self.label}: its control flow runs more than {_MOST_STEPS:,} operators.", _HINT
            )

    def _known(self, place: int) -> Value | None:
        if place == ABSENT:
            return None
        found = self.known.get(place)
        return value_of(self.tensors[place]) if found is None else found

    def _place(self, part: Graph, number: int, index: int, places: dict[int, int]) -> int:
        """Where a subgraph's tensor is; what it holds itself is taken over once."""
        if index == ABSENT:
            return ABSENT
        if index not in places:
            key = (number, index)
            if key not in self.kept:
                self.kept[key] = self._add(part[index])
            places[index] = self.kept[key]
        return places[index]

    def _ends(self, outputs: Sequence[int]) -> tuple[int, ...]:
        """The model's outputs: copies where one is an input, a constant, or another one as well."""
        taken: set[int] = {*self.main.inputs}
        found = []
        for made, index in zip(outputs, self.main.outputs, strict=True):
            place = made
            if place != index and (place in taken or self.tensors[place].is_constant):
                source, own = self.tensors[place], self.tensors[index]
                sizes = np.array(source.shape, np.int32)
                shape = self._add(Tensor(f"{own.name}/shape", sizes.shape, DType.INT32, data=sizes))
                self.operators.append(Operator("RESHAPE", (place, shape), (index,)))
                place = index
            taken.add(place)
            found.append(place)
        return tuple(found)

    def _add(self, tensor: Tensor) -> int:
        self.tensors.append(tensor)
        return len(self.tensors) - 1
