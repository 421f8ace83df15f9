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
from edgeq.graph.reader import folded_flow, is_aligned, read_model, unused_subgraphs
from edgeq.graph.writer import write_model

__all__ = [
    "ABSENT",
    "DType",
    "Graph",
    "Operator",
    "OptionValue",
    "QuantParams",
    "Tensor",
    "folded_flow",
    "is_aligned",
    "is_model_file",
    "load_model",
    "model_alone",
    "model_hash",
    "read_model",
    "refuse_open_shape",
    "unused_subgraphs",
    "write_model",
]
