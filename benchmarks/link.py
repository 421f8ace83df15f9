"""How much of a serial line the link uses, and what faults on it cost. All of it in simulated time.

The real firmware (compiled for this machine around a stand-in runtime) and the real client speak over a line
that counts line time and nothing else, so the figures are the same on any machine.

Run: python benchmarks/link.py [--long]
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "compiled" / "link"))

from compiling import compile_link
from line import FAULTS, OUTPUTS, Line, scores

from edgeq.targets.link import Client, Quality

MODELS = {"kws": 490, "vww": 27648}
LINES = [(baud, latency) for baud in (115_200, 1_000_000) for latency in (0.0, 0.001, 0.016)]
RATE = 0.01


def run(program: Path, size: int, samples: int, baud: int, **options: object) -> tuple[float, Quality, int]:
    """Line seconds from the first sample's first byte to the last one's result; every result is looked at."""
    line = Line(program, baud=baud, **options)
    try:
        client = Client(line, clock=line.now, baud=baud)
        client.handshake()
        rng = random.Random(1)  # noqa: S311 - the same samples each time
        many = [[rng.randbytes(size)] for _ in range(samples)]
        client.infer(many[0])  # so that it is known how long one takes
        start = line.now()
        got = dict(client.infer_all(many))
        spent = line.now() - start
    finally:
        line.close()
    wrong = sum(got[place].outputs != [scores(data)] for place, (data,) in enumerate(many))
    if len(got) != samples or wrong:
        raise SystemExit(f"{wrong} of {len(got)} results are wrong, {samples - len(got)} are missing")
    return spent, client.quality, line.faults


def main() -> None:
    """Prints both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--long", action="store_true", help="10,000 samples for each fault")
    samples = {"kws": 10_000 if parser.parse_args().long else 500, "vww": 100}
    with tempfile.TemporaryDirectory() as folder:
        programs = {
            name: compile_link(
                Path(folder) / name,
                "0" * 16,
                [f"-DINPUT_BYTES={size}", f"-DOUTPUT_BYTES={OUTPUTS}", "-DONE_OUTPUT=1", "-DSPENDS=0"],
            )
            for name, size in MODELS.items()
        }
        print("payload in per cent of the line rate, whole run, an inference taking no time\n")
        print("| model | baud | latency | % | round trip |\n|---|---|---|---|---|")
        clean: dict[tuple[str, int, float], float] = {}
        for name, size in MODELS.items():
            for baud, latency in [*LINES, (4800, 0.0)]:
                n = samples[name] if baud > 4800 else 2
                spent, quality, _ = run(programs[name], size, n, baud, latency=latency)
                clean[name, baud, latency] = spent
                trip = f"{(quality.round_trip or 0) * 1000:.1f} ms"
                share = 1000 * n * size / spent / baud
                print(f"| {name} | {baud:,} | {latency * 1000:.0f} ms | {share:.1f} | {trip} |")
        print(f"\n{RATE:.0%} of units of 64 bytes struck, both ways; time against the clean one\n")
        print("| model | baud | latency | " + " | ".join(FAULTS) + " |\n|---|---|---|" + "---|" * len(FAULTS))
        for name, size in MODELS.items():
            for baud, latency in LINES:
                cells = []
                for fault in FAULTS:
                    spent, _, _ = run(
                        programs[name],
                        size,
                        samples[name],
                        baud,
                        latency=latency,
                        fault=fault,
                        rate=RATE,
                        seed=7,
                    )
                    cells.append(f"{spent / clean[name, baud, latency]:.2f}")
                print(
                    f"| {name} | {baud:,} | {latency * 1000:.0f} ms | " + " | ".join(cells) + " |", flush=True
                )


if __name__ == "__main__":
    main()
