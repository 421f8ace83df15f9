"""How places within a tensor are drawn, constant or computed, and what is read or written there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from growing import Drawn, Growing, Row, Unfit

from edgeq.checker.operators import Operand


def indices(net: Growing, operand: Operand, shape: Sequence[int], most: int) -> int:
    """Numbers from 0 to ``most``: constant, or computed ones that are held between these ends."""
    types = sorted(operand.dtypes or ())
    computed = [
        i
        for i, t in enumerate(net.tensors)
        if t.dtype in types and t.shape == tuple(shape) and t.data is None and len(shape) <= 4
    ]
    if computed or net.often(0.4):
        x = net.chance(*computed) if computed else net.of(net.chance(*types), shape, None, "input")
        dtype = net.tensors[x].dtype
        for opcode, end in (("MINIMUM", most), ("MAXIMUM", 0)):
            limit = net.tensor((), data=np.array(end, dtype.numpy), dtype=dtype)
            x = net.op(opcode, [x, limit], shape, dtype=dtype)
        return x
    return net.parameter(operand, net.random.integers(0, most + 1, tuple(shape)))


def gather(net: Growing, row: Row, x: int) -> Drawn:
    shape = net.tensors[x].shape
    at = net.between(0, len(shape) - 1)
    batch = net.between(0, at) if net.often(0.3) else 0
    places = (*shape[:batch], *(net.between(1, 4) for _ in range(net.between(0, 2))))
    found = indices(net, row.support.operands[1], places, shape[at] - 1)
    signed = at - len(shape) * (net.often(0.3) and not batch)
    return Drawn([x, found], {"axis": signed, "batch_dims": batch})


def gather_nd(net: Growing, row: Row, x: int) -> Drawn:
    shape = net.tensors[x].shape
    depth = net.between(1, len(shape))
    places = (*(net.between(1, 4) for _ in range(net.between(0, 2))), depth)
    return Drawn([x, indices(net, row.support.operands[1], places, min(shape[:depth]) - 1)])


def embedding(net: Growing, row: Row, x: int) -> Drawn:
    rows = indices(net, row.support.operands[0], (net.between(1, 5),), net.tensors[x].shape[0] - 1)
    return Drawn([rows, x])


def update(net: Growing, row: Row, x: int) -> Drawn:
    shape = net.tensors[x].shape
    part = net.companion(row.support.operands[1], row, x, [net.between(1, d) for d in shape])
    begin = net.companion(row.support.operands[2], row, x, (len(shape),))
    if net.often(0.6):
        begin = net.parameter(row.support.operands[2], [net.between(-1, d) for d in shape])
    return Drawn([x, part, begin])


def scatter(net: Growing, row: Row, x: int) -> Drawn:
    """Rows to places of another tensor."""
    shape = net.tensors[x].shape
    if not shape:
        raise Unfit("no rows")
    places, updates, wanted = row.support.operands
    whole = [net.between(1, 6), *shape[1:]]
    found = indices(net, places, (shape[0], 1), whole[0] - 1)
    return Drawn([found, net.companion(updates, row, x, shape), net.parameter(wanted, whole)])


def one_hot(net: Growing, row: Row, x: int) -> Drawn:
    """Some places lie beyond the depth."""
    places, depth, there, elsewhere = row.support.operands
    shape = (net.between(1, 5),) * net.between(0, 2)
    found = net.companion(places, row, x, shape)
    if net.often(0.5):
        found = net.parameter(places, net.random.integers(-1, 7, shape))
    values = [net.companion(operand, row, x, ()) for operand in (there, elsewhere)]
    options = {"axis": net.between(-1, len(shape))}
    return Drawn([found, net.parameter(depth, net.between(1, 6)), *values], options)


def diagonal(net: Growing, row: Row, x: int) -> Drawn:
    shape = net.tensors[x].shape
    return Drawn([x, net.companion(row.support.operands[1], row, x, (*shape[:-2], min(shape[-2:])))])
