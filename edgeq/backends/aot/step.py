"""What an operator becomes: a step, which is one call of a C kernel with everything constant prepared.

``ops/`` makes steps (one file per operator family), ``plan`` places their buffers, ``generate`` prints them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Value = int | float | str | None
"""Of a field of a kernel's parameters: a number, a float32; the suffix of the constant it points to; NULL."""


@dataclass(frozen=True, eq=False)
class Constant:
    """A const array in flash.

    Attributes:
        suffix: the array's name is the step's name plus this (``"weights"``).
        ctype: its C element type (``"int8_t"``).
        values: 1-D, of the matching numpy dtype.
        comment: what it holds and in which order, printed above it.
        align: its alignment in bytes.
        is_weights: whether it counts as weights (True) or as code and tables (False) in the flash report.
    """

    suffix: str
    ctype: str
    values: npt.NDArray[np.generic]
    comment: str = ""
    align: int = 4
    is_weights: bool = True


@dataclass(frozen=True, eq=False)
class Step:
    """One kernel call: ``kernel(&params, inputs…, states…, outputs…[, scratch]);``.

    Attributes:
        operator: the index of the operator in the graph.
        title: one readable line: operator, shapes, what is particular.
        kernel: the C function, declared in ``edgeq_kernels.h``.
        params_type: the C struct of its parameters (``"edgeq_conv_params"``).
        params: the struct's fields by name.
        inputs, outputs: tensor indices of activations, in the order of the call.
        states: tensor indices of variables that the kernel reads and writes.
        sources: kernel files below ``firmware_templates/aot/kernels`` that it needs.
        constants: the arrays that it uses.
        scratch: bytes of scratch, 4-byte aligned, passed as the last argument: NULL where it is 0. None where
            the kernel takes none.
        inplace: which of ``inputs`` (by position) the kernel may overwrite with ``outputs[0]`` at the same
            address.
        macs: multiply-accumulates of this step, by the layer's shape.
        batches: how often the kernel is called, each time for the next equal part of its first input and its
            output; ``macs`` are those of all.
        typed: whether the kernel takes its tensors by their own element types in C; else all as ``int8_t``.
        code: bytes of its kernel's code, where that is large and another kernel would do without.
        output_offset: bytes from the start of ``outputs[0]`` at which the call's output begins
            (CONCATENATION).
    """

    operator: int
    title: str
    kernel: str
    params_type: str
    params: Mapping[str, Value]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    sources: tuple[str, ...]
    constants: tuple[Constant, ...] = ()
    scratch: int | None = None
    inplace: tuple[int, ...] = ()
    macs: int = 0
    code: int = 0
    output_offset: int = 0
    states: tuple[int, ...] = ()
    batches: int = 1
    typed: bool = False
