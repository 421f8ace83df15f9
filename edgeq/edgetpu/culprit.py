"""Which operator an opaque failure of the compiler comes from: the graph is cut, and each piece compiled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from edgeq.base.errors import ModelError, UsageError
from edgeq.base.progress import SILENT, Progress
from edgeq.edgetpu.compiler import CompileFailed, Compiler, Options, Source, compile_models
from edgeq.graph import Graph, Operator, write_model

_CUT_TIMEOUT = 60


@dataclass(frozen=True)
class Culprit:
    """The smallest run of operators that was found to fail.

    Attributes:
        first, last: operator indices, both included; equal where one operator fails by itself.
        names: their opcodes.
        kind: the failure's kind.
        said: what the compiler said of that piece.
        compiled: how many pieces were tried.
    """

    first: int
    last: int
    names: tuple[str, ...]
    kind: str
    said: str
    compiled: int

    @property
    def alone(self) -> bool:
        """Whether one operator fails by itself."""
        return self.first == self.last

    def told(self, graph: Graph) -> str:
        """A sentence that names it."""
        if self.alone:
            output = graph[graph.operators[self.last].outputs[0]].label
            return f"{graph.describe(self.last)} with output '{output}' does not compile, even alone"
        return (
            f"{graph.describe(self.last)} does not compile after {graph.describe(self.first)}; the "
            f"{self.last - self.first + 1} operators from one to the other fail together, and no fewer"
        )

    def to_dict(self) -> dict[str, object]:
        """As ``--json`` prints it."""
        return {
            "first": self.first,
            "last": self.last,
            "names": list(self.names),
            "kind": self.kind,
            "said": self.said,
            "compiled": self.compiled,
        }


def cut(graph: Graph, first: int, last: int) -> Graph:
    """A model of the operators ``first`` to ``last`` alone.

    Its inputs are the activations that they take from before or from the model's inputs; its outputs are
    what they make and do not use up themselves.

    Raises:
        UsageError: no such operators.
    """
    if not 0 <= first <= last < len(graph.operators):
        raise UsageError(f"there are no operators {first} to {last} in {graph.name}")
    operators = graph.operators[first : last + 1]
    made = {tensor for op in operators for tensor in op.outputs}
    used = [tensor for op in operators for tensor in op.inputs if tensor >= 0]
    later = {tensor for op in graph.operators[last + 1 :] for tensor in op.inputs} | set(graph.outputs)
    inputs = [t for t in dict.fromkeys(used) if t not in made and not graph[t].is_constant]
    outputs = [t for op in operators for t in op.outputs if t in later or t not in used]
    kept = sorted({*used, *made, *(tensor for op in operators for tensor in op.intermediates)})
    number = {tensor: position for position, tensor in enumerate(kept)}
    return Graph(
        name=f"{graph.name}_{first}_{last}",
        tensors=tuple(graph[tensor] for tensor in kept),
        operators=tuple(_renumbered(graph, index, number) for index in range(first, last + 1)),
        inputs=tuple(number[t] for t in inputs if not graph[t].is_variable),
        outputs=tuple(number[t] for t in outputs),
    )


def find_culprit(
    compiler: Compiler,
    graph: Graph,
    options: Options,
    progress: Progress = SILENT,
) -> Culprit | None:
    """Bisect a model that fails: first the shortest beginning that fails, then the shortest end of that.

    Each piece gets its retries, so that what fails only now and then is not blamed.

    Returns:
        None where the whole model compiles after all, or cannot be cut.

    Raises:
        ToolMissingError: the compiler went away.
    """
    count = len(graph.operators)
    settings = Options(
        options.min_runtime_version, timeout=min(options.timeout, _CUT_TIMEOUT), retries=options.retries
    )
    failures: dict[tuple[int, int], CompileFailed | None] = {}
    expected = 2 * count.bit_length() + 1

    def fails(first: int, last: int) -> bool:
        if (first, last) not in failures:
            failures[first, last] = _failure(compiler, graph, first, last, settings)
            progress.advance(min(len(failures), expected), expected)
        return failures[first, last] is not None

    try:
        if not count or not fails(0, count - 1):
            return None
        last = _least(0, count - 1, lambda k: fails(0, k))
        first = last - _least(0, last, lambda k: fails(last - k, last))
    except ModelError:  # an operator that edgeq cannot write
        return None
    error = failures[first, last]
    if error is None:  # the search ends at a failure: only one that comes and goes gets here
        return None
    names = tuple(op.custom_code or op.opcode for op in graph.operators[first : last + 1])
    return Culprit(first, last, names, error.failure.kind, error.failure.said, len(failures))


def _least(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The least number of ``low..high`` for which it holds, where it holds for ``high``."""
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low


def _failure(
    compiler: Compiler, graph: Graph, first: int, last: int, options: Options
) -> CompileFailed | None:
    piece = cut(graph, first, last)
    try:
        compile_models(compiler, [Source(piece.name, write_model(piece))], options)
    except CompileFailed as error:
        return error
    return None


def _renumbered(graph: Graph, index: int, number: dict[int, int]) -> Operator:
    op = graph.operators[index]

    def of(tensors: Sequence[int]) -> tuple[int, ...]:
        return tuple(number.get(tensor, tensor) for tensor in tensors)

    return replace(op, inputs=of(op.inputs), outputs=of(op.outputs), intermediates=of(op.intermediates))
