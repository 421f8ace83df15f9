"""Instructions and estimated cycles of preprocessing on simulated cores, a frame or a whole sample.

    python benchmarks/features.py [--boards sim-m0 sim-m3 sim-m4 mps3_an547] [PIPELINE ...]

The pipelines are those of tests/compiled/features/pipelines.py. Each becomes the input of a network of one
operator; counted is an inference of firmware that takes raw samples, less one of firmware that does not.
QEMU's boards estimate no cycles.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "compiled" / "features"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "compiled" / "aot"))

from native import compiled_graph
from nets import Net
from pipelines import PIPELINES, samples

from edgeq.builder import build
from edgeq.features import Preprocessing
from edgeq.features.program import program
from edgeq.graph import Graph
from edgeq.targets import open_target
from edgeq.targets.link import Client

CHOSEN = ("mfcc", "micro", "vibration", "statistics", "camera")


def network(step: Preprocessing) -> Graph:
    """Its input goes as it is to the output."""
    net, shape = Net(1, "one"), (1, *step.forms[-1].shape)
    net.op("RELU", (net.input(shape, (16.0, -128)),), shape, (16.0, -128), output=True)
    return net.graph()


def cost(graph: Graph, sample: bytes, board: str) -> tuple[int, int | None]:
    """Instructions of the second inference, and its estimated cycles."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name) / "project"
        compiled_graph(graph, None, board).write(place)
        image = build(place)
        with open_target(image) as target:
            target.flash(image)
            client = Client(target.open())
            client.handshake()
            for _ in range(2):
                count = client.infer([sample], measure=True).count
            return count or 0, target.cycles_estimated()


def main() -> None:
    """The table on stdout."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", default=CHOSEN, metavar="PIPELINE")
    parser.add_argument("--boards", nargs="*", default=["sim-m0", "sim-m3", "sim-m4"])
    arguments = parser.parse_args()
    print("| pipeline | core | instructions | cycles, estimated | of | RAM | tables |")
    print("|---|---|---:|---:|---|---:|---:|")
    for name in arguments.names:
        step = PIPELINES[name]
        plan = program(step)
        raw = samples(step, 10, 1)[-1]
        graph = network(step)
        plain = np.zeros(graph.input_tensors[0].shape, np.int8).tobytes()
        for board in arguments.boards:
            with_it = cost(graph.preprocessed((step,)), raw.tobytes(), board)
            without = cost(graph, plain, board)
            instructions = (with_it[0] - without[0]) // plan.count
            cycles = ""
            if with_it[1] is not None and without[1] is not None:
                cycles = f"{(with_it[1] - without[1]) // plan.count:,}"
            of = "a frame" if plan.frames is not None else "a sample"
            memory = f"{plan.ram:,} | {plan.flash:,}"
            print(f"| {name} | {board} | {instructions:,} | {cycles} | {of} | {memory} |")


if __name__ == "__main__":
    main()
