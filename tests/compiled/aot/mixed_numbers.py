"""Further operators by which random networks grow: with truth values and whole numbers between bytes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from nets import Net

from edgeq.graph import DType

WHOLE, TRUTH = DType.INT32, DType.BOOL
COMPARISONS = ("EQUAL", "NOT_EQUAL", "GREATER", "GREATER_EQUAL", "LESS", "LESS_EQUAL")


def _of(net: Net, tensor: int) -> tuple[list[int], tuple[float, int]]:
    return list(net.tensors[tensor].shape), net.same_quant(tensor)


def _chance(net: Net, *names: str) -> str:
    return names[int(net.random.integers(len(names)))]


def _other(net: Net, x: int) -> int:
    """A tensor of the same shape with bytes, or a constant for each channel."""
    shape, _ = _of(net, x)
    same = [i for i, t in enumerate(net.tensors) if list(t.shape) == shape and t.quant and t.data is None]
    return same[int(net.random.integers(len(same)))] if net.random.random() < 0.6 else net.constant(shape[3:])


def truth(net: Net, x: int) -> int:
    """Truth values of the shape of a tensor, put together in several ways."""
    shape, _ = _of(net, x)
    found = net.op(_chance(net, *COMPARISONS), [x, _other(net, x)], shape, dtype=TRUTH)
    if net.random.random() < 0.5:
        more = net.op(_chance(net, *COMPARISONS), [_other(net, x), x], shape, dtype=TRUTH)
        found = net.op(_chance(net, "LOGICAL_AND", "LOGICAL_OR"), [found, more], shape, dtype=TRUTH)
    if net.random.random() < 0.3:
        found = net.op("LOGICAL_NOT", [found], shape, dtype=TRUTH)
    if net.random.random() < 0.3:
        axis = int(net.random.integers(1, 4))
        shape[axis] = 1
        opcode = _chance(net, "REDUCE_ALL", "REDUCE_ANY")
        found = net.op(opcode, [found, net.ints([axis])], shape, dtype=TRUTH, keep_dims=True)
    return found


def number(net: Net, x: int) -> int:
    """Whole numbers from 0 to 3 of the shape of a tensor's truth values."""
    when = truth(net, x)
    shape = net.tensors[when].shape
    options = {"in_data_type": "BOOL", "out_data_type": "INT32"}
    one = net.op("CAST", [when], shape, dtype=WHOLE, **options)
    two = net.op("CAST", [truth(net, x)], _of_truth(net), dtype=WHOLE, **options)
    whole = np.broadcast_shapes(shape, net.tensors[two].shape)
    doubled = net.op("MUL", [one, net.ints([2])], shape, dtype=WHOLE, fused_activation_function="NONE")
    return net.op("ADD", [doubled, two], whole, dtype=WHOLE, fused_activation_function="NONE")


def _of_truth(net: Net) -> tuple[int, ...]:
    return net.tensors[-1].shape


def select(net: Net, x: int) -> int:
    shape, quant = _of(net, x)
    when = truth(net, x)
    other = _other(net, x)
    y = other
    if net.tensors[other].data is None:
        y = net.op("QUANTIZE", [other], shape, quant)
    else:
        y = net.constant(shape[3:], quant)
    given = [when, x, y] if net.random.random() < 0.5 else [when, y, x]
    return net.op("SELECT_V2", given, shape, quant)


def lookup(net: Net, x: int) -> int:
    """Rows of a constant table by computed numbers."""
    rows = number(net, x)
    shape = net.tensors[rows].shape
    quant = net.quant()
    return net.op("GATHER", [net.constant((4,), quant), rows], shape, quant, axis=0, batch_dims=0)


def by_table(net: Net, x: int) -> int:
    """What the converter writes for functions without an int8 form."""
    shape, _ = _of(net, x)
    quant = net.quant()
    options = {"in_data_type": "INT8", "out_data_type": "INT32"}
    whole = net.op("CAST", [x], shape, dtype=WHOLE, **options)
    index = net.op("ADD", [whole, net.ints([128])], shape, dtype=WHOLE, fused_activation_function="NONE")
    return net.op("GATHER", [net.constant((256,), quant), index], shape, quant, axis=0, batch_dims=0)


def largest(net: Net, x: int) -> int:
    """The place of an extremum, as a row of a table."""
    shape, _ = _of(net, x)
    opcode = _chance(net, "ARG_MAX", "ARG_MIN")
    place = net.op(opcode, [x, net.ints(3)], shape[:3], dtype=WHOLE, output_type="INT32")
    quant = net.quant()
    table = net.constant((shape[3], 3), quant)
    return net.op("GATHER", [table, place], [*shape[:3], 3], quant, axis=0, batch_dims=0)


def quotient(net: Net, x: int) -> int:
    """By a constant that is nowhere 0."""
    shape, _ = _of(net, x)
    scale, zero = net.quant()
    values = net.random.integers(-128, 128, shape[3:])
    values[values == zero] = zero + 1 if zero < 127 else zero - 1
    divisor = net.tensor(shape[3:], (scale, zero), data=values.astype(np.int8))
    return net.op("DIV", [x, divisor], shape, fused_activation_function="NONE")


def total(net: Net, x: int) -> int:
    """By TensorFlow Lite Micro, for LiteRT's gives a constant."""
    shape, (scale, _) = _of(net, x)
    axis = int(net.random.integers(1, 4))
    count, shape[axis] = shape[axis], 1
    quant = (scale * float(np.sqrt(count)), int(net.random.integers(-128, 128)))
    return net.op("SUM", [x, net.ints([axis])], shape, quant, keep_dims=True)


def update(net: Net, x: int) -> int:
    shape, quant = _of(net, x)
    part = [1, *(int(net.random.integers(1, d + 1)) for d in shape[1:])]
    begin = net.ints([0, *(int(net.random.integers(-1, d + 1)) for d in shape[1:])])
    if net.random.random() < 0.5:
        numbers = number(net, x)
        count = int(np.prod(net.tensors[numbers].shape))
        flat = net.op("RESHAPE", [numbers, net.ints([count])], (count,), dtype=WHOLE, new_shape=(count,))
        options = {
            "begin_mask": 0,
            "end_mask": 0,
            "ellipsis_mask": 0,
            "new_axis_mask": 0,
            "shrink_axis_mask": 0,
        }
        if count >= 4:
            given = [flat, net.ints([0]), net.ints([4]), net.ints([1])]
            begin = net.op("STRIDED_SLICE", given, (4,), dtype=WHOLE, **options)
    return net.op("DYNAMIC_UPDATE_SLICE", [x, net.constant(part, quant), begin], shape, quant)


def changed(net: Net, x: int) -> int:
    """Numbers that integer operators leave from 0 to 3, as rows of a table."""
    rows = number(net, x)
    shape = net.tensors[rows].shape
    opcode = _chance(net, "FLOOR_DIV", "FLOOR_MOD", "BITWISE_XOR", "RIGHT_SHIFT", "POW")
    low, high = {"FLOOR_DIV": (1, 5), "FLOOR_MOD": (1, 5), "BITWISE_XOR": (0, 4), "POW": (0, 2)}.get(
        opcode, (0, 3)
    )
    second = net.ints(net.random.integers(low, high, shape[3:]).tolist())
    found = net.op(opcode, [rows, second], shape, dtype=WHOLE)
    if net.random.random() < 0.5:
        found = net.op("SIGN", [found], shape, dtype=WHOLE)
    quant = net.quant()
    return net.op("GATHER", [net.constant((4,), quant), found], shape, quant, axis=0, batch_dims=0)


def running(net: Net, x: int) -> int:
    """Sums of numbers, and sums of these, as rows of a table."""
    rows = number(net, x)
    shape = net.tensors[rows].shape
    options = {"exclusive": bool(net.random.integers(2)), "reverse": bool(net.random.integers(2))}
    sums = net.op("CUMSUM", [rows, net.ints(int(net.random.integers(1, 4)))], shape, dtype=WHOLE, **options)
    found = net.op("ADD_N", [sums, rows, rows], shape, dtype=WHOLE)
    most = net.op("MINIMUM", [found, net.ints([7])], shape, dtype=WHOLE)
    quant = net.quant()
    return net.op("GATHER", [net.constant((8,), quant), most], shape, quant, axis=0, batch_dims=0)


def _places(net: Net, x: int) -> int:
    """Where the largest byte of each pixel is."""
    shape, _ = _of(net, x)
    return net.op("ARG_MAX", [x, net.ints(3)], shape[:3], dtype=WHOLE, output_type="INT32")


def one_hot(net: Net, x: int) -> int:
    """The place of the largest, told by where a value stands."""
    shape, _ = _of(net, x)
    quant = net.quant()
    values = [net.constant((), quant) for _ in range(2)]
    return net.op("ONE_HOT", [_places(net, x), net.ints(shape[3]), *values], shape, quant, axis=-1)


def scattered(net: Net, x: int) -> int:
    """Pixels to the rows of a tensor that their largest byte says, added up there."""
    shape, quant = _of(net, x)
    pixels, channels = shape[1] * shape[2], shape[3]
    at = net.op("RESHAPE", [_places(net, x), net.ints([pixels, 1])], (pixels, 1), dtype=WHOLE)
    rows = net.op("RESHAPE", [x, net.ints([pixels, channels])], (pixels, channels), quant)
    wanted = (channels, channels)
    found = net.op("SCATTER_ND", [at, rows, net.ints(wanted)], wanted, quant)
    return net.op("RESHAPE", [found, net.ints([1, 1, *wanted])], (1, 1, *wanted), quant)


def diagonal(net: Net, x: int) -> int:
    """The last axes as matrices, with another diagonal."""
    shape, quant = _of(net, x)
    flat = net.op("REDUCE_MAX", [x, net.ints([3])], shape[:3], quant, keep_dims=False)
    if shape[2] < shape[3]:
        return net.op("MATRIX_DIAG", [flat], [*shape[:3], shape[2]], quant)
    least = net.op("REDUCE_MIN", [x, net.ints([2])], [*shape[:2], shape[3]], quant, keep_dims=False)
    return net.op("MATRIX_SET_DIAG", [x, least], shape, quant)


Grow = Callable[[Net, int], int | None]
GROWTH_BY_INDICES: tuple[Grow, ...] = (changed, running, one_hot, scattered, diagonal)
GROWTH_BY_NUMBERS: tuple[Grow, ...] = (
    select,
    lookup,
    by_table,
    largest,
    quotient,
    total,
    update,
    *GROWTH_BY_INDICES,
)
