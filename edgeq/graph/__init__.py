"""The graph of a model, and reading and writing it as a .tflite file."""

from edgeq.graph.model import ABSENT, DType, Graph, Operator, OptionValue, QuantParams, Tensor, model_hash
from edgeq.graph.reader import is_model_file, load_model, read_model
from edgeq.graph.writer import write_model

__all__ = [
    "ABSENT",
    "DType",
    "Graph",
    "Operator",
    "OptionValue",
    "QuantParams",
    "Tensor",
    "is_model_file",
    "load_model",
    "model_hash",
    "read_model",
    "write_model",
]
