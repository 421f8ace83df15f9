"""``edgeq inspect``: what is inside a model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgeq.cli.options import model_argument, verb
from edgeq.cli.output import Output
from edgeq.cli.text import clean, one_line, size

if TYPE_CHECKING:
    from rich.console import Console

_NAMED = 12


@verb("inspect")
@model_argument
def inspect(output: Output, model: Path, signature: str | None) -> None:
    """Show MODEL's inputs and outputs, operators and tensors, and the code that goes around it in firmware.

    With -v constants (weights and biases) are listed too. Of a model compiled for the Edge TPU also what is
    in its packages: parameters on the chip and streamed, instructions, estimated cycles, runtime version.
    """
    from edgeq.verbs.inspect import inspect as look

    found = look(model, signature)
    output.result(found, lambda console: _show(console, found, constants=output.verbosity > 0))


def _show(console: Console, found: dict[str, Any], *, constants: bool) -> None:
    from rich.text import Text

    model = found["model"]
    head = f"{clean(model['name'])}  {size(model['bytes'])}, constants {size(model['constants'])}"
    console.print(Text.assemble((head, "bold"), f", {model['macs']:,} MACs, sha256 {model['sha256'][:16]}…"))
    if "edgetpu" in found:
        _compiled(console, found["edgetpu"])
    _operators(console, found)
    _tensors(console, found, constants=constants)
    for role, key, left in (("inputs", "quantize", "q = "), ("outputs", "dequantize", "x = ")):
        for io in found[role]:
            title = f"\n{role[:-1]} {one_line(io['name'], 60)}: {io['dtype'].lower()} {io['shape']}"
            console.print(Text(title, "bold"), soft_wrap=True)
            if io["means"] is not None and len(io["means"]) == 1:
                console.print(f"  mean {io['means'][0]:g}, std {io['stds'][0]:.7g}", soft_wrap=True)
            if io[key]:
                console.print(f"  {left}{io[key]};", soft_wrap=True)


def _compiled(console: Console, edgetpu: dict[str, Any]) -> None:
    from rich.text import Text

    for package in edgetpu["packages"]:
        compiler = f", compiler {one_line(package['compiler'], 60)}" if package["compiler"] else ""
        kinds = " + ".join(executable["kind"] for executable in package["executables"])
        console.print(
            Text(f"\nEdge TPU package in operator {package['operator']}: {kinds}{compiler}", "bold")
        )
        cycles = "not stated" if package["cycles"] is None else f"{package['cycles']:,}"
        console.print(
            f"  runtime version {package['min_runtime_version']} or later, {size(package['bytes'])}"
        )
        console.print(
            f"  parameters {size(package['parameter_bytes_cached'])} on the chip, "
            f"{size(package['parameter_bytes_streamed'])} streamed at every inference"
        )
        console.print(f"  instructions {size(package['instruction_bytes'])}, estimated cycles {cycles}")
    left = edgetpu["cpu_operators"]
    told = ", ".join(f"{one['index']} {clean(one['opcode'])}" for one in left[:_NAMED])
    more = f" and {len(left) - _NAMED} more" if len(left) > _NAMED else ""
    console.print(f"  on the CPU: {told or 'nothing'}{more}\n", soft_wrap=True)


def _operators(console: Console, found: dict[str, Any]) -> None:
    table = _table("op", "operator", "inputs", "outputs", "MACs")
    tensors = found["tensors"]
    for operator in found["operators"]:
        inputs = [_short(tensors[i]) for i in operator["inputs"] if i >= 0 and not tensors[i]["constant"]]
        outputs = [_short(tensors[i]) for i in operator["outputs"]]
        activation = operator["options"].get("fused_activation_function", "NONE")
        name = clean(operator["opcode"]) + ("" if activation == "NONE" else f" + {activation}")
        macs = f"{operator['macs']:,}" if operator["macs"] else ""
        table.add_row(str(operator["index"]), name, " ".join(inputs), " ".join(outputs), macs)
    console.print(table)


def _tensors(console: Console, found: dict[str, Any], *, constants: bool) -> None:
    table = _table("#", "tensor", "type", "shape", "bytes", "scale", "zero", "min", "max")
    for tensor in found["tensors"]:
        if tensor["constant"] and not constants:
            continue
        scales, zeros = tensor["scales"] or [], tensor["zero_points"] or []
        several = f"{len(scales)} channels" if len(scales) > 1 else ""
        table.add_row(
            str(tensor["index"]),
            one_line(tensor["name"], 48),
            tensor["dtype"].lower() + (" const" if tensor["constant"] else ""),
            "x".join("?" if n < 0 else str(n) for n in tensor["shape_signature"]) or "scalar",
            "" if tensor["bytes"] is None else f"{tensor['bytes']:,}",
            several or (f"{scales[0]:.7g}" if scales else ""),
            "" if several or not zeros else str(zeros[0]),
            *("" if several or not tensor[key] else f"{tensor[key][0]:.5g}" for key in ("mins", "maxs")),
        )
    console.print()
    console.print(table)


def _short(tensor: dict[str, Any]) -> str:
    return f"#{tensor['index']}:{'x'.join(map(str, tensor['shape'])) or 'scalar'}"


def _table(*columns: str) -> Any:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(
            column,
            justify="right" if column in ("op", "#", "MACs", "bytes", "zero", "min", "max") else "left",
        )
    return table
