"""Whether boards of one core count the same: the MLPerf Tiny models on each, by each compiler.

    python benchmarks/boards.py [--boards sim-m4 mps2_an386] [--toolchains gcc zig] [NAME ...]

A row of a Markdown table for each model and compiler: the instructions of a warm inference on each board,
and by how much the last board differs from the first. Exit code 1 where an output differs from the oracle's,
or the counts by more than one percent.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from models import MODELS, MODELS_FOLDER, deploy, figure

CLOSE = 0.01


def row(name: str, boards: list[str], toolchain: str, models: Path, samples: int) -> tuple[list[str], bool]:
    """The cells of one model by one compiler, and whether all is well with them."""
    counts, exact = [], True
    for board in boards:
        with tempfile.TemporaryDirectory() as folder:
            model = models / f"{name}_int8.tflite"
            report = deploy(model, None, board, samples, Path(folder) / "out", toolchain=toolchain)
        counts.append(report["latency"]["instructions_warm"])
        exact = exact and report["exactness"]["exact"] == report["exactness"]["outputs"]
    difference = None if None in counts else counts[-1] / counts[0] - 1
    told = "-" if difference is None else f"{100 * difference:+.4f} %"
    cells = [name, toolchain, *map(figure, counts), told, "yes" if exact else "NO"]
    return cells, exact and difference is not None and abs(difference) <= CLOSE


def main() -> int:
    """Print the table; 0 where everything was exact and the counts agree."""
    parser = argparse.ArgumentParser(description="Compare boards by the instructions that they count.")
    parser.add_argument("names", nargs="*", default=MODELS, metavar="NAME", help=f"of {', '.join(MODELS)}")
    parser.add_argument("--boards", nargs="+", default=["sim-m4", "mps2_an386"])
    parser.add_argument("--toolchains", nargs="+", default=["gcc", "zig"])
    parser.add_argument("--models", type=Path, default=MODELS_FOLDER)
    parser.add_argument("--samples", type=int, default=5, help="inputs a model")
    arguments = parser.parse_args()

    titles = ("model", "compiler", *arguments.boards, "difference", "exact")
    print("| " + " | ".join(titles) + " |\n|" + "---|" * len(titles), flush=True)
    all_good = True
    for name in arguments.names:
        for toolchain in arguments.toolchains:
            cells, good = row(name, arguments.boards, toolchain, arguments.models, arguments.samples)
            print("| " + " | ".join(cells) + " |", flush=True)
            all_good = all_good and good
    return 0 if all_good else 1


if __name__ == "__main__":
    sys.exit(main())
