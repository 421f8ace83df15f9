"""The public TensorFlow Lite schema (version 3) as data: enumerations, operator codes, and where fields lie.

The schema is published with TensorFlow Lite as ``schema.fbs``; a field's slot is its position in its table.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from edgeq.graph.model import DType

FILE_IDENTIFIER = b"TFL3"
SCHEMA_VERSION = 3


def _slots(names: str) -> Mapping[str, int]:
    return MappingProxyType({name: slot for slot, name in enumerate(names.split())})


MODEL = _slots(
    "version operator_codes subgraphs description buffers metadata_buffer metadata signature_defs "
    "external_buffer_groups external_buffers"
)
OPERATOR_CODE = _slots("deprecated_builtin_code custom_code version builtin_code")
SUBGRAPH = _slots("tensors inputs outputs operators name debug_metadata_index")
BUFFER = _slots("data offset size")
TENSOR = _slots(
    "shape type buffer name quantization is_variable sparsity shape_signature has_rank variant_tensors "
    "external_buffer"
)
QUANTIZATION = _slots("min max scale zero_point details_type details quantized_dimension")
OPERATOR = _slots(
    "opcode_index inputs outputs builtin_options_type builtin_options custom_options custom_options_format "
    "mutating_variable_inputs intermediates large_custom_options_offset large_custom_options_size "
    "builtin_options_2_type builtin_options_2 debug_metadata_index"
)
METADATA = _slots("name buffer")
SIGNATURE = _slots("inputs outputs signature_key deprecated_tag subgraph_index")
TENSOR_MAP = _slots("name tensor_index")
COMPOSITE = _slots(
    "name decomposition_subgraph_index composite_attributes composite_attributes_format version"
)
COMPOSITE_OPTIONS = 21
"""Their code in the second union of builtin options."""

REAL_ENDS = "edgeq_real_ends"
"""Metadata that edgeq gives a model whose real ends are meant; its bytes are none."""
USUAL_SIGNATURE = "serving_default"
"""The key of a model's only signature, by TensorFlow's convention."""
ORDERED_SIGNATURE = "in_source_order"
"""The key by which edgeq keeps that the model's inputs and outputs are in the order of its source."""


def _enum(names: str) -> Mapping[int, str]:
    return MappingProxyType(dict(enumerate(names.split())))


TENSOR_TYPES = _enum(
    "FLOAT32 FLOAT16 INT32 UINT8 INT64 STRING BOOL INT16 COMPLEX64 INT8 FLOAT64 COMPLEX128 UINT64 RESOURCE "
    "VARIANT UINT32 UINT16 INT4 BFLOAT16 INT2 UINT4 FLOAT8_E4M3FN FLOAT8_E5M2"
)
TENSOR_TYPE_CODES: Mapping[DType, int] = {DType(name): code for code, name in TENSOR_TYPES.items()}

QUANTIZATION_DETAILS = _enum("NONE CustomQuantization BlockwiseQuantization MultiAxisQuantization")

ENUMS: Mapping[str, Mapping[int, str]] = {
    "Padding": _enum("SAME VALID"),
    "Activation": _enum("NONE RELU RELU_N1_TO_1 RELU6 TANH SIGN_BIT"),
    "WeightsFormat": _enum("DEFAULT SHUFFLED4x16INT8"),
    "LSTMKernel": _enum("FULL BASIC"),
    "LSHProjection": _enum("UNKNOWN SPARSE DENSE"),
    "Combiner": _enum("SUM MEAN SQRTN"),
    "MirrorPadMode": _enum("REFLECT SYMMETRIC"),
    "TensorType": TENSOR_TYPES,
}
"""The enumerations of the builtin options: names by value."""

BUILTIN_OPERATORS = _enum(
    "ADD AVERAGE_POOL_2D CONCATENATION CONV_2D DEPTHWISE_CONV_2D DEPTH_TO_SPACE DEQUANTIZE EMBEDDING_LOOKUP "
    "FLOOR FULLY_CONNECTED HASHTABLE_LOOKUP L2_NORMALIZATION L2_POOL_2D LOCAL_RESPONSE_NORMALIZATION "
    "LOGISTIC LSH_PROJECTION LSTM MAX_POOL_2D MUL RELU RELU_N1_TO_1 RELU6 RESHAPE RESIZE_BILINEAR RNN "
    "SOFTMAX SPACE_TO_DEPTH SVDF TANH CONCAT_EMBEDDINGS SKIP_GRAM CALL CUSTOM EMBEDDING_LOOKUP_SPARSE PAD "
    "UNIDIRECTIONAL_SEQUENCE_RNN GATHER BATCH_TO_SPACE_ND SPACE_TO_BATCH_ND TRANSPOSE MEAN SUB DIV SQUEEZE "
    "UNIDIRECTIONAL_SEQUENCE_LSTM STRIDED_SLICE BIDIRECTIONAL_SEQUENCE_RNN EXP TOPK_V2 SPLIT LOG_SOFTMAX "
    "DELEGATE BIDIRECTIONAL_SEQUENCE_LSTM CAST PRELU MAXIMUM ARG_MAX MINIMUM LESS NEG PADV2 GREATER "
    "GREATER_EQUAL LESS_EQUAL SELECT SLICE SIN TRANSPOSE_CONV SPARSE_TO_DENSE TILE EXPAND_DIMS EQUAL "
    "NOT_EQUAL LOG SUM SQRT RSQRT SHAPE POW ARG_MIN FAKE_QUANT REDUCE_PROD REDUCE_MAX PACK LOGICAL_OR "
    "ONE_HOT LOGICAL_AND LOGICAL_NOT UNPACK REDUCE_MIN FLOOR_DIV REDUCE_ANY SQUARE ZEROS_LIKE FILL "
    "FLOOR_MOD RANGE RESIZE_NEAREST_NEIGHBOR LEAKY_RELU SQUARED_DIFFERENCE MIRROR_PAD ABS SPLIT_V UNIQUE "
    "CEIL REVERSE_V2 ADD_N GATHER_ND COS WHERE RANK ELU REVERSE_SEQUENCE MATRIX_DIAG QUANTIZE "
    "MATRIX_SET_DIAG ROUND HARD_SWISH IF WHILE NON_MAX_SUPPRESSION_V4 NON_MAX_SUPPRESSION_V5 SCATTER_ND "
    "SELECT_V2 DENSIFY SEGMENT_SUM BATCH_MATMUL PLACEHOLDER_FOR_GREATER_OP_CODES CUMSUM CALL_ONCE "
    "BROADCAST_TO RFFT2D CONV_3D IMAG REAL COMPLEX_ABS HASHTABLE HASHTABLE_FIND HASHTABLE_IMPORT "
    "HASHTABLE_SIZE REDUCE_ALL CONV_3D_TRANSPOSE VAR_HANDLE READ_VARIABLE ASSIGN_VARIABLE BROADCAST_ARGS "
    "RANDOM_STANDARD_NORMAL BUCKETIZE RANDOM_UNIFORM MULTINOMIAL GELU DYNAMIC_UPDATE_SLICE RELU_0_TO_1 "
    "UNSORTED_SEGMENT_PROD UNSORTED_SEGMENT_MAX UNSORTED_SEGMENT_SUM ATAN2 UNSORTED_SEGMENT_MIN SIGN "
    "BITCAST BITWISE_XOR RIGHT_SHIFT STABLEHLO_LOGISTIC STABLEHLO_ADD STABLEHLO_DIVIDE STABLEHLO_MULTIPLY "
    "STABLEHLO_MAXIMUM STABLEHLO_RESHAPE STABLEHLO_CLAMP STABLEHLO_CONCATENATE STABLEHLO_BROADCAST_IN_DIM "
    "STABLEHLO_CONVOLUTION STABLEHLO_SLICE STABLEHLO_CUSTOM_CALL STABLEHLO_REDUCE STABLEHLO_ABS "
    "STABLEHLO_AND STABLEHLO_COSINE STABLEHLO_EXPONENTIAL STABLEHLO_FLOOR STABLEHLO_LOG STABLEHLO_MINIMUM "
    "STABLEHLO_NEGATE STABLEHLO_OR STABLEHLO_POWER STABLEHLO_REMAINDER STABLEHLO_RSQRT STABLEHLO_SELECT "
    "STABLEHLO_SUBTRACT STABLEHLO_TANH STABLEHLO_SCATTER STABLEHLO_COMPARE STABLEHLO_CONVERT "
    "STABLEHLO_DYNAMIC_SLICE STABLEHLO_DYNAMIC_UPDATE_SLICE STABLEHLO_PAD STABLEHLO_IOTA "
    "STABLEHLO_DOT_GENERAL STABLEHLO_REDUCE_WINDOW STABLEHLO_SORT STABLEHLO_WHILE STABLEHLO_GATHER "
    "STABLEHLO_TRANSPOSE DILATE STABLEHLO_RNG_BIT_GENERATOR REDUCE_WINDOW STABLEHLO_COMPOSITE "
    "STABLEHLO_SHIFT_LEFT STABLEHLO_CBRT STABLEHLO_CASE"
)
"""Operator names by code."""
BUILTIN_CODES: Mapping[str, int] = {name: code for code, name in BUILTIN_OPERATORS.items()}

PLACEHOLDER_CODE = 127
"""What ``deprecated_builtin_code``, a signed byte, holds for every code from here on."""
