"""Outputs have the shape that their operators give them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from checker_models import (
    GOOD,
    Model,
    activation,
    constant,
    findings_of,
    index,
    only,
    per_tensor,
    rules,
    weights,
)

CONV = GOOD["CONV_2D"]
DENSE = GOOD["FULLY_CONNECTED"]
ADD = GOOD["ADD"]
MEAN = GOOD["MEAN"]


@pytest.mark.parametrize("opcode", sorted(GOOD))
def test_outputs_have_the_shape_that_follows(opcode: str) -> None:
    model = GOOD[opcode]
    last = len(model.tensors) - 1
    shape = model.tensors[last].shape
    for wrong in ((*shape[:-1], shape[-1] + 1), (*shape, 1), (1, *shape), shape[:-1]):
        assert rules(findings_of(model.with_tensor(last, shape=wrong))) == ["shape"]


SHAPES: dict[str, Callable[[], Model]] = {
    "weights' rank": lambda: replace(CONV, tensors=(CONV.tensors[0], DENSE.tensors[1], *CONV.tensors[2:])),
    "weights' channels": lambda: CONV.with_tensor(0, shape=(1, 4, 4, 3)),
    "bias": lambda: replace(
        CONV, tensors=(*CONV.tensors[:2], GOOD["DEPTHWISE_CONV_2D"].tensors[2], CONV.tensors[3])
    ),
    "window larger than the image": lambda: CONV.with_options(dilation_w_factor=9),
    "depth multiplier": lambda: GOOD["DEPTHWISE_CONV_2D"].with_options(depth_multiplier=3),
    "depthwise channels": lambda: GOOD["DEPTHWISE_CONV_2D"].with_tensor(0, shape=(1, 4, 4, 3)),
    "dense input": lambda: DENSE.with_tensor(0, shape=(1, 31)),
    "kept dimensions": lambda: DENSE.with_options(keep_num_dims=True),
    "broadcast": lambda: ADD.with_tensor(1, shape=(1, 1, 1, 3)),
    "axes": lambda: replace(MEAN, tensors=(MEAN.tensors[0], index(4), MEAN.tensors[2])),
    "reshape": lambda: replace(
        GOOD["RESHAPE"], tensors=(GOOD["RESHAPE"].tensors[0], index(-1, 5), GOOD["RESHAPE"].tensors[2])
    ),
    "reshape twice -1": lambda: replace(
        GOOD["RESHAPE"], tensors=(GOOD["RESHAPE"].tensors[0], index(-1, -1), GOOD["RESHAPE"].tensors[2])
    ),
    "squeeze": lambda: GOOD["SQUEEZE"].with_options(squeeze_dims=(1,)),
    "paddings": lambda: replace(
        GOOD["PAD"], tensors=(GOOD["PAD"].tensors[0], index([0, 0], [1, -1]), GOOD["PAD"].tensors[2])
    ),
    "concatenation": lambda: GOOD["CONCATENATION"].with_tensor(1, shape=(1, 4, 3, 1)),
    "concatenation's axis": lambda: GOOD["CONCATENATION"].with_options(axis=4),
}


@pytest.mark.parametrize("case", SHAPES)
def test_shapes_that_contradict(case: str) -> None:
    only(SHAPES[case](), "shape")


def test_grouped_convolution_is_good() -> None:
    model = replace(
        CONV,
        tensors=(
            activation((1, 4, 4, 4)),
            weights((6, 3, 3, 2), per_tensor(0.01)),
            constant(np.zeros(6, np.int32), per_tensor(0.001)),
            activation((1, 2, 2, 6)),
        ),
    )
    assert findings_of(model) == ()


def test_padding_same_and_stride() -> None:
    model = CONV.with_options(padding="SAME", stride_w=3, stride_h=2).with_tensor(3, shape=(1, 2, 2, 3))
    assert findings_of(model) == ()
