"""What the table does not tell of an operator: which axes, sizes, indices and weights it is given.

An operator whose inputs are all values needs nothing here; one with a parameter has its line in ``DRAWERS``.
The functions are in the files ``draw_….py`` beside this one, by what they draw.
"""

from __future__ import annotations

from draw_layers import conv, dense, depthwise, matmul, transpose_conv
from draw_places import diagonal, embedding, gather, gather_nd, one_hot, scatter, update
from draw_sizes import (
    any_shape,
    axes,
    batch_space,
    broadcast_shape,
    join,
    last_axis,
    mirrored,
    multiples,
    neighbours,
    new_axis,
    one_axis,
    paddings,
    permutation,
    pool,
    reshape,
    reverse_sequence,
    size,
    slice_,
    space,
    split,
    split_v,
    squeeze,
    strided_slice,
    told,
    topk,
    unpack,
)
from draw_state import recurrent, variable
from draw_values import bitcast, by_constant, lowest, power, root
from growing import Drawer, Growth

DRAWERS: dict[str, Drawer] = {
    **dict.fromkeys(("ARG_MAX", "ARG_MIN"), told(axis=last_axis)),
    **dict.fromkeys(
        ("MEAN", "SUM", "REDUCE_PROD", "REDUCE_MAX", "REDUCE_MIN", "REDUCE_ANY", "REDUCE_ALL"),
        told(axes=axes),
    ),
    **dict.fromkeys(("PAD", "PADV2"), told(paddings=paddings)),
    **dict.fromkeys(("RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR"), told(size=size)),
    **dict.fromkeys(("SPACE_TO_DEPTH", "DEPTH_TO_SPACE"), space),
    **dict.fromkeys(("SPACE_TO_BATCH_ND", "BATCH_TO_SPACE_ND"), batch_space),
    **dict.fromkeys(("AVERAGE_POOL_2D", "MAX_POOL_2D"), pool),
    **dict.fromkeys(("CONCATENATION", "PACK"), join),
    **dict.fromkeys(("SQRT", "RSQRT"), root),
    "BATCH_MATMUL": matmul,
    "BROADCAST_TO": told(shape=broadcast_shape),
    "CONV_2D": conv,
    "BITCAST": bitcast,
    "CUMSUM": told(axis=one_axis),
    "DEPTHWISE_CONV_2D": depthwise,
    "DIV": by_constant(lambda zero: [zero]),  # LiteRT divides by nothing else
    "FLOOR_DIV": by_constant(lambda _zero: [0, -1]),  # the lowest by -1: its answer hangs on the place
    "FLOOR_MOD": by_constant(lambda _zero: [0]),
    "POW": power,
    "DYNAMIC_UPDATE_SLICE": update,
    "EMBEDDING_LOOKUP": embedding,
    "EXPAND_DIMS": told(axis=new_axis),
    "FILL": told(shape=any_shape),
    "FULLY_CONNECTED": dense,
    "GATHER": gather,
    "GATHER_ND": gather_nd,
    "MIRROR_PAD": told(paddings=mirrored),
    "MATRIX_SET_DIAG": diagonal,
    "NEG": lowest,
    "ONE_HOT": one_hot,
    "RESHAPE": reshape,
    "REVERSE_SEQUENCE": reverse_sequence,
    "REVERSE_V2": told(axes=neighbours),
    "SCATTER_ND": scatter,
    "SLICE": slice_,
    "SPLIT": split,
    "SPLIT_V": split_v,
    "SQUEEZE": squeeze,
    "STRIDED_SLICE": strided_slice,
    "TILE": told(multiples=multiples),
    "TOPK_V2": topk,
    "TRANSPOSE": told(permutation=permutation),
    "TRANSPOSE_CONV": transpose_conv,
    "UNPACK": unpack,
}

GROWTHS: dict[str, Growth] = {
    "ASSIGN_VARIABLE": variable,
    "READ_VARIABLE": variable,
    "SVDF": recurrent,
    "UNIDIRECTIONAL_SEQUENCE_LSTM": recurrent,
}
