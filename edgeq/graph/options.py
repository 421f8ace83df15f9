"""The builtin options of every operator, as data: one table that both the reader and the writer use.

An operator's ``builtin_options`` is a union in the public TensorFlow Lite schema. Each row of ``_TABLES`` is
one of its types: its code in the union, its name, the operators that carry it, and its fields in slot order.
A field is written ``name:type`` or ``name:type=default``; ``_`` is a slot no longer used; a type is a scalar,
an enumeration of :mod:`~edgeq.graph.schema`, ``string``, or a vector of scalars in brackets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from edgeq.graph.model import OptionValue
from edgeq.graph.schema import ENUMS

_TABLES: tuple[tuple[int, str, str, str], ...] = (
    (
        1,
        "Conv2DOptions",
        "CONV_2D",
        "padding:Padding stride_w:int32 stride_h:int32 fused_activation_function:Activation "
        "dilation_w_factor:int32=1 dilation_h_factor:int32=1 quantized_bias_type:TensorType",
    ),
    (
        2,
        "DepthwiseConv2DOptions",
        "DEPTHWISE_CONV_2D",
        "padding:Padding stride_w:int32 stride_h:int32 depth_multiplier:int32 "
        "fused_activation_function:Activation dilation_w_factor:int32=1 dilation_h_factor:int32=1",
    ),
    (
        3,
        "ConcatEmbeddingsOptions",
        "CONCAT_EMBEDDINGS",
        "num_channels:int32 num_columns_per_channel:[int32] embedding_dim_per_channel:[int32]",
    ),
    (4, "LSHProjectionOptions", "LSH_PROJECTION", "type:LSHProjection"),
    (
        5,
        "Pool2DOptions",
        "AVERAGE_POOL_2D MAX_POOL_2D L2_POOL_2D",
        "padding:Padding stride_w:int32 stride_h:int32 filter_width:int32 filter_height:int32 "
        "fused_activation_function:Activation",
    ),
    (
        6,
        "SVDFOptions",
        "SVDF",
        "rank:int32 fused_activation_function:Activation asymmetric_quantize_inputs:bool",
    ),
    (7, "RNNOptions", "RNN", "fused_activation_function:Activation asymmetric_quantize_inputs:bool"),
    (
        8,
        "FullyConnectedOptions",
        "FULLY_CONNECTED",
        "fused_activation_function:Activation weights_format:WeightsFormat keep_num_dims:bool "
        "asymmetric_quantize_inputs:bool quantized_bias_type:TensorType quant_spec:[uint8]",
    ),
    (9, "SoftmaxOptions", "SOFTMAX", "beta:float32"),
    (10, "ConcatenationOptions", "CONCATENATION", "axis:int32 fused_activation_function:Activation"),
    (11, "AddOptions", "ADD", "fused_activation_function:Activation pot_scale_int16:bool=1"),
    (12, "L2NormOptions", "L2_NORMALIZATION", "fused_activation_function:Activation"),
    (
        13,
        "LocalResponseNormalizationOptions",
        "LOCAL_RESPONSE_NORMALIZATION",
        "radius:int32 bias:float32 alpha:float32 beta:float32",
    ),
    (
        14,
        "LSTMOptions",
        "LSTM",
        "fused_activation_function:Activation cell_clip:float32 proj_clip:float32 "
        "kernel_type:LSTMKernel asymmetric_quantize_inputs:bool",
    ),
    (15, "ResizeBilinearOptions", "RESIZE_BILINEAR", "_ _ align_corners:bool half_pixel_centers:bool"),
    (16, "CallOptions", "CALL", "subgraph:uint32"),
    (17, "ReshapeOptions", "RESHAPE", "new_shape:[int32]"),
    (18, "SkipGramOptions", "SKIP_GRAM", "ngram_size:int32 max_skip_size:int32 include_all_ngrams:bool"),
    (19, "SpaceToDepthOptions", "SPACE_TO_DEPTH", "block_size:int32"),
    (20, "EmbeddingLookupSparseOptions", "EMBEDDING_LOOKUP_SPARSE", "combiner:Combiner"),
    (21, "MulOptions", "MUL", "fused_activation_function:Activation"),
    (23, "GatherOptions", "GATHER", "axis:int32 batch_dims:int32"),
    (
        27,
        "ReducerOptions",
        "MEAN SUM REDUCE_PROD REDUCE_MAX REDUCE_MIN REDUCE_ANY REDUCE_ALL",
        "keep_dims:bool",
    ),
    (28, "SubOptions", "SUB", "fused_activation_function:Activation pot_scale_int16:bool=1"),
    (29, "DivOptions", "DIV", "fused_activation_function:Activation"),
    (30, "SqueezeOptions", "SQUEEZE", "squeeze_dims:[int32]"),
    (
        31,
        "SequenceRNNOptions",
        "UNIDIRECTIONAL_SEQUENCE_RNN",
        "time_major:bool fused_activation_function:Activation asymmetric_quantize_inputs:bool",
    ),
    (
        32,
        "StridedSliceOptions",
        "STRIDED_SLICE",
        "begin_mask:int32 end_mask:int32 ellipsis_mask:int32 new_axis_mask:int32 "
        "shrink_axis_mask:int32 offset:bool",
    ),
    (35, "SplitOptions", "SPLIT", "num_splits:int32"),
    (37, "CastOptions", "CAST", "in_data_type:TensorType out_data_type:TensorType"),
    (40, "ArgMaxOptions", "ARG_MAX", "output_type:TensorType"),
    (
        49,
        "TransposeConvOptions",
        "TRANSPOSE_CONV",
        "padding:Padding stride_w:int32 stride_h:int32 fused_activation_function:Activation "
        "quantized_bias_type:TensorType",
    ),
    (50, "SparseToDenseOptions", "SPARSE_TO_DENSE", "validate_indices:bool"),
    (55, "ShapeOptions", "SHAPE", "out_type:TensorType"),
    (57, "ArgMinOptions", "ARG_MIN", "output_type:TensorType"),
    (58, "FakeQuantOptions", "FAKE_QUANT", "min:float32 max:float32 num_bits:int32 narrow_range:bool"),
    (59, "PackOptions", "PACK", "values_count:int32 axis:int32"),
    (61, "OneHotOptions", "ONE_HOT", "axis:int32"),
    (64, "UnpackOptions", "UNPACK", "num:int32 axis:int32"),
    (
        69,
        "BidirectionalSequenceLSTMOptions",
        "BIDIRECTIONAL_SEQUENCE_LSTM",
        "fused_activation_function:Activation cell_clip:float32 proj_clip:float32 merge_outputs:bool "
        "time_major:bool=1 asymmetric_quantize_inputs:bool",
    ),
    (
        70,
        "BidirectionalSequenceRNNOptions",
        "BIDIRECTIONAL_SEQUENCE_RNN",
        "time_major:bool fused_activation_function:Activation merge_outputs:bool "
        "asymmetric_quantize_inputs:bool",
    ),
    (
        71,
        "UnidirectionalSequenceLSTMOptions",
        "UNIDIRECTIONAL_SEQUENCE_LSTM",
        "fused_activation_function:Activation cell_clip:float32 proj_clip:float32 time_major:bool "
        "asymmetric_quantize_inputs:bool diagonal_recurrent_tensors:bool",
    ),
    (
        74,
        "ResizeNearestNeighborOptions",
        "RESIZE_NEAREST_NEIGHBOR",
        "align_corners:bool half_pixel_centers:bool",
    ),
    (75, "LeakyReluOptions", "LEAKY_RELU", "alpha:float32"),
    (77, "MirrorPadOptions", "MIRROR_PAD", "mode:MirrorPadMode"),
    (79, "SplitVOptions", "SPLIT_V", "num_splits:int32"),
    (80, "UniqueOptions", "UNIQUE", "idx_out_type:TensorType=2"),
    (87, "ReverseSequenceOptions", "REVERSE_SEQUENCE", "seq_dim:int32 batch_dim:int32"),
    (92, "IfOptions", "IF", "then_subgraph_index:int32 else_subgraph_index:int32"),
    (93, "WhileOptions", "WHILE", "cond_subgraph_index:int32 body_subgraph_index:int32"),
    (94, "DepthToSpaceOptions", "DEPTH_TO_SPACE", "block_size:int32"),
    (101, "BatchMatMulOptions", "BATCH_MATMUL", "adj_x:bool adj_y:bool asymmetric_quantize_inputs:bool"),
    (102, "CumsumOptions", "CUMSUM", "exclusive:bool reverse:bool"),
    (103, "CallOnceOptions", "CALL_ONCE", "init_subgraph_index:int32"),
    (
        106,
        "Conv3DOptions",
        "CONV_3D CONV_3D_TRANSPOSE",
        "padding:Padding stride_d:int32 stride_w:int32 stride_h:int32 "
        "fused_activation_function:Activation dilation_d_factor:int32=1 dilation_w_factor:int32=1 "
        "dilation_h_factor:int32=1",
    ),
    (107, "HashtableOptions", "HASHTABLE", "table_id:int32 key_dtype:TensorType value_dtype:TensorType"),
    (111, "VarHandleOptions", "VAR_HANDLE", "container:string shared_name:string"),
    (114, "RandomOptions", "RANDOM_STANDARD_NORMAL RANDOM_UNIFORM MULTINOMIAL", "seed:int64 seed2:int64"),
    (116, "GeluOptions", "GELU", "approximate:bool"),
)

_FIELDLESS = (
    "22:PAD 24:BATCH_TO_SPACE_ND 25:SPACE_TO_BATCH_ND 26:TRANSPOSE 33:EXP 34:TOPK_V2 36:LOG_SOFTMAX "
    "38:DEQUANTIZE 39:MAXIMUM+MINIMUM 41:LESS 42:NEG 43:PADV2 44:GREATER 45:GREATER_EQUAL 46:LESS_EQUAL "
    "47:SELECT 48:SLICE 51:TILE 52:EXPAND_DIMS 53:EQUAL 54:NOT_EQUAL 56:POW 60:LOGICAL_OR 62:LOGICAL_AND "
    "63:LOGICAL_NOT 65:FLOOR_DIV 66:SQUARE 67:ZEROS_LIKE 68:FILL 72:FLOOR_MOD 73:RANGE "
    "76:SQUARED_DIFFERENCE 78:ABS 81:REVERSE_V2 82:ADD_N 83:GATHER_ND 84:COS 85:WHERE 86:RANK "
    "88:MATRIX_DIAG 89:QUANTIZE 90:MATRIX_SET_DIAG 91:HARD_SWISH 95:NON_MAX_SUPPRESSION_V4 "
    "96:NON_MAX_SUPPRESSION_V5 97:SCATTER_ND 98:SELECT_V2 99:DENSIFY 100:SEGMENT_SUM 104:BROADCAST_TO "
    "105:RFFT2D 108:HASHTABLE_FIND 109:HASHTABLE_IMPORT 110:HASHTABLE_SIZE 112:READ_VARIABLE "
    "113:ASSIGN_VARIABLE 117:DYNAMIC_UPDATE_SLICE 118:UNSORTED_SEGMENT_PROD 119:UNSORTED_SEGMENT_MAX "
    "120:UNSORTED_SEGMENT_MIN 121:UNSORTED_SEGMENT_SUM 122:ATAN2 123:SIGN 124:BITCAST 125:BITWISE_XOR "
    "126:RIGHT_SHIFT"
)
"""Types without fields, as ``code:OPERATOR``."""

_WITHOUT_OPTIONS = (
    "FLOOR CEIL ROUND LOGISTIC TANH RELU RELU_N1_TO_1 RELU6 RELU_0_TO_1 PRELU ELU SIN LOG SQRT RSQRT IMAG "
    "REAL COMPLEX_ABS EMBEDDING_LOOKUP HASHTABLE_LOOKUP BROADCAST_ARGS CUSTOM"
)


@dataclass(frozen=True)
class OptionField:
    """One field of an options type.

    Attributes:
        slot: its index in the flatbuffer table.
        name: its schema name.
        kind: ``bool``, ``int8`` … ``int64``, ``uint32``, ``float32``, ``string``, ``enum``, or ``vector``.
        scalar: the scalar type it is stored as; for a vector, its elements'.
        default: its value where the file leaves it out.
        stored_default: the same, as the scalar that the file would hold (an enumeration's number).
        names: the enumeration's names by value, for ``enum``.
    """

    slot: int
    name: str
    kind: str
    scalar: str
    default: OptionValue
    stored_default: int | float | bool = 0
    names: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class OptionsType:
    """One type of the options union: its code, name and fields. Code 0 is an operator without options."""

    code: int
    name: str
    fields: tuple[OptionField, ...] = ()

    def defaults(self) -> dict[str, OptionValue]:
        """Every field with the value it has where the file leaves it out."""
        return {known.name: known.default for known in self.fields}


def _field(slot: int, spec: str) -> OptionField:
    name, _, rest = spec.partition(":")
    kind, _, written = rest.partition("=")
    if kind in ENUMS:
        names = ENUMS[kind]
        value = int(written or 0)
        return OptionField(slot, name, "enum", "int8", names[value], value, names)
    if kind == "string":
        return OptionField(slot, name, "string", "", "")
    if kind.startswith("["):
        return OptionField(slot, name, "vector", kind[1:-1], ())
    default: int | float | bool = int(written or 0)
    if kind == "bool":
        default = bool(default)
    elif kind == "float32":
        default = float(default)
    return OptionField(slot, name, kind, kind, default, default)


def _read_tables() -> tuple[dict[str, OptionsType], dict[int, str]]:
    by_operator = {name: OptionsType(0, "NONE") for name in _WITHOUT_OPTIONS.split()}
    names = {0: "NONE"}
    for code, name, operators, fields in _TABLES:
        parsed = [_field(slot, spec) for slot, spec in enumerate(fields.split()) if spec != "_"]
        names[code] = name
        for operator in operators.split():
            by_operator[operator] = OptionsType(code, name, tuple(parsed))
    for entry in _FIELDLESS.split():
        code_text, _, operators = entry.partition(":")
        names[int(code_text)] = f"{operators} options"
        for operator in operators.split("+"):
            by_operator[operator] = OptionsType(int(code_text), names[int(code_text)])
    return by_operator, names


OPTIONS, OPTION_TYPE_NAMES = _read_tables()
"""The options type of each operator that edgeq can write, and the names of the union's types by code."""
