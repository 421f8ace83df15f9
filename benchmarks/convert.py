"""Measure `edgeq convert` as a whole process against TensorFlow's converter: a row of a Markdown table each.

    python benchmarks/convert.py [NAME ...] [--mode auto] [--samples 100] [--runs 5] [--models FOLDER]

A run of edgeq starts Python, reads the float .tflite and the samples, calibrates in a child process,
quantizes and writes the file. A run of the other side does the same with the same model and samples, its
import included; the column "alone" is the conversion without start and import. The other side is TensorFlow
where EDGEQ_TF_PYTHON, or this Python, has it: the model is built anew as a TensorFlow function, and its
outputs are compared with the .tflite's in LiteRT first (this also has the operating system read TensorFlow
once before it is timed). Else it is LiteRT's classic quantizer. Memory is that of the largest process. Both
sides run in turn. Exit code 1 where edgeq's median exceeds --limit seconds, or its memory --limit-mb.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

import numpy as np
from cases import MODELS_FOLDER, NAMES, Case, case
from rivals import CLOSE, Conversion, Process, Rival, classic, measured, tensorflow

TITLES = ("model", "bytes", "best s", "median s", "worst s", "peak MB")


def once(model: Path, data: Path, mode: str) -> Process:
    """What one run of edgeq takes. SystemExit with its own message where it fails."""
    out = model.with_name("out.tflite")
    command = [sys.executable, "-m", "edgeq", "convert", str(model), "--calibration", str(data)]
    command += ["--out", str(out), "--force", "--quiet", "--mode", mode]
    log = model.with_name("log")
    code, process, _ = measured(command, log)
    if code:
        sys.exit(f"{model.name}: exit code {code}\n{log.read_text(errors='replace')}")
    return process


def measure(
    one: Case, rival: Rival | None, samples: int, runs: int, mode: str
) -> tuple[list[Process], list[Conversion]]:
    """Runs of edgeq, and runs of the other side between them."""
    x = one.x[np.arange(samples) % len(one.x)]
    if rival is not None:
        off = rival.off_by(one.model, x)
        if not off < CLOSE:
            sys.exit(f"{rival.title}'s function of {one.name} is off by {off:g}")
    ours: list[Process] = []
    theirs: list[Conversion] = []
    with tempfile.TemporaryDirectory() as name:
        model, data = Path(name) / f"{one.name}.tflite", Path(name) / "x.npy"
        model.write_bytes(one.model)
        np.save(data, x)
        for _ in range(runs):
            ours.append(once(model, data, mode))
            if rival is not None:
                theirs.append(rival.convert(one.model, [x]))
    return ours, theirs


def row(one: Case, ours: list[Process], theirs: list[Conversion]) -> str:
    """A line of the table."""
    seconds = [process.seconds for process in ours]
    median = statistics.median(seconds)
    cells = [one.name, f"{len(one.model):,}", f"{min(seconds):.2f}", f"{median:.2f}", f"{max(seconds):.2f}"]
    cells.append(f"{max(process.megabytes for process in ours):.0f}")
    if theirs:
        whole = statistics.median(found.process.seconds for found in theirs)
        alone = statistics.median(found.seconds[0] for found in theirs)
        megabytes = max(found.process.megabytes for found in theirs)
        cells += [f"{whole:.2f}", f"{alone:.2f}", f"{megabytes:.0f}", f"{whole / median:.1f}"]
    return "| " + " | ".join(cells) + " |"


def main() -> int:
    """Print the table; 1 where a model took too long, or too much memory."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", default=NAMES, metavar="NAME", help=f"of {', '.join(NAMES)}")
    parser.add_argument("--models", type=Path, default=MODELS_FOLDER, help="where MLPerf Tiny's models are")
    parser.add_argument("--mode", choices=("auto", "minmax"), default="auto")
    parser.add_argument("--samples", type=int, default=100)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--limit", type=float, default=3, help="seconds that the median may take")
    parser.add_argument("--limit-mb", type=float, default=200, help="megabytes that a process may hold")
    arguments = parser.parse_args()
    rival = tensorflow() or classic()
    titles = list(TITLES)
    if rival is not None:
        titles += [f"{rival.title} s", "alone s", "peak MB", "times faster"]
    print("| " + " | ".join(titles) + " |\n|" + "---|" * len(titles), flush=True)
    over = False
    tool = ""
    for name in arguments.names:
        one = case(name, arguments.models)
        ours, theirs = measure(one, rival, arguments.samples, arguments.runs, arguments.mode)
        print(row(one, ours, theirs), flush=True)
        tool = theirs[0].tool if theirs else ""
        over = over or statistics.median(process.seconds for process in ours) > arguments.limit
        over = over or max(process.megabytes for process in ours) > arguments.limit_mb
    if tool:
        print(f"\nagainst {tool}")
    return int(over)


if __name__ == "__main__":
    sys.exit(main())
