"""What the table does not tell of an operator: which axes, sizes, indices and weights it is given.

An operator whose inputs are all values needs nothing here; one with a parameter has its function in
``DRAWERS``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from growing import LARGEST, Drawer, Drawn, Growing, Growth, Row, Unfit
from nets import drawn
from recurrent import ONCE, Lstm, Svdf

from edgeq.checker.operators import Operand
from edgeq.graph import ABSENT, DType, Graph, Operator, QuantParams, Tensor

Values = Callable[[Growing, Sequence[int]], object]
"""A parameter's numbers by the main input's shape."""


def _operand(row: Row, name: str) -> Operand:
    return next(o for o in row.support.operands if o.name == name)


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
    return Drawn([x, number], outputs=2, types=(row.dtype, DType.INT32))


def bitcast(net: Growing, row: Row, x: int) -> Drawn:
    """To wider numbers from as many narrower ones."""
    dtype = net.chance(*sorted(row.support.outputs or ()))
    times = dtype.numpy.itemsize // row.dtype.numpy.itemsize
    if times > 1:
        x = net.of(row.dtype, (1, net.between(1, 4), times), None, net.chance("input", "constant"))
    return Drawn([x], types=(dtype,))


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


def reverse_sequence(net: Growing, row: Row, x: int) -> Drawn:
    shape = net.tensors[x].shape
    along, apart = (int(a) for a in net.random.permutation(len(shape))[:2])
    lengths = [net.between(0, shape[along]) for _ in range(shape[apart])]
    return Drawn([x, net.parameter(row.support.operands[1], lengths)], {"seq_dim": along, "batch_dim": apart})


def scatter(net: Growing, row: Row, x: int) -> Drawn:
    """Rows to places of another tensor."""
    shape = net.tensors[x].shape
    if not shape:
        raise Unfit("no rows")
    places, updates, wanted = row.support.operands
    whole = [net.between(1, 6), *shape[1:]]
    found = indices(net, places, (shape[0], 1), whole[0] - 1)
    return Drawn([found, net.companion(updates, row, x, shape), net.parameter(wanted, whole)])


def diagonal(net: Growing, row: Row, x: int) -> Drawn:
    shape = net.tensors[x].shape
    return Drawn([x, net.companion(row.support.operands[1], row, x, (*shape[:-2], min(shape[-2:])))])


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


def matmul(net: Growing, row: Row, x: int) -> Drawn:
    *before, rows, depth = net.tensors[x].shape
    adjoint = {name: net.often(0.5) for name in ("adj_x", "adj_y")}
    if adjoint["adj_x"]:
        rows, depth = depth, rows
    columns = net.between(1, 6)
    inner = (columns, depth) if adjoint["adj_y"] else (depth, columns)
    batch = tuple(before) if net.often(0.6) else tuple(before[net.between(0, len(before)) :])
    other = net.companion(row.support.operands[1], row, x, (*batch, *inner))
    product = net.same_quant(x)[0] * net.same_quant(other)[0]
    most = 50 * (100 if net.tensors[other].dtype is not DType.INT16 else 20000)
    return Drawn([x, other], adjoint, quant=_spread(net, row.dtype, product * most * np.sqrt(depth)))


def _spread(net: Growing, dtype: DType, largest: float) -> tuple[float, int]:
    """A quantization at which values up to a size use the range, saturate or hardly move."""
    scale, zero_point = net.quant(dtype)
    if net.often(0.9):
        most = 30000 if dtype is DType.INT16 else 120
        scale = float(np.float32(largest * np.exp(net.random.uniform(-1, 2)) / most))
    return scale, zero_point


def weighted(
    net: Growing, row: Row, x: int, shape: Sequence[int], taps: int
) -> tuple[int, int, tuple[float, int]]:
    """Weights, a bias or none, and the output's quantization.

    Args:
        shape: of the weights.
        taps: weights that meet in an output.
    """
    axis_, operands = row.support.channel_axis, {o.role: o for o in row.support.operands}
    unsigned = row.dtype is DType.UINT8
    dtype = DType.UINT8 if unsigned else DType.INT8
    values = net.random.integers(*((0, 256) if unsigned else (-127, 128)), tuple(shape)).astype(dtype.numpy)
    channels = shape[(0 if row.opcode != "DEPTHWISE_CONV_2D" else 3)]
    if axis_ is not None and net.often(0.2):
        np.moveaxis(values, axis_, 0)[net.between(0, channels - 1)] = net.chance(0, 127, -127)
    spread = channels if axis_ is not None and net.often(0.7) else 1
    scales = np.exp(net.random.uniform(np.log(2e-3), np.log(2e-2), spread)).astype(np.float32)
    zeros = np.full(spread, net.chance(128, 0, 255, net.between(90, 160)) if unsigned else 0, np.int64)
    quant = QuantParams(scales, zeros, axis_ or 0)
    w = len(net.tensors)
    net.tensors.append(Tensor(f"t{w}", tuple(shape), dtype, quant, values))
    source = net.same_quant(x)[0]
    bias = ABSENT
    sum_ = 70 * np.sqrt(taps) * (70 if row.dtype is not DType.INT16 else 18000)
    if row.opcode == "CONV_2D" or not net.often(0.2):  # LiteRT demands that one's
        kind = net.chance(*sorted(operands["bias"].dtypes or ()))
        most = int(net.chance(sum_, sum_, 0, 2**30 if row.dtype is not DType.INT16 else sum_))
        data = net.random.integers(-most, most + 1, channels).astype(kind.numpy)
        bias = len(net.tensors)
        own = QuantParams((source * scales).astype(np.float32), np.zeros(spread, np.int64))
        net.tensors.append(Tensor(f"t{bias}", (channels,), kind, own, data))
    return w, bias, _spread(net, row.dtype, source * float(scales.max()) * sum_)


def _windows(net: Growing, dilated: bool) -> dict[str, int | str]:
    found: dict[str, int | str] = {side: net.chance(1, 1, 2, 3) for side in ("stride_h", "stride_w")}
    if dilated:
        same = net.often(0.7)
        found |= {f"dilation_{s}_factor": 1 if same else net.between(1, 3) for s in "hw"}
    return found


def conv(net: Growing, row: Row, x: int) -> Drawn:
    inputs = net.tensors[x].shape[3]
    groups = net.chance(*(g for g in range(1, 5) if inputs % g == 0)) if net.often(0.3) else 1
    taps = (net.chance(1, 1, 2, 3), net.chance(1, 1, 3, 5))
    shape = (groups * net.between(1, 9 // groups), *taps, inputs // groups)
    w, bias, quant = weighted(net, row, x, shape, int(np.prod(shape[1:])))
    return Drawn([x, w, bias], _windows(net, True) | {"quantized_bias_type": "FLOAT32"}, quant=quant)


def depthwise(net: Growing, row: Row, x: int) -> Drawn:
    inputs, multiplier = net.tensors[x].shape[3], net.chance(1, 1, 2, 3)
    taps = (net.chance(1, 3, 2), net.chance(1, 3, 4))
    w, bias, quant = weighted(net, row, x, (1, *taps, inputs * multiplier), int(np.prod(taps)))
    given = [x, w] + ([bias] if bias != ABSENT else [])
    return Drawn(given, _windows(net, True) | {"depth_multiplier": multiplier}, quant=quant)


def dense(net: Growing, row: Row, x: int) -> Drawn:
    shape = net.tensors[x].shape
    depth = shape[-1] if net.often(0.7) else int(np.prod(shape[net.between(0, len(shape) - 1) :]))
    w, bias, quant = weighted(net, row, x, (net.between(1, 10), depth), depth)
    return Drawn([x, w, bias], {"quantized_bias_type": "FLOAT32"}, quant=quant)


def transpose_conv(net: Growing, row: Row, x: int) -> Drawn:
    batch, height, width, inputs = net.tensors[x].shape
    channels, taps = net.between(1, 5), (net.between(1, 4), net.between(1, 4))
    windows = _windows(net, False)
    same = net.often(0.6)
    sizes = [
        d * int(s) if same else (d - 1) * int(s) + t
        for d, s, t in zip((height, width), (windows["stride_h"], windows["stride_w"]), taps, strict=True)
    ]
    w, bias, quant = weighted(net, row, x, (channels, *taps, inputs), int(np.prod(taps)) * inputs)
    output = net.parameter(row.support.operands[0], [batch, *sizes, channels])
    options = {"padding": "SAME" if same else "VALID", "quantized_bias_type": "FLOAT32"}
    given = [output, w, x] + ([bias] if bias != ABSENT else [])
    return Drawn(given, windows | options, quant=quant)


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


DRAWERS: dict[str, Drawer] = {
    **dict.fromkeys(("ARG_MAX", "ARG_MIN"), told(axis=last_axis)),
    **dict.fromkeys(
        ("MEAN", "SUM", "REDUCE_PROD", "REDUCE_MAX", "REDUCE_MIN", "REDUCE_ANY", "REDUCE_ALL"),
        told(axes=axes),
    ),
    **dict.fromkeys(("PAD", "PADV2"), told(paddings=paddings)),
    **dict.fromkeys(("RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR"), told(size=size)),
    **dict.fromkeys(("SPACE_TO_DEPTH", "DEPTH_TO_SPACE"), space),
    **dict.fromkeys(("SPACE_TO_BATCH_ND", "BATCH_TO_SPACE_ND"), batch_space),
    **dict.fromkeys(("AVERAGE_POOL_2D", "MAX_POOL_2D"), pool),
    **dict.fromkeys(("CONCATENATION", "PACK"), join),
    **dict.fromkeys(("SQRT", "RSQRT"), root),
    "BATCH_MATMUL": matmul,
    "BROADCAST_TO": told(shape=broadcast_shape),
    "CONV_2D": conv,
    "BITCAST": bitcast,
    "CUMSUM": told(axis=one_axis),
    "DEPTHWISE_CONV_2D": depthwise,
    "DIV": by_constant(lambda zero: [zero]),  # LiteRT divides by nothing else
    "FLOOR_DIV": by_constant(lambda _zero: [0, -1]),  # the lowest by -1: its answer hangs on the place
    "FLOOR_MOD": by_constant(lambda _zero: [0]),
    "POW": power,
    "DYNAMIC_UPDATE_SLICE": update,
    "EMBEDDING_LOOKUP": embedding,
    "EXPAND_DIMS": told(axis=new_axis),
    "FILL": told(shape=any_shape),
    "FULLY_CONNECTED": dense,
    "GATHER": gather,
    "GATHER_ND": gather_nd,
    "MIRROR_PAD": told(paddings=mirrored),
    "MATRIX_SET_DIAG": diagonal,
    "NEG": lowest,
    "ONE_HOT": one_hot,
    "RESHAPE": reshape,
    "REVERSE_SEQUENCE": reverse_sequence,
    "REVERSE_V2": told(axes=neighbours),
    "SCATTER_ND": scatter,
    "SLICE": slice_,
    "SPLIT": split,
    "SPLIT_V": split_v,
    "SQUEEZE": squeeze,
    "STRIDED_SLICE": strided_slice,
    "TILE": told(multiples=multiples),
    "TOPK_V2": topk,
    "TRANSPOSE": told(permutation=permutation),
    "TRANSPOSE_CONV": transpose_conv,
    "UNPACK": unpack,
}


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


GROWTHS: dict[str, Growth] = {
    "ASSIGN_VARIABLE": variable,
    "READ_VARIABLE": variable,
    "SVDF": recurrent,
    "UNIDIRECTIONAL_SEQUENCE_LSTM": recurrent,
}
__all__ = ["DRAWERS", "GROWTHS", "LARGEST"]
