"""The TensorFlow Lite interpreter, always in a child process: the oracle, and the eyes of calibration."""

from edgeq.interpreter.adaptor import ORACLES, Resolver, oracle_name
from edgeq.interpreter.runner import (
    compute,
    observe,
    overwritten,
    ranges,
    run,
    run_all_tensors,
    sample_shape,
    smallest_arena,
)

__all__ = [
    "ORACLES",
    "Resolver",
    "compute",
    "observe",
    "oracle_name",
    "overwritten",
    "ranges",
    "run",
    "run_all_tensors",
    "sample_shape",
    "smallest_arena",
]
