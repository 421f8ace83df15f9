"""Measure whole models on a board: one `edgeq deploy --json` each, one row of a Markdown table each.

    python benchmarks/models.py [--board sim-m4] [--models ../shared/models/mlperf_tiny] [NAME ...]

Instructions are executed guest instructions of one inference, not time. Arena and scratch are bytes of RAM by
the plan, "live peak" is the most that activations alone need at once; flash and stack come from the image and
the run. Exit code 1 where an output differs from the oracle's.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent
MODELS_FOLDER = REPOSITORY.parent / "shared" / "models" / "mlperf_tiny"
MODELS = ("ad", "kws", "vww", "ic")
DATA = {"kws": "kws_samples_int8.npz", "ad": "ad_samples_float.npz"}
TIMEOUT = 1800

TITLES = (
    "model", "MACs", "instructions, first", "warm", "per MAC",
    "arena", "live peak", "scratch", "flash: code", "weights", "stack", "exact",
)  # fmt: skip


def deploy(
    model: Path, data: Path | None, board: str, samples: int, out: Path, *, toolchain: str = "auto"
) -> dict[str, Any]:
    """The report of one model, with the plan's memory from the project's manifest under ``memory``.

    Raises:
        SystemExit: with edgeq's own message, where a stage failed.
    """
    judged_on = ["--data", str(data)] if data else ["--samples", str(samples)]
    command = [sys.executable, "-m", "edgeq", "deploy", str(model), *judged_on]
    command += ["--board", board, "--toolchain", toolchain, "--out", str(out), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    if done.returncode not in (0, 1):
        sys.exit(f"{model.name}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    report: dict[str, Any] = json.loads(done.stdout)
    report["memory"] = json.loads((out / "project" / "edgeq.json").read_text())["memory"]
    return report


def row(name: str, report: dict[str, Any]) -> tuple[str, ...]:
    """One row of the table, in the order of TITLES."""
    latency, memory, exactness = report["latency"], report["memory"], report["exactness"]
    first, warm, macs = latency["instructions_first"], latency["instructions_warm"], latency["macs"]
    numbers = (
        macs, first, warm, None if warm is None else warm / macs,
        report["ram"]["arena"], memory["live_peak"], memory["scratch"],
        report["flash"]["code"], report["flash"]["weights"], report["ram"]["stack"],
    )  # fmt: skip
    exact = f"{exactness['exact']:,} of {exactness['outputs']:,}"
    if exactness["off_by_one"]:
        exact += f", {exactness['off_by_one']:,} off by one"
    return (name, *map(figure, numbers), exact)


def figure(value: float | None) -> str:
    """A number as the table shows it; a dash where it was not measured."""
    if value is None:
        return "-"
    return f"{value:,.2f}" if isinstance(value, float) else f"{value:,}"


def main() -> int:
    """Print the table; 0 where every output of every model was exact."""
    parser = argparse.ArgumentParser(description="Measure the MLPerf Tiny int8 models on a board.")
    parser.add_argument("names", nargs="*", default=MODELS, metavar="NAME", help=f"of {', '.join(MODELS)}")
    parser.add_argument("--board", default="sim-m4")
    parser.add_argument(
        "--models", type=Path, default=REPOSITORY.parent / "shared" / "models" / "mlperf_tiny"
    )
    parser.add_argument("--samples", type=int, default=20, help="random inputs where there are no real ones")
    arguments = parser.parse_args()

    print("| " + " | ".join(TITLES) + " |\n|" + "---|" * len(TITLES), flush=True)
    all_exact = True
    with tempfile.TemporaryDirectory() as folder:
        for name in arguments.names:
            model = arguments.models / f"{name}_int8.tflite"
            data = arguments.models / DATA[name] if name in DATA else None
            report = deploy(model, data, arguments.board, arguments.samples, Path(folder) / name)
            all_exact = all_exact and report["exactness"]["exact"] == report["exactness"]["outputs"]
            print("| " + " | ".join(row(name, report)) + " |", flush=True)
    return 0 if all_exact else 1


if __name__ == "__main__":
    sys.exit(main())
