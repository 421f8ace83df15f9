"""How operands are drawn of operators that do not take every number, or every type."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from growing import Drawer, Drawn, Growing, Row

from edgeq.graph import DType


def by_constant(apart_from: Callable[[int], Sequence[int]]) -> Drawer:
    """By a constant that has none of some integers, which are told by the zero point."""

    def draw(net: Growing, row: Row, x: int) -> Drawn:
        other = Growing.plain(net, row, x).inputs[1]
        if net.tensors[other].data is None:
            other = net.of(row.dtype, net.tensors[other].shape, None, "constant")
        quant, values = net.tensors[other].quant, net.tensors[other].data
        without = apart_from(0 if quant is None else quant.zero_point)
        usual = next(one for one in range(1, 4) if one not in without)
        apart = np.where(np.isin(values, without), usual, values).astype(row.dtype.numpy)
        net.tensors[other] = replace(net.tensors[other], data=apart)
        return Drawn([x, other])

    return draw


def power(net: Growing, row: Row, x: int) -> Drawn:
    """Of exponents that are constants, none of them below 0: LiteRT stops at others."""
    drawn = by_constant(lambda _zero: ())(net, row, x)
    other = net.tensors[drawn.inputs[1]]
    net.tensors[drawn.inputs[1]] = replace(other, data=np.abs(np.asarray(other.data) // 2))
    return drawn


def root(net: Growing, row: Row, x: int) -> Drawn:
    """Of what is not negative."""
    shape, (scale, _) = net.tensors[x].shape, net.same_quant(x)
    if row.dtype is DType.INT16:
        return Drawn([x])
    return Drawn([net.op("QUANTIZE", [x], shape, (scale, -128), dtype=row.dtype)])


def lowest(net: Growing, row: Row, x: int) -> Drawn:
    """NEG of bytes: both zero points are 0."""
    if row.dtype is DType.INT8:
        shape, (scale, _) = net.tensors[x].shape, net.same_quant(x)
        x = net.op("QUANTIZE", [x], shape, (scale, 0), dtype=row.dtype)
    return Drawn([x])


def bitcast(net: Growing, row: Row, x: int) -> Drawn:
    """To wider numbers from as many narrower ones."""
    dtype = net.chance(*sorted(row.support.outputs or ()))
    times = dtype.numpy.itemsize // row.dtype.numpy.itemsize
    if times > 1:
        x = net.of(row.dtype, (1, net.between(1, 4), times), None, net.chance("input", "constant"))
    return Drawn([x], types=(dtype,))
