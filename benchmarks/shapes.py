"""Take the networks of examples/shapes to a board: one row of a Markdown table each.

    python benchmarks/shapes.py [--board sim-m4] [--samples 20] [NAME ...]

Each is converted on random data and judged on random samples: they are untrained. Exit code 1 where an output
differs from the oracle's.
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
FOLDER = REPOSITORY / "examples" / "shapes"
TIMEOUT = 900
TITLES = (
    "network", "MACs", "instructions", "a MAC", "flash", "of it code", "RAM", "of it arena", "exact outputs",
)  # fmt: skip


def deploy(name: str, board: str, samples: int, out: Path) -> dict[str, Any]:
    """The report of one network.

    Raises:
        SystemExit: with edgeq's own message, where a stage failed.
    """
    command = [sys.executable, "-m", "edgeq", "deploy", str(FOLDER / f"{name}_float.tflite"), "--json"]
    command += ["--random-calibration", "--samples", str(samples), "--board", board, "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    if done.returncode not in (0, 1):
        sys.exit(f"{name}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def row(name: str, report: dict[str, Any]) -> tuple[str, ...]:
    """One row of the table, in the order of TITLES."""
    latency, flash, ram, exactness = (report[key] for key in ("latency", "flash", "ram", "exactness"))
    count, macs = latency["instructions_warm"], latency["macs"]
    return (
        name,
        f"{macs:,}",
        "-" if count is None else f"{count:,}",
        "-" if count is None else f"{count / macs:.2f}",
        *(f"{value:,}" for value in (flash["total"], flash["code"], ram["total"], ram["arena"])),
        f"{exactness['exact']:,} of {exactness['outputs']:,}",
    )


def main() -> int:
    """Prints the table; 1 where an output differs."""
    known = sorted(path.name.removesuffix("_float.tflite") for path in FOLDER.glob("*_float.tflite"))
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(known)}; all without")
    parser.add_argument("--board", default="sim-m4")
    parser.add_argument("--samples", type=int, default=20)
    asked = parser.parse_args()
    exact = True
    print(f"| {' | '.join(TITLES)} |\n|---{'|---:' * (len(TITLES) - 1)}|")
    for name in asked.names or known:
        with tempfile.TemporaryDirectory() as place:
            report = deploy(name, asked.board, asked.samples, Path(place) / "out")
        exact &= report["exactness"]["exact"] == report["exactness"]["outputs"]
        print(f"| {' | '.join(row(name, report))} |", flush=True)
    return 0 if exact else 1


if __name__ == "__main__":
    sys.exit(main())
