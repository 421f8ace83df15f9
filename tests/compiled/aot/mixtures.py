"""Operators by which random networks grow: each makes of a tensor of images another, or none."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from mixed_numbers import GROWTH_BY_NUMBERS
from nets import Net, activations

LARGEST = 4000
"""Elements of a tensor that grows no more."""

Grow = Callable[[Net, int], int | None]


def of(net: Net, tensor: int) -> tuple[list[int], tuple[float, int]]:
    """The shape and quantization of a tensor."""
    return list(net.tensors[tensor].shape), net.same_quant(tensor)


def chance(net: Net, *values: object) -> object:
    """One of some."""
    return values[int(net.random.integers(len(values)))]


def table(net: Net, x: int) -> int:
    shape, (scale, _) = of(net, x)
    opcode = str(
        chance(net, "LEAKY_RELU", "HARD_SWISH", "EXP", "LOG", "GELU", "ABS", "ELU", "RELU_0_TO_1", "ROOT")
    )
    if opcode == "ROOT":
        y = net.op("QUANTIZE", [x], shape, (scale, -128))
        return net.op(str(chance(net, "SQRT", "RSQRT")), [y], shape)
    options: dict[str, float | bool] = {}
    if opcode == "LEAKY_RELU":
        options["alpha"] = float(np.float32(net.random.uniform(0, 1.5)))
    if opcode == "GELU":
        options["approximate"] = bool(chance(net, True, False))
    return net.op(opcode, [x], shape, **options)


def pair(net: Net, x: int) -> int:
    shape, (scale, zero_point) = of(net, x)
    opcode = str(chance(net, "SUB", "MAXIMUM", "MINIMUM", "SQUARED_DIFFERENCE", "PRELU"))
    if opcode == "PRELU":
        return net.op(opcode, [x, net.constant(shape[3:])], shape)
    same = [i for i, t in enumerate(net.tensors) if list(t.shape) == shape and t.quant and t.data is None]
    y = chance(net, *same, net.constant(shape[2:]))
    if opcode in ("MAXIMUM", "MINIMUM"):
        quant = (scale, zero_point)
        y = net.op("QUANTIZE", [int(chance(net, *same))], shape, quant)  # type: ignore[call-overload]
        return net.op(opcode, [x, y], shape, quant)
    options = {"fused_activation_function": activations(net.random)} if opcode == "SUB" else {}
    given = [x, int(y)]  # type: ignore[call-overload]
    return net.op(opcode, given if net.random.random() < 0.5 else given[::-1], shape, **options)


def transpose(net: Net, x: int) -> int:
    shape, quant = of(net, x)
    order = [0, *(1 + net.random.permutation(3)).tolist()]
    return net.op("TRANSPOSE", [x, net.ints(order)], [shape[axis] for axis in order], quant)


def pick(net: Net, x: int) -> int:
    shape, quant = of(net, x)
    begin = [int(net.random.integers(0, d)) if axis else 0 for axis, d in enumerate(shape)]
    step = [1, *net.random.integers(1, 3, 3).tolist()]
    output = [len(range(b, d, s)) for b, d, s in zip(begin, shape, step, strict=True)]
    masks = {"end_mask": 15, "begin_mask": 1, "ellipsis_mask": 0, "new_axis_mask": 0, "shrink_axis_mask": 0}
    given = [x, net.ints(begin), net.ints(shape), net.ints(step)]
    return net.op("STRIDED_SLICE", given, output, quant, **masks)


def gather(net: Net, x: int) -> int:
    shape, quant = of(net, x)
    axis = int(net.random.integers(1, 4))
    indices = net.random.integers(0, shape[axis], int(net.random.integers(1, 6))).tolist()
    shape[axis] = len(indices)
    return net.op("GATHER", [x, net.ints(indices)], shape, quant, axis=axis, batch_dims=0)


def cut(net: Net, x: int) -> int | None:
    """Parts, put together in another order."""
    shape, quant = of(net, x)
    axis = int(net.random.integers(1, 4))
    if shape[axis] < 2:
        return None
    first = int(net.random.integers(1, shape[axis]))
    sizes = [first, shape[axis] - first]
    made = [[*shape[:axis], size, *shape[axis + 1 :]] for size in sizes]
    parts = net.parts("SPLIT_V", [x, net.ints(sizes), net.ints(axis)], made, quant, num_splits=2)
    given = list(parts[::-1])
    return net.op("CONCATENATION", given, shape, quant, axis=axis, fused_activation_function="NONE")


def stack(net: Net, x: int) -> int | None:
    """Rows apart, one of them used for all."""
    shape, quant = of(net, x)
    if shape[1] > 12:
        return None
    rows = net.parts("UNPACK", [x], [[1, *shape[2:]]] * shape[1], quant, num=shape[1], axis=1)
    chosen = [int(chance(net, *rows)) for _ in range(3)]  # type: ignore[call-overload]
    return net.op("PACK", chosen, [1, 3, *shape[2:]], quant, axis=1, values_count=3)


def blocks(net: Net, x: int) -> int | None:
    shape, quant = of(net, x)
    if shape[1] % 2 == 0 and shape[2] % 2 == 0:
        output = [1, shape[1] // 2, shape[2] // 2, shape[3] * 4]
        return net.op("SPACE_TO_DEPTH", [x], output, quant, block_size=2)
    if shape[3] % 4 == 0:
        output = [1, shape[1] * 2, shape[2] * 2, shape[3] // 4]
        return net.op("DEPTH_TO_SPACE", [x], output, quant, block_size=2)
    pads = [[shape[1] % 2, 0], [0, shape[2] % 2]]
    inner = [(d + sum(p)) // 2 for d, p in zip(shape[1:3], pads, strict=True)]
    given = [net.ints([2, 2]), net.ints(pads)]
    y = net.op("SPACE_TO_BATCH_ND", [x, *given], [4, *inner, shape[3]], quant)
    z = net.op("MAXIMUM", [y, y], [4, *inner, shape[3]], quant)
    return net.op("BATCH_TO_SPACE_ND", [z, *given], shape, quant)


def grow(net: Net, x: int) -> int | None:
    shape, quant = of(net, x)
    if np.prod(shape) * 4 > LARGEST:
        return None
    opcode = str(chance(net, "TILE", "MIRROR_PAD", "RESIZE_NEAREST_NEIGHBOR", "RESIZE_BILINEAR"))
    if opcode == "TILE":
        return net.op(opcode, [x, net.ints([1, 2, 1, 2])], [1, shape[1] * 2, shape[2], shape[3] * 2], quant)
    if opcode == "MIRROR_PAD":
        pads = [[0, 0], [0, 1], [1, 1], [0, 0]]
        output = [1, shape[1] + 1, shape[2] + 2, shape[3]]
        return net.op(opcode, [x, net.ints(pads)], output, quant, mode="SYMMETRIC")
    size = net.random.integers(1, 10, 2).tolist()
    how = {"align_corners": False, "half_pixel_centers": bool(chance(net, True, False))}
    return net.op(opcode, [x, net.ints(size)], [1, *size, shape[3]], quant, **how)


def extremum(net: Net, x: int) -> int:
    shape, quant = of(net, x)
    axis = int(net.random.integers(1, 4))
    shape[axis] = 1
    opcode = str(chance(net, "REDUCE_MAX", "REDUCE_MIN"))
    return net.op(opcode, [x, net.ints([axis])], shape, quant, keep_dims=True)


def product(net: Net, x: int) -> int:
    shape, _ = of(net, x)
    side = shape[3]
    options = {"adj_x": False, "adj_y": True, "asymmetric_quantize_inputs": False}
    y = x if net.random.random() < 0.5 else net.constant([1, 1, 3, side])
    columns = net.tensors[y].shape[2]
    return net.op("BATCH_MATMUL", [x, y], [*shape[:3], columns], **options)


def transposed_convolution(net: Net, x: int) -> int | None:
    shape, _ = of(net, x)
    if np.prod(shape) * 4 > LARGEST:
        return None
    weights = net.random.integers(-127, 128, (2, 3, 3, shape[3])).astype(np.int8)
    w = net.tensor(weights.shape, (0.01, 0), data=weights)
    output = [1, shape[1] * 2, shape[2] * 2, 2]
    options = {"padding": "SAME", "stride_h": 2, "stride_w": 2}
    fused = activations(net.random)
    return net.op(
        "TRANSPOSE_CONV", [net.ints(output), w, x], output, fused_activation_function=fused, **options
    )


GROWTH: tuple[Grow, ...] = (
    table,
    pair,
    transpose,
    pick,
    gather,
    cut,
    stack,
    blocks,
    grow,
    extremum,
    product,
    transposed_convolution,
    *GROWTH_BY_NUMBERS,
)


def mixture(seed: int) -> Net:
    """A network of a few of them, one after another and beside each other."""
    net = Net(seed)
    size, channels = net.random.integers(2, 9, 2).tolist(), int(net.random.integers(1, 7))
    images = [net.input([1, *size, channels]) for _ in range(int(net.random.integers(1, 3)))]
    for _ in range(int(net.random.integers(3, 10))):
        x = images[-int(net.random.integers(1, min(3, len(images)) + 1))]
        made = GROWTH[int(net.random.integers(len(GROWTH)))](net, x)
        if made is not None:
            images.append(made)
    if len(images) == len(net.inputs):
        images.append(net.op("RELU", [images[0]], net.tensors[images[0]].shape))
    net.outputs += [i for i in images[len(net.inputs) : -1] if net.random.random() < 0.3]
    net.outputs.append(images[-1])
    return net
