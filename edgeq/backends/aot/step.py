"""What an operator becomes: a step, which is one call of a C kernel with everything constant prepared.

``ops/`` makes steps (one file per operator family), ``plan`` places their buffers, ``generate`` prints them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

SIZED = frozenset(f"edgeq_{stem}_params" for stem in ("conv", "depthwise", "fully_connected", "winograd"))
"""Structs whose sizes are ``edgeq_size``: as wide as the network's layers ask for."""
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
        is_weights: whether a profile counts it as weights (True) or as a table (False); in flash both are the
            model's constants.
    """

    suffix: str
    ctype: str
    values: npt.NDArray[np.generic]
    comment: str = ""
    align: int = 4
    is_weights: bool = True


@dataclass(frozen=True)
class Rows:
    """How a kernel is told to make some rows of its output: by other values of fields of its parameters.

    Attributes:
        extent, stride, pad: of the windows of input rows: output row ``y`` reads from ``y * stride - pad``
            on, ``extent`` rows, of those that there are.
        heights: the fields of the input's rows, the output's, and the rows of padding above the input.
        counts: fields that tell of how much there is where there are no ``heights``, and how much a row is.
        gathers: whether it makes one row of all inputs, in as many calls as there are parts of them; then the
            fields ``first`` and ``rows`` tell the part, its scratch is kept from call to call, and "output
            row" means a row that is read.
    """

    extent: int = 1
    stride: int = 1
    pad: int = 0
    heights: tuple[str, str, str] | None = ("input_height", "output_height", "pad_top")
    counts: tuple[tuple[str, int], ...] = ()
    gathers: bool = False

    def lowest(self, row: int) -> int:
        """The first input row under an output row; below 0 where it hangs over the edge."""
        return row * self.stride - self.pad

    def behind(self, row: int) -> int:
        """The first input row that the output rows below ``row`` do not need."""
        return (row - 1) * self.stride - self.pad + self.extent


@dataclass(frozen=True)
class Block:
    """Output pixels, in their order, whose inputs are all read before the first of them is written.

    Attributes:
        pixels: how many; where fewer are left, each is one alone.
        stride, pad: of the windows of input columns, as for :class:`Rows`.
    """

    pixels: int
    stride: int = 1
    pad: int = 0


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
        rows: how it makes its output by rows; None for a kernel that makes it whole.
        block: in which order it makes pixels, if it makes all of one before the next.
        planes: the most output rows of a call in which a kernel reads all it needs of some channels before it
            writes these, and nothing else, of as many outputs; 0 for another.
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
    rows: Rows | None = None
    block: Block | None = None
    planes: int = 0
