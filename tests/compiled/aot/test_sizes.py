"""Sizes of layers that a halfword does not hold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from exact import holds_here
from nets import Net

from edgeq.graph import DType

LONG = 70_000


def test_a_long_line(tmp_path: Path) -> None:
    """A convolution along time, over a recording: the structs of its network are as wide as that asks for."""
    net = Net(1, "long")
    x = net.input([1, 1, LONG, 1], (0.05, 3))
    weights = net.tensor(
        [2, 1, 3, 1], (0.01, 0), data=np.array([9, -80, 127, -3, 50, -128], np.int8).reshape(2, 1, 3, 1)
    )
    bias = net.tensor([2], (0.05 * 0.01, 0), data=np.array([100, -7], np.int32), dtype=DType.INT32)
    options = {"stride_h": 1, "stride_w": 10, "padding": "VALID", "fused_activation_function": "NONE"}
    net.op("CONV_2D", [x, weights, bias], [1, 1, LONG // 10, 2], (0.05, 4), output=True, **options)
    inputs = [np.random.default_rng(0).integers(-128, 128, (2, 1, LONG, 1)).astype(np.int8)]
    for board in ("host", "sim-m4"):
        files = holds_here(net, tmp_path, boards=(board,), inputs=inputs)
        assert b"typedef int32_t edgeq_size;" in files["src/kernels/edgeq_size.h"]
