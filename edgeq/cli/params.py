"""``edgeq params``: quantization parameters from one form into the two others."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edgeq.base.errors import UsageError
from edgeq.cli.options import verb
from edgeq.cli.output import Output

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from edgeq.graph import Graph
    from edgeq.graph.quantization import Quantization


@verb("params")
@click.argument("model", type=click.Path(path_type=Path), required=False)
def params(output: Output, /, model: Path | None, values: tuple[float, ...], **flags: Any) -> None:
    """Show quantization parameters in their three forms: (mean, std), (scale, zero point), (min, max).

    Give one form and get the others, or give a MODEL and get those of every tensor. The type's own integers
    count: uint8 for the older form with mean and std. A float tensor reports (0.0, 0).
    """
    forms = {name: flags[name] for name in ("stats", "scale", "range") if flags[name] is not None}
    if len(forms) + (model is not None) != 1:
        raise UsageError(
            "one form, or a model, has to be given", "give one of --stats, --scale, --range or MODEL"
        )
    if model is not None:
        from edgeq.graph import load_model

        graph = load_model(model, flags["signature"])[1]
        tensors = _of_model(graph)
        output.result({"tensors": tensors}, lambda console: _show_model(console, tensors))
        return
    found = _of_form(*forms.popitem(), flags["type"])
    integers = [int(q) for q in found.quantize(values)] if values else []
    result = {
        **found.to_dict(),
        "values": [{"real": x, "integer": q} for x, q in zip(values, integers, strict=True)],
    }
    output.result(result, lambda console: _show(console, found, values, integers))


def _of_form(form: str, text: str, kind: str) -> Quantization:
    from edgeq.graph import DType
    from edgeq.graph.quantization import from_range, from_scale, from_stats

    dtype = DType(kind.upper())
    first, second = _pair(text, f"--{form}")
    if form == "stats":
        return from_stats(first, second, dtype)
    if form == "range":
        return from_range(first, second, dtype)
    if not second.is_integer():
        raise UsageError(f"zero point {second:g} is not an integer", "--stats takes a mean that is none")
    return from_scale(first, int(second), dtype)


def _pair(text: str, what: str) -> tuple[float, float]:
    try:
        first, second = (float(part) for part in text.split(","))
    except ValueError:
        raise UsageError(f"{what}: {text!r} is not two numbers", "write them as 127.5,127.5") from None
    if not abs(first) < float("inf") or not abs(second) < float("inf"):
        raise UsageError(f"{what}: {text!r} is not finite", "write two finite numbers")
    return first, second


def _of_model(graph: Graph) -> list[dict[str, Any]]:
    from edgeq.graph.quantization import of_tensor

    tensors = []
    for index, tensor in enumerate(graph.tensors):
        found = of_tensor(tensor)
        if found is not None:
            forms = [quantization.to_dict() for quantization in found]
            tensors.append({"index": index, "name": tensor.name, "parameters": forms})
    return tensors


def _show(console: Console, found: Quantization, values: Sequence[float], integers: Sequence[int]) -> None:
    console.print(f"{found.dtype.value.lower()}")
    console.print(f"  scale, zero point  {found.scale!r}, {found.zero_point}")
    if found.range is None:
        console.print("  not quantized")
        return
    console.print(f"  mean, std          {found.mean:.9g}, {found.std:.9g}")
    console.print(f"  min, max           {_both(found.range)}")
    held = found.nudged().range
    if held is not None and found.mean != found.zero_point:
        console.print(f"  min, max in effect {_both(held)}  (0.0 is made exact)")
    for value, integer in zip(values, integers, strict=True):
        console.print(f"  {value:g} -> {integer}")


def _both(limits: tuple[float, float]) -> str:
    return f"{limits[0]:.9g}, {limits[1]:.9g}"


def _show_model(console: Console, tensors: Sequence[dict[str, Any]]) -> None:
    from rich.table import Table

    from edgeq.cli.text import one_line

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("#", "tensor", "type", "scale", "zero", "mean", "std", "min", "max"):
        table.add_column(column, justify="left" if column in ("tensor", "type") else "right")
    for tensor in tensors:
        forms = tensor["parameters"]
        first = forms[0]
        head = (str(tensor["index"]), one_line(tensor["name"], 40), first["dtype"].lower())
        if len(forms) > 1:
            table.add_row(*head, f"{len(forms)} channels")
            continue
        numbers = [first[key] for key in ("mean", "std", "min", "max")]
        table.add_row(
            *head,
            f"{first['scale']:.7g}",
            str(first["zero_point"]),
            *("" if number is None else f"{number:.6g}" for number in numbers),
        )
    console.print(table)
