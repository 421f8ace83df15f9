"""From a feature's integers to those of an input: proved for every value that there can be."""

from __future__ import annotations

import numpy as np

from edgeq.features.form import Array, Form
from edgeq.features.stage import Kernel

_SHORT = {"int16": "s16", "uint16": "u16"}
_FACTOR = 1 << 15
_WORD = 1 << 31


def domain(form: Form) -> Array:
    """Every value that an element of a form can have, in ascending order.

    Raises:
        ValueError: they are too many.
    """
    if form.dtype == "uint64":
        raise ValueError("features end in bytes or in 16 bits: put the stage log behind the power")
    limits = np.iinfo(form.numpy)
    return np.arange(limits.min, limits.max + 1).astype(form.numpy)


def quantizing(form: Form, answers: Array) -> Kernel:
    """The kernel that gives an input's integers, by the byte, for all elements of a form.

    Args:
        answers: what each value of :func:`domain` becomes; they never fall, or never rise.
    """
    wide = answers.astype(np.int64)
    size = form.elements
    if form.dtype == "uint8":
        return Kernel("edgeq_bytes", {"size": size, "table": "table"}, {"table": answers.astype(np.uint8)})
    suffix = _SHORT[form.dtype]
    values = domain(form).astype(np.int64)
    line = _line(values, wide)
    if line is not None:
        factor, add, shift = line
        fields: dict[str, int | str | None] = {
            "size": size,
            "factor": factor,
            "add": add,
            "shift": shift,
            "low": int(wide.min()),
            "high": int(wide.max()),
        }
        return Kernel(f"edgeq_scale_{suffix}", fields)
    steps = np.diff(wide)
    limits = np.repeat(values[1:], np.abs(steps)).astype(np.int32)
    fields = {
        "size": size,
        "first": int(wide[0]),
        "step": 1 if steps.sum() >= 0 else -1,
        "count": len(limits),
        "limits": "limits",
    }
    return Kernel(f"edgeq_limits_{suffix}", fields, {"limits": limits})


def _line(values: Array, answers: Array) -> tuple[int, int, int] | None:
    """(factor, add, shift) of (value factor + add) >> shift, cut off, that gives every answer in 32 bits."""
    low, high = answers.min(), answers.max()
    inside = np.flatnonzero((answers > low) & (answers < high))
    if len(inside) < 2:
        return None
    first, last = inside[0], inside[-1]
    slope = (answers[last] - answers[first]) / max(1, last - first)
    for shift in range(24, 0, -1):
        center = round(slope * (1 << shift))
        if abs(center) > _FACTOR:
            continue
        for factor in range(center - 64, center + 65):
            product = values * factor
            least = np.where(answers > low, (answers << shift) - product, -_WORD).max()
            most = np.where(answers < high, ((answers + 1) << shift) - product, _WORD).min() - 1
            add = int(least + most) // 2
            if (
                least <= add <= most
                and max(abs(int(product.min()) + add), abs(int(product.max()) + add)) < _WORD
            ):
                return int(factor), add, shift
    return None
