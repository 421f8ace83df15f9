"""What takes which operator: the runtimes, the converter, the Edge TPU. One table, by rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from edgeq.base.errors import UsageError
from edgeq.checker.operators import UNFUSED, Operand, Support
from edgeq.checker.runtimes import explanations_of, operators_of, runtimes
from edgeq.graph.schema import BUILTIN_CODES

CONVERTER = "convert"
EDGE_TPU = "edgetpu"
_SPACING = {
    "free": (),
    "moves-bytes": ("one scale for inputs and output, else a warning",),
    "as-input": ("one scale for inputs and output",),
    "equal": ("one scale for inputs and output",),
    "unrelated": (),
}
_WIDE = ("INT16",)
_USUAL = ("INT8",)


@dataclass(frozen=True)
class Row:
    """One form in which an operator is taken.

    Attributes:
        taker: a runtime, ``convert`` or ``edgetpu``.
        operator: the schema's name.
        version: the newest that is taken; of the converter the one that it writes.
        types: of the main input.
        outputs: the types of the outputs.
        inputs: the operands in words; empty where the taker says nothing of them.
        dimensions: the fewest and the most of the main input; empty as above.
        asks: what it asks for, in words.
        how: how it is computed, where that is told.
    """

    taker: str
    operator: str
    version: int
    types: tuple[str, ...]
    outputs: tuple[str, ...]
    inputs: str = ""
    dimensions: str = ""
    asks: tuple[str, ...] = ()
    how: str = ""

    @property
    def types_told(self) -> str:
        """``INT8``, or ``INT8 to BOOL``."""
        taken, given = ", ".join(self.types), ", ".join(self.outputs)
        return taken if taken == given else f"{taken} to {given}"


def takers() -> tuple[str, ...]:
    """Who takes operators: the runtimes of firmware, the converter, the Edge TPU."""
    return (*runtimes(), CONVERTER, EDGE_TPU)


def table(taker: str) -> tuple[Row, ...]:
    """The rows of one of :func:`takers`, by the operators' names."""
    if taker == CONVERTER:
        return tuple(_of_converter())
    return tuple(_of_edgetpu()) if taker == EDGE_TPU else tuple(_of_runtime(taker))


def operators(
    names: Sequence[str] = (), taker: str | None = None, dtype: str | None = None
) -> tuple[Row, ...]:
    """The rows that are asked for.

    Args:
        names: operators, in any case; none for all.
        taker: one of :func:`takers`; None for all.
        dtype: a type that a row's inputs or outputs have, in any case; None for all.

    Raises:
        UsageError: the schema has no operator of such a name, or nobody of that name takes any.
    """
    if taker and taker not in takers():
        raise UsageError(f"{taker!r} takes no operators", f"give one of: {', '.join(takers())}")
    wanted = {name.upper() for name in names}
    unknown = sorted(wanted - set(BUILTIN_CODES))
    if unknown:
        from difflib import get_close_matches

        near = get_close_matches(unknown[0], BUILTIN_CODES, n=1)
        hint = f"did you mean {near[0]}?" if near else "edgeq operators lists those that are taken"
        raise UsageError(f"TensorFlow Lite has no operator {unknown[0]}", hint)
    kind = dtype.upper() if dtype else None
    return tuple(
        row
        for one in ([taker] if taker else takers())
        for row in table(one)
        if (not wanted or row.operator in wanted) and (kind is None or kind in (*row.types, *row.outputs))
    )


def _of_runtime(runtime: str) -> Iterator[Row]:
    how = explanations_of(runtime)
    for name, forms in sorted(operators_of(runtime).items()):
        for position, form in enumerate(forms):
            low, high = form.ranks
            types = tuple(sorted(dtype.value for dtype in form.types))
            made = (form.outputs or form.types) | (form.further or frozenset())
            yield Row(
                taker=runtime,
                operator=name,
                version=form.max_version,
                types=types,
                outputs=tuple(sorted(dtype.value for dtype in made)),
                inputs=_inputs(form),
                dimensions=str(low) if low == high else f"{low} to {high}",
                asks=tuple(_demands(form)),
                how=how[name][position] if name in how else "",
            )


def _inputs(form: Support) -> str:
    """Operands; those of gates, of which one may be missing, stand for all."""
    every = (_operand(operand) for operand in form.operands)
    found = dict.fromkeys(re.sub(r"of the \w+ gate", "of each gate", word) for word in every)
    words = [
        word for word in found if (must := word.removesuffix(" (optional)")) == word or must not in found
    ]
    return ", ".join(words) + (", …" if form.repeats else "")


def _operand(operand: Operand) -> str:
    kind = "constant " if operand.constant else ""
    return f"{kind}{operand.name}" + (" (optional)" if operand.optional else "")


def _demands(form: Support) -> Iterator[str]:
    yield from _SPACING[form.spacing]
    if form.output_scale is not None:
        fixed = form.output_scale
        yield f"output scale 1/{round(1 / fixed.scale)}, zero point {fixed.zero_point}"
    if form.channel_axis is not None:
        yield f"weights' scales one or along dimension {form.channel_axis}"
    if form.activations != UNFUSED:
        yield "fused " + ", ".join(sorted(form.activations - UNFUSED))
    yield from (f"{name} {value}" for name, value in form.fixed)


def _of_converter() -> Iterator[Row]:
    from edgeq.converter.ops import RULES
    from edgeq.converter.substitutes import ways

    found = ways()
    for name in sorted({*RULES, *found}):
        rule = RULES.get(name)
        if name in found:
            yield Row(CONVERTER, name, 1, _USUAL, _USUAL, how=found[name])
        elif rule is not None:
            outputs = ("BOOL",) if rule.compares else ("INT32", "INT64") if rule.exact == (0,) else None
            yield Row(CONVERTER, name, rule.version, _USUAL, outputs or _USUAL)
            if rule.wide is not None:
                yield Row(CONVERTER, name, rule.wide, _WIDE, outputs or _WIDE)


def _of_edgetpu() -> Iterator[Row]:
    from edgeq.edgetpu.rules import SUPPORTED

    for name, support in sorted(SUPPORTED.items()):
        yield Row(EDGE_TPU, name, support.version, _USUAL, _USUAL, how=f"known from {support.source}")
