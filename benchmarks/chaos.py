"""10,000 samples over a line on which everything goes wrong, against a clean one, in simulated time.

The real firmware (compiled for this machine around a stand-in runtime) and the real client speak over a line
that corrupts one unit of 64 bytes in a hundred and drops one in a hundred (a byte of it, or all), behind a
connection that is closed every 200 samples on average, to a device that starts anew as often. A seed gives
the same run anywhere.

Run: python benchmarks/chaos.py [--samples N] [--seeds N] [--baud N]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "compiled" / "link"))

from chaos import course
from compiling import compile_link
from line import OUTPUTS

MODELS = {"kws": 490, "vww": 27648}
MOST = 3.0


def main() -> None:
    """Prints the table; ends with 1 when a result is wrong or missing, or all took too long."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=10_000, help="of kws; of vww a twentieth")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--baud", type=int, default=115_200)
    asked = parser.parse_args()
    failed = False
    print("| model | seed | right | faults | resets | closed | clean s | s | times |\n" + "|---" * 9 + "|")
    with tempfile.TemporaryDirectory() as folder:
        for name, size in MODELS.items():
            samples = asked.samples if name == "kws" else asked.samples // 20
            macros = {"INPUT_BYTES": size, "OUTPUT_BYTES": OUTPUTS, "ONE_OUTPUT": 1, "SPENDS": 0}
            defines = [f"-D{macro}={value}" for macro, value in macros.items()]
            program = compile_link(Path(folder) / name, "0" * 16, defines)
            for seed in range(1, asked.seeds + 1):
                run = course(program, size, samples, baud=asked.baud, seed=seed)
                times = run.chaotic / run.clean
                failed |= run.right != samples or times > MOST
                print(
                    f"| {name} | {seed} | {run.right:,} of {samples:,} | {run.faults:,} | {run.resets} | "
                    f"{run.closes} | {run.clean:.0f} | {run.chaotic:.0f} | {times:.2f} |",
                    flush=True,
                )
    sys.exit(failed)


if __name__ == "__main__":
    main()
