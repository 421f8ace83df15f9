"""Which operator an opaque failure of the compiler comes from, found by compiling pieces; and what helps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from edgeq.base.errors import ModelError
from edgeq.base.progress import SILENT, Progress
from edgeq.edgetpu.compiler import Compilation, CompileFailed, Compiler, Options, Source, compile_models
from edgeq.edgetpu.parts import cut, frontier
from edgeq.graph import Graph, write_model

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


@dataclass(frozen=True)
class WayRound:
    """Settings with which a model compiles that fails without them, and what came of it."""

    options: Options
    done: Compilation

    @property
    def told(self) -> str:
        """A sentence with the options to give."""
        summary = self.done.log.models[0] if self.done.log.models else None
        mapped = f", with {summary.mapped} of {summary.total} operators on the Edge TPU" if summary else ""
        return f"with {self.options.told} it compiles{mapped}"


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


def find_way_round(
    compiler: Compiler, graph: Graph, culprit: Culprit, options: Options, progress: Progress = SILENT
) -> WayRound | None:
    """A setting with which the compiler makes something of the whole model after all, tried one by one.

    First several sets of operators (``-a``); then the delegated part ended before the operator at fault
    (``-i``), and before the one that it fails together with.

    Raises:
        ToolMissingError: the compiler went away.
    """
    source = Source(graph.name or "model", write_model(graph))
    tries = [replace(options, multiple_subgraphs=True)]
    for first in dict.fromkeys((culprit.last, culprit.first)):
        names = tuple(graph[tensor].name for tensor in frontier(graph, first))
        if first and all(names) and not any("," in name for name in names):
            tries.append(replace(options, intermediate_tensors=names))
    for number, asked in enumerate(tries, 1):
        progress.note(f"trying {asked.told}")
        try:
            done = compile_models(compiler, [source], asked)
        except CompileFailed:
            continue
        finally:
            progress.advance(number, len(tries))
        if done.outputs[0].mapped:
            return WayRound(asked, done)
    return None
