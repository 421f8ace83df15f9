"""A million mutated frames to the firmware under sanitizers, and a million mutated answers to the client.

The firmware is compiled for this machine, and the line is in simulated time, so that a seed gives the same
run anywhere. It ends with 1 when the firmware crashes, either hangs, a wrong output is accepted, or the
transcript grows over its cap.

Run: python benchmarks/fuzz.py [--frames N] [--seed N]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "compiled" / "link"))

from compiling import compile_link
from fuzzing import BAUD, DEFINES, fuzz_client, fuzz_firmware, sanitizers
from line import Line

A_DEVICE = 50_000
"""Frames before the device starts anew."""


def fuzz(
    program: Path, frames: int, seed: int, one: Callable[[Line, int, int], Counter[str]]
) -> Counter[str]:
    """What came of so many frames."""
    found: Counter[str] = Counter()
    while found["frames"] < frames:
        line = Line(program, baud=BAUD)
        try:
            found += one(line, min(A_DEVICE, frames - found["frames"]), seed)
        finally:
            line.close()
        seed += 1
        print(f"\r{found['frames']:,} of {frames:,}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return found


def main() -> None:
    """Prints what came of them; ends with 1 after a mistake."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=1_000_000, help="to each")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        program = compile_link(folder / "device", "0" * 16, DEFINES, sanitizers())
        logs = folder / "logs"
        logs.mkdir()
        firmware = fuzz(program, asked.frames, asked.seed, fuzz_firmware)
        print(f"firmware: {dict(firmware)}", flush=True)
        client = fuzz(program, asked.frames, asked.seed, lambda *args: fuzz_client(*args, logs))
        print(f"client: {dict(client)}")
    good = {"frames", "answers", "right", "errors", "other model"}
    sys.exit(bool((set(firmware) | set(client)) - good))


if __name__ == "__main__":
    main()
