"""How what outlives an inference is drawn: variables, and layers with a state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from growing import Growing, Row, Unfit
from nets import drawn
from recurrent import ONCE, Lstm, Svdf

from edgeq.graph import ABSENT, DType, Graph, Operator, Tensor


def variable(net: Growing, row: Row, x: int) -> tuple[int, ...]:
    """A read or a write of a variable like a tensor: of one that is there, or of a new one."""
    like = net.tensors[x]
    if not like.shape:
        raise Unfit("a variable of no dimensions")
    fits = [
        name
        for name, first in net.initials.items()
        if (first.shape, first.dtype) == (like.shape, like.dtype)
        and (first.quant is None or like.quant is None or first.quant.scale == like.quant.scale)
    ]
    if not fits or net.often(0.3):
        name = ("", f"v{len(net.initials)}")
        values = drawn(net.random, like.shape, like.dtype)
        net.initials[name] = Tensor(f"{name[1]}_0", like.shape, like.dtype, like.quant, values)
        net.tensors.append(Tensor(name[1], (), DType.RESOURCE))
        net.handles[name] = len(net.tensors) - 1
        handle = Operator("VAR_HANDLE", (), (net.handles[name],), {"container": "", "shared_name": name[1]})
        net.operators[:0] = [handle] if len(net.initials) > 1 else [ONCE, handle]
        if net.operators[0] is not ONCE:
            net.operators.remove(ONCE)
            net.operators.insert(0, ONCE)
        fits = [name]
    handle_, first = net.handles[name := net.chance(*fits)], net.initials[name]
    if row.opcode == "ASSIGN_VARIABLE":
        net.operators.append(Operator(row.opcode, (handle_, x), ()))
        return ()
    quant = None if first.quant is None else (first.quant.scale, first.quant.zero_point)
    made = net.tensor(first.shape, quant, dtype=first.dtype)
    net.operators.append(Operator(row.opcode, (handle_,), (made,)))
    return (made,)


def recurrent(net: Growing, row: Row, x: int) -> tuple[int, ...]:
    """A layer with a state, behind a QUANTIZE to its scale."""
    if not net.varies(x):
        raise Unfit("it is not computed offline, so it reads no constant")
    shape, seed = net.tensors[x].shape, net.between(0, 10**6)
    if row.opcode == "SVDF":
        graph = replace(Svdf.drawn(seed), batch=shape[0], inputs=shape[1]).graph(seed)
    else:
        form = Lstm.drawn(seed)
        ends = shape[1::-1] if form.time_major else shape[:2]
        graph = replace(form, batch=ends[0], steps=ends[1], inputs=shape[2]).graph(seed)
    return graft(net, graph, x)


def graft(net: Growing, graph: Graph, x: int) -> tuple[int, ...]:
    """Another network behind a tensor."""
    base = len(net.tensors)
    net.tensors += [replace(t, name=f"t{base + i}") for i, t in enumerate(graph.tensors)]
    net.operators.append(Operator("QUANTIZE", (x,), (base + graph.inputs[0],), {}))

    def moved(places: Sequence[int]) -> tuple[int, ...]:
        return tuple(i if i == ABSENT else base + i for i in places)

    for op in graph.operators:
        net.add(
            replace(
                op, inputs=moved(op.inputs), outputs=moved(op.outputs), intermediates=moved(op.intermediates)
            )
        )
    return moved(graph.outputs)
