"""Measure `edgeq convert` as a whole process: seconds and peak memory, one row of a Markdown table each.

    python benchmarks/convert.py [--mode auto] [--samples 100] [--runs 5] [--limit 3] [--models FOLDER]

A run starts Python, reads the model and the calibration data, calibrates in a child process, quantizes and
writes the file. Memory is that of the largest process. Exit code 1 where the median exceeds the limit.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from edgeq.graph import load_model

REPOSITORY = Path(__file__).resolve().parent.parent
MODELS_FOLDER = REPOSITORY.parent / "shared" / "models" / "mlperf_tiny"
DIGITS = REPOSITORY / "examples" / "digits" / "digits_float.tflite"
TITLES = ("model", "bytes", "best s", "median s", "worst s", "peak MB")


def calibration(model: Path, samples: int, folder: Path) -> Path:
    """Seeded noise for every input of a model."""
    _, graph = load_model(model)
    rng = np.random.default_rng(0)
    arrays = {
        t.name: rng.normal(0, 1, (samples, *t.shape[1:])).astype(np.float32) for t in graph.input_tensors
    }
    path = folder / f"{model.stem}.npz"
    np.savez(path, **(arrays if len(arrays) > 1 else {"x": next(iter(arrays.values()))}))
    return path


def once(model: Path, data: Path, out: Path, mode: str) -> tuple[float, float]:
    """Seconds and megabytes of one run. SystemExit with edgeq's own message where it fails."""
    command = [sys.executable, "-m", "edgeq", "convert", str(model), "--calibration", str(data)]
    command += ["--out", str(out), "--force", "--quiet", "--mode", mode]
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{model.name}: exit code {process.returncode}")
    return seconds, usage.ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def main() -> int:
    """Print the table; 1 where a model took too long."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--models", type=Path, default=MODELS_FOLDER, help="where the float models are")
    parser.add_argument("--mode", choices=("auto", "minmax"), default="auto")
    parser.add_argument("--samples", type=int, default=100)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--limit", type=float, default=3, help="seconds that the median may take")
    arguments = parser.parse_args()
    models = [DIGITS, *sorted(arguments.models.glob("*_float.tflite"))]
    models = [model for model in models if model.is_file()]
    if not models:
        sys.exit(f"no *_float.tflite in {arguments.models}")
    print("| " + " | ".join(TITLES) + " |")
    print("|" + "---|" * len(TITLES))
    slow = False
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for model in models:
            data = calibration(model, arguments.samples, folder)
            seconds, megabytes = zip(
                *(once(model, data, folder / "out.tflite", arguments.mode) for _ in range(arguments.runs)),
                strict=True,
            )
            median = statistics.median(seconds)
            slow = slow or median > arguments.limit
            numbers = (f"{min(seconds):.2f}", f"{median:.2f}", f"{max(seconds):.2f}", f"{max(megabytes):.0f}")
            print(f"| {model.stem} | {model.stat().st_size:,} | " + " | ".join(numbers) + " |", flush=True)
    return int(slow)


if __name__ == "__main__":
    sys.exit(main())
