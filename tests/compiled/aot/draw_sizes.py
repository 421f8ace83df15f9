"""How parameters are drawn by the main input's shape: axes, sizes, paddings, parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from growing import Drawer, Drawn, Growing, Row, Unfit

Values = Callable[[Growing, Sequence[int]], object]
"""A parameter's numbers by the main input's shape."""


def told(**values: Values) -> Drawer:
    """Parameters by their names in the table, with _ for a space, each for itself."""
    by_name = {name.replace("_", " "): draw for name, draw in values.items()}

    def draw(net: Growing, row: Row, x: int) -> Drawn:
        shape = net.tensors[x].shape
        inputs = []
        for operand in row.support.operands:
            if operand.name in by_name:
                inputs.append(net.parameter(operand, by_name[operand.name](net, shape)))
            elif operand.role == "activation" and (operand.constant or (inputs and x in inputs)):
                inputs.append(net.companion(operand, row, x, net.chance((), (1,))))
            else:
                inputs.append(x)
        return Drawn(inputs)

    return draw


def axis(net: Growing, shape: Sequence[int]) -> int:
    if not shape:
        raise Unfit("no axis")
    return net.between(-len(shape), len(shape) - 1)


def one_axis(net: Growing, shape: Sequence[int]) -> object:
    found = axis(net, shape)
    return net.chance(found, [found])


def neighbours(net: Growing, shape: Sequence[int]) -> object:
    """Axes side by side, the only ones that LiteRT turns round."""
    first = net.between(0, len(shape) - 1)
    return list(range(first, net.between(first, len(shape) - 1) + 1))


def axes(net: Growing, shape: Sequence[int]) -> object:
    """Some, from either end, in any order."""
    some = net.random.permutation(len(shape))[: net.between(1, len(shape))]
    found = [int(a) - len(shape) * net.often(0.3) for a in some]
    return found[0] if len(found) == 1 and net.often(0.3) else found


def last_axis(net: Growing, shape: Sequence[int]) -> object:
    return net.chance(len(shape) - 1, -1, axis(net, shape))


def new_axis(net: Growing, shape: Sequence[int]) -> object:
    found = net.between(-len(shape) - 1, len(shape))
    return net.chance(found, [found])


def permutation(net: Growing, shape: Sequence[int]) -> object:
    return net.random.permutation(len(shape)).tolist()


def paddings(net: Growing, shape: Sequence[int]) -> object:
    return [[net.chance(0, 0, 1, 2), net.chance(0, 0, 1, 3)] for _ in shape]


def mirrored(net: Growing, shape: Sequence[int]) -> object:
    return [[net.between(0, min(d - 1, 2)), net.between(0, min(d - 1, 3))] for d in shape]


def multiples(net: Growing, shape: Sequence[int]) -> object:
    return [net.chance(1, 1, 1, 2, 3) for _ in shape]


def size(net: Growing, shape: Sequence[int]) -> object:
    return [net.between(1, 10), net.between(1, 10)]


def broadcast_shape(net: Growing, shape: Sequence[int]) -> object:
    more = [net.between(1, 3)] if len(shape) < 6 and net.often(0.3) else []
    return more + [net.between(1, 4) if d == 1 else d for d in shape]


def any_shape(net: Growing, shape: Sequence[int]) -> object:
    return [net.between(1, 4) for _ in range(net.between(0, 4))]


def count(net: Growing, shape: Sequence[int]) -> object:
    return net.between(1, shape[-1])


def reshape(net: Growing, row: Row, x: int) -> Drawn:
    tensor = net.tensors[x]
    left, shape = tensor.elements, []
    for factor in (2, 2, 2, 3, 3, 5, 7):
        if left % factor == 0 and net.often(0.6):
            shape.append(factor)
            left //= factor
    shape = [1] * net.between(0, 1) + shape + [left]
    told = [-1 if net.often(0.2) and i == len(shape) - 1 else d for i, d in enumerate(shape)]
    options = {"new_shape": tuple(told)}
    if net.often(0.2):
        return Drawn([x], options)
    return Drawn([x, net.parameter(row.support.operands[1], told)], options)


def squeeze(net: Growing, row: Row, x: int) -> Drawn:
    ones = [i for i, d in enumerate(net.tensors[x].shape) if d == 1]
    return Drawn([x], {"squeeze_dims": tuple(i for i in ones if net.often(0.5))})


def join(net: Growing, row: Row, x: int) -> Drawn:
    """CONCATENATION and PACK."""
    shape = list(net.tensors[x].shape)
    packs = row.opcode == "PACK"
    at = axis(net, [*shape, 1] if packs else shape)
    inputs = [x]
    for _ in range(net.between(0 if net.often(0.1) else 1, 3)):
        other = list(shape)
        if not packs:
            other[at] = net.chance(shape[at], net.between(1, 4))
        inputs.append(net.companion(row.support.operands[0], row, x, other))
    options = {"axis": at} | ({"values_count": len(inputs)} if packs else {})
    return Drawn([inputs[i] for i in net.random.permutation(len(inputs))], options)


def split(net: Growing, row: Row, x: int) -> Drawn:
    shape = net.tensors[x].shape
    at = axis(net, shape)
    parts = [n for n in range(1, 7) if shape[at] % n == 0]
    number = net.chance(*parts)
    return Drawn([net.parameter(row.support.operands[0], at), x], {"num_splits": number}, number)


def split_v(net: Growing, row: Row, x: int) -> Drawn:
    shape = net.tensors[x].shape
    at = axis(net, shape)
    cuts = sorted({net.between(1, shape[at]) for _ in range(net.between(0, 3))} | {shape[at]})
    sizes = [int(d) for d in np.diff([0, *cuts])]
    number = len(sizes)
    if net.often(0.3):
        sizes[net.between(0, number - 1)] = -1
    _, one, other = row.support.operands
    return Drawn([x, net.parameter(one, sizes), net.parameter(other, at)], {"num_splits": number}, number)


def unpack(net: Growing, row: Row, x: int) -> Drawn:
    shape = net.tensors[x].shape
    at = axis(net, shape)
    if shape[at] > 8:
        raise Unfit("too many")
    return Drawn([x], {"axis": at, "num": shape[at]}, shape[at])


def topk(net: Growing, row: Row, x: int) -> Drawn:
    number = net.parameter(row.support.operands[1], count(net, net.tensors[x].shape))
    places = net.chance(*sorted(row.support.further or ()))
    return Drawn([x, number], outputs=2, types=(row.dtype, places))


def slice_(net: Growing, row: Row, x: int) -> Drawn:
    begin = [net.between(0, d - 1) for d in net.tensors[x].shape]
    sizes = [
        -1 if net.often(0.2) else net.between(1, d - b)
        for b, d in zip(begin, net.tensors[x].shape, strict=True)
    ]
    first = net.parameter(row.support.operands[1], begin)
    one_type = replace(row.support.operands[2], dtypes=frozenset({net.tensors[first].dtype}))
    return Drawn([x, first, net.parameter(one_type, sizes)])


def strided_slice(net: Growing, row: Row, x: int) -> Drawn:
    shape = net.tensors[x].shape
    named = len(shape) - (net.between(0, len(shape) - 1) if net.often(0.2) else 0)
    step = [net.chance(1, 1, 2, 3, -1, -2) for _ in range(named)]
    begin, end = [], []
    for d, by in zip(shape, step, strict=False):
        first, last = sorted((net.between(0, d - 1), net.between(0, d + 1)))[:: 1 if by > 0 else -1]
        begin.append(first - d * net.often(0.2))
        end.append(last - d * (net.often(0.2) and last < d))
    masks = {f"{m}_mask": sum((net.often(0.4)) << i for i in range(named)) for m in ("begin", "end")}
    masks["shrink_axis_mask"] = sum(net.often(0.1) << i for i in range(named))
    return Drawn([x, *map(net.parameter, row.support.operands[1:], (begin, end, step))], masks)


def space(net: Growing, row: Row, x: int) -> Drawn:
    return Drawn([x], {"block_size": net.chance(1, 2, 2, 2, 3)})


def batch_space(net: Growing, row: Row, x: int) -> Drawn:
    shape = net.tensors[x].shape
    blocks = [net.chance(1, 2, 3) for _ in shape[1:-1]]
    borders = [[net.between(0, 2), net.between(0, 2)] for _ in blocks]
    if row.opcode == "SPACE_TO_BATCH_ND":
        for d, block, border in zip(shape[1:-1], blocks, borders, strict=True):
            border[1] = -(d + border[0]) % block
    elif shape[0] % int(np.prod(blocks)):
        blocks = [shape[0], *[1] * (len(blocks) - 1)]
    return Drawn([x, *map(net.parameter, row.support.operands[1:], (blocks, borders))])


def pool(net: Growing, row: Row, x: int) -> Drawn:
    sides = ("filter_height", "filter_width", "stride_h", "stride_w")
    return Drawn([x], dict(zip(sides, (net.between(1, 4) for _ in sides), strict=True)))


def reverse_sequence(net: Growing, row: Row, x: int) -> Drawn:
    shape = net.tensors[x].shape
    along, apart = (int(a) for a in net.random.permutation(len(shape))[:2])
    lengths = [net.between(0, shape[along]) for _ in range(shape[apart])]
    return Drawn([x, net.parameter(row.support.operands[1], lengths)], {"seq_dim": along, "batch_dim": apart})
