"""``edgeq convert``: a float model becomes a strict int8 one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgeq.cli.options import model_argument, verb
from edgeq.cli.output import Output
from edgeq.cli.settings import calibration, settings_from

if TYPE_CHECKING:
    from rich.console import Console


@verb("convert")
@model_argument
def convert(output: Output, /, model: Path, out: Path | None, force: bool, **flags: Any) -> None:
    """Quantize the float MODEL to integers, by calibration data that shows what real inputs look like.

    MODEL is a .tflite, .keras, .h5, .onnx or .pt2 file, a SavedModel folder, or module:function that returns
    a PyTorch module and an example input. `edgeq doctor` shows which of these this machine can read.
    """
    from edgeq.base.files import refuse_existing_file, write_atomic
    from edgeq.converter.sources import source_name
    from edgeq.graph import is_model_file, model_hash
    from edgeq.verbs.convert import convert_float, form_name
    from edgeq.verbs.from_settings import environments
    from edgeq.verbs.sources import load_any

    settings = settings_from(flags)
    target = out if out is not None else Path(form_name(source_name(model), settings.integers) + ".tflite")
    if not is_model_file(target):  # which may be what comes of it again
        refuse_existing_file(target, force=force)
    with output.progress() as progress:
        loaded = load_any(model, environments(settings), progress, flags["signature"])
        data, graph = loaded.model, loaded.graph
        converted = convert_float(data, graph, calibration(settings, flags), progress)
        write_atomic(target, converted.model, force=force)
    result = {
        "model": {"name": graph.name, "sha256": model_hash(data), "bytes": len(data)},
        "converted": {
            "path": str(target),
            "sha256": model_hash(converted.model),
            "bytes": len(converted.model),
        },
        "notes": [*loaded.notes, *converted.notes],
    }
    output.result(result, lambda console: _show(console, target, len(data), len(converted.model)))


def _show(console: Console, target: Path, before: int, after: int) -> None:
    from edgeq.cli.text import size

    console.print(f"{target}  {size(after)} (float: {size(before)})", soft_wrap=True)
