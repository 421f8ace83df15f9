"""A client of the farm. ``jobs.py PROJECT COORDINATOR LABGRID_PYTHON`` reads jobs' numbers.

A job has inputs of its own, runs them on whichever board it gets, and holds every answer against RELU.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

from edgeq.base.errors import EdgeqError
from edgeq.base.progress import SILENT
from edgeq.builder import load_image
from edgeq.graph import load_model
from edgeq.targets import Place
from edgeq.targets.farm import Farm
from edgeq.verbs.runtimes.session import FirmwareSession


def main(project: Path, coordinator: str, python: str) -> None:
    image, graph = load_image(project, "build"), load_model(project / "model.tflite")[1]
    place = Place(farm=Farm(tags={"board": "{board}"}, python=python, coordinator=coordinator, wait=120))
    for line in sys.stdin:
        job = int(line)
        inputs = np.random.default_rng(job).integers(-128, 128, (20, 1, 4), np.int8)
        answer: dict[str, object] = {"job": job}
        try:
            with FirmwareSession(graph, image, place, project / f"job{job}.log", SILENT) as session:
                got = [session.infer(one)[0] for one in inputs]
            answer["right"] = bool(np.array_equal(got, np.maximum(inputs, 0)))
        except EdgeqError as error:
            answer["error"] = error.message
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
