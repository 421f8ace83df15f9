"""The network as the templates see it: named steps with their calls, arrays, inputs and outputs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edgeq.backends.aot.feeding import is_fed
from edgeq.backends.aot.plan import Plan
from edgeq.backends.aot.segment import Line, Pace, Segment
from edgeq.backends.aot.step import SIZED, Constant, Step
from edgeq.backends.project import text
from edgeq.backends.project.tensors import C_TYPES, TensorInfo, tensor_info
from edgeq.graph.model import Graph, Tensor


@dataclass(frozen=True)
class Array:
    """A const array: its C name, declaration and elements as text."""

    name: str
    ctype: str
    count: int
    attributes: str
    comment: str
    values: str


@dataclass(frozen=True)
class Rows:
    """One step of a segment as text.

    Attributes:
        stage: the rows that it makes, and the windows that it reads.
        changes: fields of its parameters that are other ones in every turn, and C for them.
        before: what is done about lines, before it is called.
        turns: how often the segment's steps are called, for its first one; 0 for another.
        is_last: whether it is the last one.
    """

    stage: str
    changes: tuple[tuple[str, str], ...]
    before: tuple[str, ...]
    turns: int
    is_last: bool


@dataclass(frozen=True)
class Feed:
    """An input that comes by rows: its line, where that is, and how its rows that stay are moved.

    Attributes:
        height, row_bytes: rows, and bytes of one.
        turns: of the segment that reads it.
    """

    line: str
    place: str
    begin: str
    height: int
    row_bytes: int
    turns: int


@dataclass(frozen=True)
class Call:
    """One step as text: what it is, its parameters and its arguments."""

    name: str
    operator: int
    title: str
    layer: str
    reads: str
    writes: str
    scratch: int
    macs: int
    batches: int
    kernel: str
    params_type: str
    fields: tuple[tuple[str, str], ...]
    arguments: str
    arrays: tuple[Array, ...]
    rows: Rows | None


@dataclass(frozen=True)
class State:
    """What is kept between inferences: its name, its place in the arena, and what it is reset to.

    Attributes:
        fill: the byte that all of it is reset to, where it is one.
        array: the bytes that it is reset to, where they differ.
    """

    name: str
    offset: int
    bytes: int
    fill: int
    array: Array | None


@dataclass(frozen=True)
class Network:
    """Everything that the templates print."""

    name: str
    sha256: str
    model_bytes: int
    calls: tuple[Call, ...]
    inputs: tuple[TensorInfo, ...]
    outputs: tuple[TensorInfo, ...]
    states: tuple[State, ...]
    state_bytes: int
    arena: int
    live_peak: int
    scratch: int
    weights: int
    macs: int
    lines: tuple[tuple[str, str], ...]
    segments: int
    feed: Feed | None


def describe(
    graph: Graph,
    steps: tuple[Step, ...],
    plan: Plan,
    segments: Sequence[Segment],
    states: Mapping[int, npt.NDArray[np.uint8]],
    *,
    sha256: str,
    model_bytes: int,
) -> Network:
    """Puts the graph, its steps, their places and what is kept into words."""
    names = _names(graph, steps)
    kept = tuple(
        _state(graph[tensor], position, plan.offsets[tensor], values)
        for position, (tensor, values) in enumerate(states.items())
        if tensor in plan.offsets  # the others are touched by no step
    )
    weights = sum(c.values.nbytes for step in steps for c in step.constants)
    return Network(
        name=text.safe(graph.name) or "model",
        sha256=sha256,
        model_bytes=model_bytes,
        calls=tuple(
            _call(
                graph,
                step,
                name,
                plan,
                scratch=plan.scratch[position],
                by_rows=_by_rows(graph, step, position, plan, segments),
            )
            for position, (step, name) in enumerate(zip(steps, names, strict=True))
        ),
        inputs=tuple(
            tensor_info(graph, tensor, i, "input", plan.offsets[tensor])
            for i, tensor in enumerate(graph.inputs)
        ),
        outputs=tuple(
            tensor_info(graph, tensor, i, "output", plan.offsets[tensor])
            for i, tensor in enumerate(graph.outputs)
        ),
        states=kept,
        state_bytes=sum(state.bytes for state in kept),
        arena=plan.arena,
        live_peak=plan.live_peak,
        scratch=plan.scratch_peak,
        weights=weights,
        macs=sum(step.macs for step in steps),
        lines=tuple((_line(line), _members(line)) for segment in segments for line in segment.lines),
        segments=len(segments),
        feed=_feed(plan, segments[0]) if steps and is_fed(steps[0]) else None,
    )


def _feed(plan: Plan, segment: Segment) -> Feed:
    line = next(one for one in segment.lines if one.first == segment.first)
    place = f"edgeq_arena + {plan.offsets[line.tensor]}"
    begin = _moved("begin", line, plan) if line.kept else ""
    return Feed(_line(line), place, begin, line.made.height, line.row_bytes, segment.turns)


def _names(graph: Graph, steps: tuple[Step, ...]) -> list[str]:
    """A C name for every step: ``op03_conv_2d``, numbered where an operator has several."""
    several = Counter(step.operator for step in steps if not is_fed(step))
    seen: Counter[int] = Counter()
    names = []
    for step in steps:
        if is_fed(step):
            names.append("input")
            continue
        name = f"op{step.operator:02d}_{graph.operators[step.operator].opcode.lower()}"
        if several[step.operator] > 1:
            name += f"_{seen[step.operator]}"
            seen[step.operator] += 1
        names.append(name)
    return names


def _call(
    graph: Graph,
    step: Step,
    name: str,
    plan: Plan,
    *,
    scratch: int,
    by_rows: tuple[Rows, Mapping[int, str]] | None,
) -> Call:
    arrays = {constant.suffix: f"edgeq_{name}_{constant.suffix}" for constant in step.constants}
    addresses = [
        _address(graph[t], plan.offsets[t], "const ", typed=step.typed, batches=step.batches if i == 0 else 1)
        for i, t in enumerate(step.inputs)
    ]
    addresses += [_address(graph[t], plan.offsets[t], "", typed=step.typed, batches=1) for t in step.states]
    addresses += [
        _address(graph[t], plan.offsets[t] + step.output_offset, "", typed=step.typed, batches=step.batches)
        for t in step.outputs
    ]
    if by_rows is not None:
        addresses = [
            f"{address} + {by_rows[1][t]}" if t in by_rows[1] else address
            for t, address in zip((*step.inputs, *step.outputs), addresses, strict=True)
        ]
    if step.scratch is not None:
        addresses.append(f"edgeq_arena + {scratch}" if step.scratch else "NULL")
    return Call(
        name=name,
        operator=step.operator,
        title=text.safe(step.title),
        layer=text.safe(graph[step.outputs[0]].name),
        reads=", ".join(_place(graph[t], plan.offsets[t]) for t in step.inputs) or "constants",
        writes=", ".join(_place(graph[t], plan.offsets[t]) for t in step.outputs),
        scratch=step.scratch or 0,
        macs=step.macs,
        batches=step.batches,
        kernel=step.kernel,
        params_type=step.params_type,
        fields=tuple((field, text.literal(value, arrays)) for field, value in step.params.items()),
        arguments=", ".join(["&p" if by_rows else f"&{name}", *addresses]),
        arrays=tuple(_array(constant, arrays[constant.suffix]) for constant in step.constants),
        rows=by_rows[0] if by_rows else None,
    )


def _by_rows(
    graph: Graph, step: Step, position: int, plan: Plan, segments: Sequence[Segment]
) -> tuple[Rows, Mapping[int, str]] | None:
    """How it runs by rows, and where in its tensors' bytes the rows of a turn are; None where it does not."""
    segment = next((one for one in segments if one.first <= position <= one.last), None)
    form = step.rows
    if segment is None or form is None:
        return None
    lines = {line.tensor: line for line in segment.lines}

    def where(tensor: int, row: str) -> str:
        if tensor in lines:
            return f"edgeq_line_at(&{_line(lines[tensor])}, turn, {row})"
        return f"{row} * {graph[tensor].elements // graph[tensor].shape[1]}"

    places = {tensor: where(tensor, "band.top") for tensor in step.inputs}
    if not form.gathers:
        places[step.outputs[0]] = where(step.outputs[0], "band.first")
    changes: dict[str, str] = {}
    if form.heights is not None:
        changes = dict(zip(form.heights, ("band.inputs", "band.rows", "band.pad"), strict=True))
    elif form.gathers:
        changes = {"first": "band.first", "rows": "band.rows"}
    else:
        changes = {field: f"band.rows * {count}" for field, count in form.counts}
    if step.params_type in SIZED:
        changes = {field: f"(edgeq_size)({value})" for field, value in changes.items()}
    before = [
        _moved("keep", line, plan)
        for line in segment.lines
        if line.last == position and line.tensor in plan.kept and not _lies_still(line, plan)
    ]
    before += [_moved("begin", line, plan) for line in segment.lines if line.first == position and line.kept]
    pace = segment.paces[position - segment.first]
    height = graph[(*step.inputs, *step.outputs)[0]].shape[1]
    window = f"{form.extent}, {form.stride}, {form.pad}, {height}"
    return Rows(
        stage=f"{{{_pace(pace)}, {window}}}",
        changes=tuple(changes.items()),
        before=tuple(before),
        turns=segment.turns if position == segment.first else 0,
        is_last=position == segment.last,
    ), places


def _moved(what: str, line: Line, plan: Plan) -> str:
    at = plan.offsets[line.tensor]
    places = f"edgeq_arena + {at}, edgeq_arena + {plan.kept.get(line.tensor, at)}"
    return f"edgeq_line_{what}(&{_line(line)}, turn, {places})"


def _lies_still(line: Line, plan: Plan) -> bool:
    """Whether rows that stay are kept where they are."""
    return line.tail is not None and plan.kept[line.tensor] == plan.offsets[line.tensor] + line.tail


def _line(line: Line) -> str:
    return f"line_{line.tensor}"


def _members(line: Line) -> str:
    return f"{{{_pace(line.made)}, {_pace(line.gone)}, {line.row_bytes}}}"


def _pace(pace: Pace) -> str:
    return f"{{{pace.start}, {pace.rate}, {pace.height}, {pace.every}}}"


def _state(tensor: Tensor, position: int, offset: int, values: npt.NDArray[np.uint8]) -> State:
    fill = int(values[0]) if values.size else 0
    array = None
    if (values != fill).any():
        constant = Constant("", "uint8_t", values, "what it is reset to")
        array = _array(constant, f"edgeq_initial_{position}")
    return State(text.safe(tensor.name), offset, int(values.size), fill, array)


def _address(tensor: Tensor, offset: int, qualifier: str, *, typed: bool, batches: int) -> str:
    """A place in the arena as a kernel's argument: bytes, or elements of the tensor's type."""
    place = f"edgeq_arena + {offset}"
    if batches > 1:
        place += f" + batch * {tensor.elements * tensor.dtype.numpy.itemsize // batches}"
    ctype = C_TYPES[tensor.dtype]
    return f"({qualifier}{ctype} *)({place})" if typed and ctype != "int8_t" else place


def _array(constant: Constant, name: str) -> Array:
    return Array(
        name=name,
        ctype=constant.ctype,
        count=int(constant.values.size),
        attributes=text.attributes(
            max(constant.align, constant.values.itemsize), name.removeprefix("edgeq_")
        ),
        comment=text.safe(constant.comment),
        values=text.values(constant.values),
    )


def _place(tensor: Tensor, offset: int) -> str:
    return f"[{', '.join(map(str, tensor.shape))}] @ {offset}"
