"""``edgeq compile``: int8 models through the Edge TPU compiler, and its answer in the open."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edgeq.cli.options import verb
from edgeq.cli.output import Output
from edgeq.cli.settings import settings_from

if TYPE_CHECKING:
    from rich.console import Console

    from edgeq.edgetpu.compiler import Options
    from edgeq.verbs.compile import Compiled
    from edgeq.verbs.settings import Settings


@verb("compile")
@click.argument("models", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="MODEL...")
def compile(  # noqa: A001  # the verb's name
    output: Output, /, models: tuple[Path, ...], out: Path | None, force: bool, **flags: Any
) -> int:
    """Compile int8 or uint8 models for the Coral Edge TPU with the vendor's edgetpu_compiler.

    Several models are compiled to share one device's memory. The output folder gets the models, the compiled
    models, the compiler's log and compile.json. The compiler's answer is compared with edgeq's prediction.
    Exit code 3 where the compiler is missing (the prediction is still made), 4 where it fails.
    """
    from edgeq.verbs.compile import CompileRequest, compile_files
    from edgeq.verbs.from_settings import measured_on

    settings = settings_from(flags)
    request = CompileRequest(
        models=models,
        out=out,
        compiler=settings.edgetpu_compiler,
        options=_options(settings, flags),
        min_mapped=settings.min_mapped,
        find_culprit=flags["find_culprit"],
        cut=flags["cut"],
        balance=flags["balance"],
        measured_on=measured_on(settings, flags["measure_on"]),
        force=force,
        signature=flags["signature"],
    )
    with output.progress() as progress:
        compiled = compile_files(request, progress)
    output.result(compiled.to_dict(), lambda console: _show(output, console, compiled))
    return 0 if compiled.passed else 1


def _options(settings: Settings, flags: dict[str, Any]) -> Options:
    from edgeq.edgetpu.compiler import NEWEST_RUNTIME, Options
    from edgeq.verbs.compile import tensor_names

    return Options(
        min_runtime_version=settings.min_runtime_version or NEWEST_RUNTIME,
        segments=flags["segments"],
        multiple_subgraphs=flags["multiple_subgraphs"],
        intermediate_tensors=tensor_names(flags["intermediate_tensors"]),
        search_delegate=flags["search_delegate"],
        timeout=flags["timeout"],
        retries=flags["retries"],
    )


def _show(output: Output, console: Console, compiled: Compiled) -> None:
    from rich.table import Table

    from edgeq.cli.findings import show_findings
    from edgeq.cli.text import clean, size

    for summary in compiled.compilation.log.models:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for column in ("operator", "count", "status"):
            table.add_column(column, justify="right" if column == "count" else "left", overflow="fold")
        for row in summary.rows:
            table.add_row(clean(row.operator), str(row.count), clean(row.status))
        console.print(table)
        sizes = [
            f"{name} {size(count)}"
            for name, count in (
                ("cached", summary.cached_bytes),
                ("free", summary.remaining_bytes),
                ("streamed", summary.streamed_bytes),
            )
            if count is not None
        ]
        console.print(f"parameters: {', '.join(sizes) or 'not told'}")
    show_findings(console, compiled.findings)
    for file in compiled.files:
        console.print(clean(str(file)), soft_wrap=True)
    if compiled.split is not None:
        told = "measured" if compiled.split.tried else "predicted"
        times = ", ".join(f"{time:.3g}" for time in compiled.split.milliseconds)
        console.print(f"parts take {times} ms ({told})")
    if compiled.runs is not None:
        output.next(console, "edgeq", "run", compiled.runs, "--board", "coral")
