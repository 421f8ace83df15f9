"""The TensorFlow Lite interpreter, always in a child process: the oracle, and the eyes of calibration."""

from edgeq.interpreter.adaptor import Resolver, oracle_name
from edgeq.interpreter.child import InterpreterError
from edgeq.interpreter.oracle import LARGEST_SUM, ORACLES, Answers, Oracle, judged, usual_oracle
from edgeq.interpreter.session import (
    compute,
    observe,
    overwritten,
    prepare,
    ranges,
    run,
    run_all_tensors,
    sample_shape,
    smallest_arena,
)

__all__ = [
    "LARGEST_SUM",
    "ORACLES",
    "Answers",
    "InterpreterError",
    "Oracle",
    "Resolver",
    "compute",
    "judged",
    "observe",
    "oracle_name",
    "overwritten",
    "prepare",
    "ranges",
    "run",
    "run_all_tensors",
    "sample_shape",
    "smallest_arena",
    "usual_oracle",
]
