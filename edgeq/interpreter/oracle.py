"""Who says what is right: an interpreter by name and version, and who is asked where it cannot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from edgeq.base.errors import ModelError, ToolMissingError
from edgeq.graph import ABSENT, DType, Graph, Operator, read_model, write_model
from edgeq.graph.model import ONCE
from edgeq.graph.variables import keeps_state
from edgeq.interpreter.adaptor import Array, Resolver, oracle_name
from edgeq.interpreter.child import InterpreterError
from edgeq.interpreter.session import Begins, run, sample_shape

_CHUNK = 32
"""Samples among which one that an interpreter crashed on is, at most."""
_SHOWN = 150
"""Characters of what an interpreter says."""
LARGEST_SUM = 512
"""LiteRT's and TFLM's integer SOFTMAX abort where their exponentials, each at most 1, sum to as many."""


class OracleError(ModelError):
    """An oracle refuses a model, or crashes on it.

    Args:
        oracle: its name.
        reason: what it does, and in which operator.
        hint: what to do about it.
        started: whether it had loaded the model.
    """

    def __init__(self, oracle: str, reason: str, hint: str, *, started: bool) -> None:
        super().__init__(f"{oracle} {reason}", hint)
        self.oracle = oracle
        self.reason = reason
        self.started = started


@dataclass(frozen=True)
class Oracle:
    """One interpreter that may judge.

    Attributes:
        resolver: which kernels it runs.
        loose: operators that it has not, or computes otherwise than the runtime in question, by the types of
            their first activation: it is no judge of these.
        anew: whether it is given the model written anew, where it refuses the file as it is.
    """

    resolver: Resolver
    loose: Mapping[str, frozenset[DType]] = field(default_factory=dict)
    anew: bool = False

    @property
    def name(self) -> str:
        """Package, version and kernels.

        Raises:
            ToolMissingError: it is not installed.
        """
        return oracle_name(self.resolver) + (" (the model written anew)" if self.anew else "")

    def suits(self, graph: Graph, *operators: Operator) -> bool:
        """Whether every operator (of all, if none is given) is one that it computes as the runtime does."""
        return not any(
            graph[tensor].dtype in self.loose.get(op.opcode, ())
            for op in operators or graph.operators
            for tensor in op.inputs
            if tensor != ABSENT
        )

    def run(
        self, model: bytes, graph: Graph, inputs: Sequence[Array], begins: Begins | None = None
    ) -> list[Array]:
        """Its answers, as :func:`edgeq.interpreter.run` gives them.

        Raises:
            OracleError: it refuses the model or crashes, and in which operator.
            ToolMissingError: it is not installed.
            DataError: the inputs are not what the model takes.
        """
        done = 0

        def advance(samples: int, _: int) -> None:
            nonlocal done
            done = samples

        try:
            given = write_model(graph) if self.anew else model
            return run(given, inputs, begins=begins, resolver=self.resolver, advance=advance)
        except InterpreterError as error:
            where = self._culprit(graph, [x[done : done + _CHUNK] for x in inputs]) if error.started else None
            raise _refusal(self.name, error, graph, where) from error

    def _culprit(self, graph: Graph, inputs: Sequence[Array]) -> int | None:
        """The operator that it crashes in: the last of the shortest beginning of the model that crashes."""
        works, crashes = 0, len(graph.operators)
        while crashes - works > 1:
            middle = (works + crashes) // 2
            operators = graph.operators[:middle]
            made = tuple(i for i in operators[-1].outputs if i != ABSENT)
            try:
                run(
                    write_model(graph.replace(operators=operators, outputs=made)),
                    inputs,
                    resolver=self.resolver,
                )
                works = middle
            except InterpreterError:
                crashes = middle
        return crashes - 1 if graph.operators else None


@dataclass(frozen=True, eq=False)
class Answers:
    """What was found to be right.

    Attributes:
        oracle: who said so, with version and kernels.
        outputs: one array per model output, ``[n, *shape[1:]]``.
        refusals: why those that come before it did not judge, in sentences.
    """

    oracle: str
    outputs: list[Array]
    refusals: tuple[str, ...] = ()


_INT8 = frozenset({DType.INT8})
_QUANTIZED = frozenset({DType.INT8, DType.UINT8, DType.INT16})
_INT16 = frozenset({DType.INT16})
_OF_LITERT = {
    "ELU": _INT8,
    "RSQRT": _INT16,
    "SQUARED_DIFFERENCE": _INT16,
    "SUM": _INT8 | _INT16,
}
"""LiteRT's reference has no int8 ELU and no int16 SQUARED_DIFFERENCE; its int16 RSQRT is far off near 0; its
SUM gives a constant where scales differ."""
_OF_TFLM = {"FULLY_CONNECTED": _QUANTIZED, "UNIDIRECTIONAL_SEQUENCE_LSTM": _QUANTIZED}
_LITERT = Oracle("reference", _OF_LITERT)
_TFLM = Oracle("tflm", _OF_TFLM)
ORACLES: Mapping[str, tuple[Oracle, ...]] = {
    "aot": (
        _LITERT,
        _TFLM,
        Oracle("reference", _OF_LITERT, anew=True),
    ),
    "tflm": (Oracle("tflm"),),
}
"""Who judges each runtime, the first that can.

Firmware with TFLM does as TFLM's own interpreter does. edgeq's own C is exact to LiteRT's kernels, from which
TFLM's differ in FULLY_CONNECTED, and in LSTM, whose sigmoid and tanh it takes from tables. Where a model has
operators of which each has another judge, they judge it together, part by part.
"""


def usual_oracle(runtime: str) -> Oracle:
    """Who judges a runtime unless it cannot."""
    return ORACLES[runtime][0]


def judged(runtime: str, model: bytes, inputs: Sequence[Array], begins: Begins | None = None) -> Answers:
    """The right answers, by the first of a runtime's oracles that gives any.

    Args:
        runtime: of :data:`ORACLES`.
        model: the .tflite file.
        inputs, begins: as for :func:`edgeq.interpreter.run`.

    Raises:
        ModelError: none of them does; the message says of each why.
        ToolMissingError: the only one is not installed.
        DataError: the inputs are not what the model takes.
    """
    graph = read_model(model)
    custom = sorted({op.custom_code for op in graph.operators if op.opcode == "CUSTOM"})
    if custom:
        raise ModelError(
            f"no interpreter on this machine has the custom operator {', '.join(custom)}, "
            "so nothing says what is right",
            "hold what the device gives against your own reference",
        )
    refusals: list[OracleError] = []
    for oracle in ORACLES[runtime]:
        if not oracle.suits(graph) or (oracle.anew and refusals and refusals[0].started):
            continue
        try:
            outputs = oracle.run(model, graph, inputs, begins)
        except OracleError as error:
            refusals.append(error)
        except ToolMissingError:
            if not refusals:
                raise
        else:
            return Answers(oracle.name, outputs, tuple(error.message for error in refusals))
    if not usual_oracle(runtime).suits(graph):
        return _together(ORACLES[runtime], graph, inputs)
    first = refusals[0]
    others = [f"so does {e.oracle}" if e.reason == first.reason else e.message for e in refusals[1:]]
    raise ModelError("; ".join((first.message, *others)), first.hint)


def _together(oracles: Sequence[Oracle], graph: Graph, inputs: Sequence[Array]) -> Answers:
    """The answers where nobody judges every operator: each run of neighbours with one judge by it.

    Raises:
        ModelError: one of them refuses its part, or an operator has no judge.
        ToolMissingError: one of them is not installed.
    """
    if keeps_state(graph):
        apart = sorted({op.opcode for op in graph.operators if not oracles[0].suits(graph, op)})
        raise ModelError(
            "no interpreter here computes all of this model, and its state forbids to judge it in parts",
            f"leave out {', '.join(apart)}, or the state",
        )
    known = dict(zip(graph.inputs, inputs, strict=True))
    judges = [next((one for one in oracles if one.suits(graph, op)), oracles[0]) for op in graph.operators]
    names: list[str] = []
    start = 0
    while start < len(graph.operators):
        oracle = judges[start]
        end = start + next((i for i, other in enumerate(judges[start:]) if other is not oracle), len(judges))
        end = min(end, len(judges))
        part = _part(graph, start, end)
        samples = len(inputs[0])
        given = [known[i].reshape(samples, *sample_shape(graph[i].shape)) for i in part.inputs]
        found = oracle.run(write_model(part), part, given)
        known |= dict(zip(part.outputs, found, strict=True))
        names.append(oracle.name)
        start = end
    return Answers(", then ".join(dict.fromkeys(names)), [known[i] for i in graph.outputs])


def _part(graph: Graph, start: int, end: int) -> Graph:
    """Some operators of a graph as one of their own."""
    operators = graph.operators[start:end]
    made = {tensor for op in operators for tensor in op.outputs}
    read = [i for op in operators for i in op.inputs if i != ABSENT and not graph[i].is_constant]
    later = {i for op in graph.operators[end:] for i in op.inputs} | set(graph.outputs)
    inputs = tuple(dict.fromkeys(i for i in read if i not in made))
    return graph.replace(
        operators=operators,
        initials=graph.initials if any(op.opcode == ONCE for op in operators) else {},
        inputs=inputs or graph.inputs[:1],  # of constants alone: samples are counted by an input
        outputs=tuple(sorted(made & later)),
    )


def _refusal(oracle: str, error: InterpreterError, graph: Graph, where: int | None) -> OracleError:
    reason = error.what if len(error.what) <= _SHOWN else f"{error.what[:_SHOWN]}…"
    hint = "nothing else here says what is right: check that the file runs in LiteRT"
    if where is not None:
        op = graph.operators[where]
        reason += f" in {graph.describe(where)}"
        hint = "nothing else here says what is right for these samples: give others"
        classes = graph[op.inputs[0]].shape[-1:] if op.inputs else ()
        if op.opcode == "SOFTMAX" and classes and classes[0] >= LARGEST_SUM:
            reason += f": the exponentials of these scores sum to {LARGEST_SUM} or more"
            hint = (
                f"scores alike in {LARGEST_SUM} of {classes[0]} classes do that, and real ones hardly: give "
                "real samples, or leave SOFTMAX out of the model, for the largest score stays the largest"
            )
    return OracleError(oracle, reason, hint, started=error.started)
