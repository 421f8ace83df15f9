"""What users reported the compiler to fail on though no rule is known against it: said as a warning."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from edgeq.edgetpu.view import OperatorView, innermost, size

_LARGE_JOIN = 60 * 152 * 90


class Report(NamedTuple):
    """A form of an operator that a compiler failed on.

    Attributes:
        operators: opcodes.
        holds: whether an operator is of that form.
        told: the form in words, after "Operator N (OPCODE)".
        source: where it was reported, and of which compiler.
        remedy: what avoids it.
    """

    operators: tuple[str, ...]
    holds: Callable[[OperatorView], bool]
    told: str
    source: str
    remedy: str


def _leaves_holes(op: OperatorView) -> bool:
    """Whether outputs lie between the windows, so that nothing reaches them."""
    kernel = op.parameters[1].shape if len(op.parameters) > 1 else ()
    strides = (op.option("stride_h", 1), op.option("stride_w", 1))
    return len(kernel) == 4 and any(
        isinstance(step, int) and step > span for step, span in zip(strides, kernel[1:3], strict=True)
    )


def _spreads_over_places(op: OperatorView) -> bool:
    """Whether of two computed tensors one has a single place for all places of the other."""
    places = [innermost(tensor.shape)[:2] for tensor in op.activations]
    return len(places) == 2 and places[0] != places[1]


def _stretches(op: OperatorView) -> bool:
    """Whether height and width grow by different factors."""
    (y, x, _), (to_y, to_x, _) = innermost(op.activations[0].shape), innermost(op.output.shape)
    return to_y * x != to_x * y


def _large_and_odd(op: OperatorView) -> bool:
    """Whether a large depth is joined of parts that do not fill the chip's groups of four channels."""
    depths = [innermost(tensor.shape)[2] for tensor in op.activations]
    return size(op.output) >= _LARGE_JOIN and any(depth % 4 for depth in depths)


REPORTS: tuple[Report, ...] = (
    Report(
        ("TRANSPOSE_CONV",), _leaves_holes, "has a stride larger than its kernel",
        "issue 64, compiler 13: Internal compiler error",
        "take a kernel of at least the stride",
    ),
    Report(
        ("ADD", "SUB"), _spreads_over_places, "adds one computed vector at every place of another tensor",
        "issue 707, compiler 16: Compilation failed",
        "repeat the vector with a RESIZE_NEAREST_NEIGHBOR or TILE first, or join it by CONCATENATION",
    ),
    Report(
        ("RESIZE_NEAREST_NEIGHBOR",), _stretches, "resizes height and width by different factors",
        "issue 206, compiler 14: fails now and then",
        "resize both axes alike, or repeat by TILE",
    ),
    Report(
        ("CONCATENATION",), _large_and_odd, "joins a large tensor of depths that are no multiples of 4",
        "issue 309, compiler 15: Internal compiler error, by the vendor's answer for its size",
        "make each part's depth a multiple of 4, or the input smaller",
    ),
)  # fmt: skip
"""Issues are those of github.com/google-coral/edgetpu."""


def reported(mapped: Sequence[OperatorView]) -> tuple[str, ...]:
    """A sentence for the first mapped operator of each form that was reported to fail.

    Args:
        mapped: the operators that keep every rule, in one set.
    """
    found = []
    for report in REPORTS:
        op = next((op for op in mapped if op.opcode in report.operators and report.holds(op)), None)
        if op is not None:
            found.append(
                f"{op.graph.describe(op.index)} {report.told}, which a compiler was reported to fail on "
                f"(google-coral/edgetpu {report.source}). If it does: {report.remedy}."
            )
    return tuple(found)
