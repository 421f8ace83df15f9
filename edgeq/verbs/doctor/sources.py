"""Which sources other than .tflite this machine reads, and what helps where it does not."""

from __future__ import annotations

from edgeq.converter.sources import FRAMEWORKS, Environments, probe
from edgeq.verbs.doctor.machine import Need

_MARKS = {"tensorflow": "Keras, SavedModel", "onnx": "ONNX", "torch": "PyTorch"}


def examine_sources(environments: Environments) -> tuple[Need, ...]:
    """Ask the Python of each framework; none is required, for a .tflite file needs none.

    Returns:
        one Need for each framework, whose command makes its environment.
    """
    needs = []
    for framework in FRAMEWORKS.values():
        seen = probe(framework, environments)
        needs.append(
            Need(
                _MARKS[framework.name],
                "ok" if seen.works else "missing",
                seen.found,
                f"{framework.purpose}, made float .tflite",
                "" if seen.works else framework.command,
            )
        )
    return tuple(needs)
