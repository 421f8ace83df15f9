"""Random stacks of layers that can run by rows: windows, residual blocks, pools, and what ends them."""

from __future__ import annotations

from layers import ZERO, Layers
from nets import pooled

QUANT = (1.0, ZERO)


def stack(seed: int) -> Layers:
    """A net of a few layers on a small picture."""
    net = Layers(seed)
    chance = net.random
    height, width = (int(chance.integers(8, 24)) for _ in range(2))
    channels = int(chance.choice([1, 3, 4, 6]))
    x = net.input([1, height, width, channels], QUANT)
    for _ in range(int(chance.integers(2, 7))):
        kind = str(chance.choice(["conv", "wide", "depthwise", "pointwise", "pool", "residual", "table"]))
        padding = str(chance.choice(["SAME", "SAME", "VALID"]))
        height, width, channels = net.tensors[x].shape[1:]
        window, stride = (int(chance.choice(some)) for some in ([2, 3, 5], [1, 1, 2]))
        if kind == "residual":
            x = residual(net, x)
            continue
        if kind in ("pointwise", "table") or min(height, width) < max(window, 4):
            window = stride = 1
        out = [1, *(pooled(size, window, stride, padding) for size in (height, width))]
        steps = {"stride_h": stride, "stride_w": stride, "padding": padding}
        if kind in ("conv", "pointwise"):
            x = net.layer("CONV_2D", x, [*out, int(chance.choice([4, 7, 8]))], (window, window), **steps)
        elif kind == "wide":
            wide = [
                1,
                *(
                    pooled(size, *step, padding)
                    for size, step in ((height, (1, 1)), (width, (window, stride)))
                ),
            ]
            across = {"stride_h": 1, "stride_w": stride, "padding": padding}
            x = net.layer("CONV_2D", x, [*wide, 8], (1, window), **across)
        elif kind == "depthwise":
            x = net.layer("DEPTHWISE_CONV_2D", x, [*out, channels], (window, window), **steps)
        elif kind == "pool":
            sizes = {"filter_height": window, "filter_width": window, "fused_activation_function": "NONE"}
            opcode = str(chance.choice(["MAX_POOL_2D", "AVERAGE_POOL_2D"]))
            x = net.op(opcode, [x], [*out, channels], QUANT, **steps, **sizes)
        else:
            x = net.op("RELU", [x], [*out, channels], QUANT)
    if chance.random() < 0.6 and net.tensors[x].shape[1] * net.tensors[x].shape[2] <= 255:
        x = mean(net, x)
    net.outputs.append(x)
    return net


def residual(net: Layers, x: int) -> int:
    """Two convolutions, and what they were given added again."""
    shape = net.tensors[x].shape
    first = net.layer("CONV_2D", x, shape, (3, 3))
    second = net.layer("CONV_2D", first, shape, (3, 3))
    return net.op("ADD", [second, x], shape, QUANT, fused_activation_function="NONE")


def halved(net: Layers, x: int) -> int:
    """Two convolutions to half the rows, and what one of 1x1 makes of what they were given."""
    _, height, width, channels = net.tensors[x].shape
    shape = [1, -(-height // 2), -(-width // 2), 2 * channels]
    steps = {"stride_h": 2, "stride_w": 2}
    first = net.layer("CONV_2D", x, shape, (3, 3), **steps)
    second = net.layer("CONV_2D", first, shape, (3, 3))
    beside = net.layer("CONV_2D", x, shape, **steps)
    return net.op("ADD", [beside, second], shape, QUANT, fused_activation_function="NONE")


def resnet(rows: int) -> Layers:
    """A picture of so many rows, residual blocks, and the mean of what is left of them."""
    net = Layers(4)
    x = net.input([1, rows, 32, 3], QUANT)
    x = net.layer("CONV_2D", x, [1, rows, 32, 4], (3, 3))
    x = halved(net, residual(net, x))
    net.outputs.append(mean(net, halved(net, x)))
    return net


def mean(net: Layers, x: int) -> int:
    """Of all pixels, and a layer behind it."""
    _, height, width, channels = net.tensors[x].shape
    sizes = {"filter_height": height, "filter_width": width, "stride_h": height, "stride_w": width}
    options = {"padding": "VALID", "fused_activation_function": "NONE", **sizes}
    pooled_ = net.op("AVERAGE_POOL_2D", [x], [1, 1, 1, channels], net.same_quant(x), **options)
    return net.layer("FULLY_CONNECTED", pooled_, [1, 5])
