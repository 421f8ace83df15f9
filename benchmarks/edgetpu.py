"""How well the prediction for the Edge TPU meets what the real compiler did, over folders of pairs.

    python benchmarks/edgetpu.py FOLDER...

A pair is ``X.tflite`` and ``X_edgetpu.tflite`` in one folder. Per model: how many operators are predicted
wrongly, and how far parameters and cycles are off where the package states them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from edgeq.base.errors import EdgeqError
from edgeq.edgetpu import mapped_operators, predict, read_packages
from edgeq.graph import load_model

SUFFIX = "_edgetpu.tflite"


def pairs(folders: list[Path]) -> Iterator[tuple[Path, Path]]:
    """The models and their compiled forms, by name."""
    for folder in folders:
        for compiled in sorted(folder.glob(f"*{SUFFIX}")):
            original = compiled.with_name(compiled.name.removesuffix(SUFFIX) + ".tflite")
            if original.is_file():
                yield original, compiled


def error(predicted: int, stated: int | None) -> str:
    """How far off, in percent of what is stated; empty where nothing is."""
    return f"{100 * (predicted - stated) / stated:+.1f} %" if stated else ""


def main(folders: list[Path]) -> int:
    """Print a table; 0 if any pair was found."""
    exact = total = 0
    print(f"{'model':<58} {'wrong':>6} {'of':>5} {'params':>9} {'cycles':>9}")
    for original, compiled in pairs(folders):
        try:
            graph = load_model(original)[1]
            output = load_model(compiled)[1]
            truth = mapped_operators(graph, output)
            packages = read_packages(output)
        except EdgeqError as problem:
            print(f"{original.stem[:58]:<58} left out: {problem.message}")
            continue
        prediction = predict(graph)
        wrong = sum(a != b for a, b in zip(prediction.mapped, truth, strict=True))
        total += 1
        exact += not wrong
        summary = prediction.summary
        parameters = sum(p.parameter_bytes_cached + p.parameter_bytes_streamed for p in packages)
        stated = sum(p.cycles or 0 for p in packages)
        print(
            f"{original.stem[:58]:<58} {wrong:>6} {len(truth):>5} "
            f"{error(summary.parameter_bytes_cached + summary.parameter_bytes_streamed, parameters):>9} "
            f"{error(summary.cycles, stated):>9}"
        )
    print(f"{exact} of {total} models exact")
    return 0 if total else 1


if __name__ == "__main__":
    sys.exit(main([Path(folder) for folder in sys.argv[1:]]))
