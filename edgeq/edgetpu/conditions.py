"""What the rules ask of an operator. Each returns what is wrong, with the model's numbers, or None."""

from __future__ import annotations

import math

from edgeq.edgetpu.view import BYTES, OperatorView, innermost, is_flat, outer, quantized, size

TILE_MEMORY = 192 * 1024
"""Bytes of activation memory that a tile has: no compiled model is known to use more."""

TILES = 16
SOFTMAX_ELEMENTS = 16_384
RESIZE_SCALE = 8
MEAN_ELEMENTS = 16_384


def float_to_bytes(op: OperatorView) -> str | None:
    """A QUANTIZE that takes floating-point values."""
    given = op.activations
    if given and given[0].dtype.is_float:
        return f"it reads {given[0].dtype.value}"
    return None


def other_types(op: OperatorView) -> str | None:
    """Activations that are not quantized 8-bit integers, and custom operators, whose types are unknown."""
    if op.opcode == "CUSTOM":
        return f"{op.operator.custom_code or 'it'} is a custom operator"
    for role, tensors in (("reads", op.activations), ("writes", op.outputs)):
        for tensor in tensors:
            if not quantized(tensor):
                plain = " without a scale" if tensor.dtype in BYTES else ""
                return f"it {role} {tensor.dtype.value}{plain}"
    return None


def too_many_dimensions(op: OperatorView) -> str | None:
    """More than three dimensions larger than 1."""
    for tensor in (*op.activations, *op.outputs):
        if outer(tensor.shape) > 1:
            return f"{tensor.label} has the shape {list(tensor.shape)}"
    return None


def variable_parameters(op: OperatorView) -> str | None:
    """A parameter that another operator computes."""
    for tensor in op.parameters:
        if not tensor.is_constant:
            return f"{tensor.label} is computed while the model runs"
    return None


def nothing_to_do(op: OperatorView) -> str | None:
    """Only constants go in, or nothing comes out."""
    if not op.outputs:
        return "it has no output"
    if not op.activations:
        return "it reads constants only"
    shapes = (tensor.shape for tensor in (*op.activations, *op.outputs))
    return "a tensor of it is empty" if any(0 in shape for shape in shapes) else None


def fused_activation(op: OperatorView) -> str | None:
    """A fused activation."""
    fused = op.option("fused_activation_function", "NONE")
    return None if fused == "NONE" else f"{fused} is fused into it"


def concatenated_constant(op: OperatorView) -> str | None:
    """A constant among what is joined, unless it only pads with zeros."""
    constants = [tensor for tensor in op.data if tensor.is_constant]
    if not constants:
        return None
    if len(op.data) != 2:
        return f"a constant is one of {len(op.data)} inputs"
    tensor = constants[0]
    zero = tensor.quant.zero_point if tensor.quant is not None else 0
    if tensor.data is not None and bool((tensor.data != zero).any()):
        return "the constant is not all zero"
    return None


def unequal_dilation(op: OperatorView) -> str | None:
    """Different dilations along two axes that the kernel extends along."""
    across, down = op.option("dilation_w_factor", 1), op.option("dilation_h_factor", 1)
    kernel = op.parameters[0].shape if op.parameters else ()
    if across == down or len(kernel) != 4 or 1 in kernel[1:3]:
        return None
    return f"it dilates by {down} down and by {across} across"


def shuffled_weights(op: OperatorView) -> str | None:
    """Weights in an order other than the plain one."""
    form = op.option("weights_format", "DEFAULT")
    return None if form == "DEFAULT" else f"its weights are stored {form}"


def several_rows(op: OperatorView) -> str | None:
    """A fully connected layer over more than one vector."""
    rows = math.prod(op.output.shape[:-1])
    return None if rows == 1 else f"it computes {rows} vectors"


def reduced_batch(op: OperatorView) -> str | None:
    """A reduction over the batch."""
    shape = op.activations[0].shape
    axes = op.axes(1, len(shape))
    if len(shape) > 1 and 0 in axes and shape[0] > 1:
        return "it reduces the first dimension"
    return None


def odd_depth(op: OperatorView) -> str | None:
    """A mean over a depth that is not a multiple of 4."""
    shape = op.activations[0].shape
    if shape and len(shape) - 1 in op.axes(1, len(shape)) and shape[-1] % 4:
        return f"it averages a depth of {shape[-1]}"
    return None


def large_mean(op: OperatorView) -> str | None:
    """A mean over more values than were ever seen to map."""
    shape = op.activations[0].shape
    count = math.prod(shape[axis] for axis in op.axes(1, len(shape)))
    return f"each mean is over {count:,} values" if count > MEAN_ELEMENTS else None


def batch_axis(op: OperatorView) -> str | None:
    """PACK along the batch, or SPLIT of it."""
    if op.opcode == "PACK":
        axis, rank = op.option("axis", 0), len(op.output.shape)
        return "it stacks along the first dimension" if axis in (0, -rank) else None
    if len(op.outputs) == 1:
        return None  # an identity
    shape = op.activations[0].shape
    return "it splits the first dimension" if len(shape) > 1 and 0 in op.axes(0, len(shape)) else None


def padded_batch(op: OperatorView) -> str | None:
    """Padding before or behind the batch."""
    amounts = op.integers(1) or ()
    rank = len(op.output.shape)
    return "it pads the first dimension" if rank > 3 and any(amounts[:2]) else None


def wide_alpha(op: OperatorView) -> str | None:
    """A PRELU whose slopes vary along more than the depth."""
    alpha = op.parameters[0].shape if op.parameters else ()
    return f"its slopes have the shape {list(alpha)}" if math.prod(alpha[:-1]) > 1 else None


def squeezed_inside(op: OperatorView) -> str | None:
    """A dimension of 1 taken out behind a larger one."""
    before = op.activations[0].shape
    leading = len(before) - len(op.output.shape)
    if before[leading:] == op.output.shape:
        return None
    return f"{list(before)} becomes {list(op.output.shape)}"


def sliced_strangely(op: OperatorView) -> str | None:
    """Strides, an ellipsis or new dimensions in a slice."""
    steps = op.integers(3) or ()
    if any(step != 1 for step in steps):
        return f"its strides are {list(steps)}"
    for name in ("ellipsis_mask", "new_axis_mask"):
        if op.option(name, 0):
            return f"it has an {name}"
    return None


def long_softmax(op: OperatorView) -> str | None:
    """A softmax over more elements than were seen to map."""
    depth = op.output.shape[-1] if op.output.shape else 1
    return f"it is over {depth:,} elements" if depth > SOFTMAX_ELEMENTS else None


def imprecise_resize(op: OperatorView) -> str | None:
    """A bilinear resize by more than the weights of the interpolation can express."""
    (y, x, _), (to_y, to_x, _) = innermost(op.activations[0].shape), innermost(op.output.shape)
    scale = max(to_y / y, to_x / x)
    return f"it resizes {y}x{x} to {to_y}x{to_x}, by {scale:.3g}" if scale > RESIZE_SCALE else None


def large_resize(op: OperatorView) -> str | None:
    """A resize whose input and output do not fit the chip together."""
    needed = size(op.activations[0]) + size(op.output)
    if needed <= TILES * TILE_MEMORY:
        return None
    return f"input and output take {needed:,} bytes, of {TILES * TILE_MEMORY:,} on all tiles"


def large_prelu(op: OperatorView) -> str | None:
    """A PRELU whose input, output and the two halves between them do not fit the chip together."""
    needed = 4 * size(op.output)
    if needed <= TILES * TILE_MEMORY:
        return None
    return f"they take {needed:,} bytes, of {TILES * TILE_MEMORY:,} on all tiles"


def large_transpose(op: OperatorView) -> str | None:
    """A transposition whose input and output do not fit one tile together."""
    needed = size(op.activations[0]) + size(op.output)
    return f"input and output take {needed:,} bytes" if needed > TILE_MEMORY else None


def large_flat(op: OperatorView) -> str | None:
    """A tensor without rows that does not fit one tile."""
    for tensor in (*op.activations, *op.outputs):
        if is_flat(tensor.shape) and size(tensor) > TILE_MEMORY:
            return f"{tensor.label} of shape {list(tensor.shape)} takes {size(tensor):,} bytes"
    return None


def time_major_lstm(op: OperatorView) -> str | None:
    """Sequences whose first dimension is time and not the batch."""
    return "it is time-major" if op.option("time_major", False) else None
