"""The Coral Edge TPU: what its compiler will make of a model, and what it has made of one."""

from edgeq.edgetpu.compiled import mapped_operators
from edgeq.edgetpu.package import Executable, Package, is_compiled, read_packages
from edgeq.edgetpu.predict import predict
from edgeq.edgetpu.prediction import Failure, Latency, OperatorPrediction, Prediction, Summary

__all__ = [
    "Executable",
    "Failure",
    "Latency",
    "OperatorPrediction",
    "Package",
    "Prediction",
    "Summary",
    "is_compiled",
    "mapped_operators",
    "predict",
    "read_packages",
]
