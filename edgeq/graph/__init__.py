"""The graph of a model, and reading and writing it as a .tflite file."""

from edgeq.graph.load import is_model_file, load_model, model_alone
from edgeq.graph.model import (
    ABSENT,
    DType,
    Graph,
    Operator,
    OptionValue,
    QuantParams,
    Tensor,
    model_hash,
    refuse_open_shape,
)
from edgeq.graph.reader import Reading, read_file, read_model
from edgeq.graph.writer import write_model

__all__ = [
    "ABSENT",
    "DType",
    "Graph",
    "Operator",
    "OptionValue",
    "QuantParams",
    "Reading",
    "Tensor",
    "is_model_file",
    "load_model",
    "model_alone",
    "model_hash",
    "read_file",
    "read_model",
    "refuse_open_shape",
    "write_model",
]
