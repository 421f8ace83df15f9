"""How many bytes of parameters a mapped operator takes on the chip, and which of them stay there.

The chip works on 16 tiles; outputs are dealt out to them in chunks. Weights are stored padded to what a
chunk's arithmetic unit takes, with a table of biases and multipliers behind them. docs/edgetpu-prediction.md
has the formulas and how far they are off.
"""

from __future__ import annotations

import math

from edgeq.edgetpu.conditions import TILES
from edgeq.edgetpu.view import OperatorView
from edgeq.graph import Tensor

CACHE_BYTES = int(7.9 * 1024 * 1024)
"""Parameters up to this much stay on the chip."""

CACHE_BYTES_STREAMING = int(6.9 * 1024 * 1024)
"""What is left for them where the rest is streamed through the same memory."""

TILE_PARAMETERS = 512 * 1024
"""Bytes of parameter memory that a tile has (8 MiB on 16 tiles)."""

LARGEST_CHUNK = 112 * 1024
"""Bytes from which on a chunk of a dense layer is streamed: 94 KB were seen cached, 129,856 streamed."""

_OUTPUTS_PER_CHUNK = 64
_PAD_OUTPUTS = 32
_PAD_ALONE = 16
"""What a single chunk is padded to: two halves of 8 outputs each. Several are padded to 32 each."""
_DEPTHWISE_PER_CHUNK = 32
_DEPTHWISE_PAD = 64

_WEIGHTS = {"CONV_2D": 0, "DEPTHWISE_CONV_2D": 0, "FULLY_CONNECTED": 0, "TRANSPOSE_CONV": 1}
"""Where the weights are among an operator's parameters."""


def parameter_bytes(op: OperatorView) -> int:
    """Bytes of parameters of one operator on the chip; 0 where it has none."""
    if op.opcode == "UNIDIRECTIONAL_SEQUENCE_LSTM":
        return _lstm(op)
    place = _WEIGHTS.get(op.opcode)
    if place is None or len(op.parameters) <= place:
        return 0
    weights = op.parameters[place]
    if op.opcode == "DEPTHWISE_CONV_2D" and len(weights.shape) == 4:
        _, height, width, channels = weights.shape
        if op.activations and op.activations[0].shape[-1:] == (1,):
            return _dense(weights, height * width, 1, channels)  # of one channel, it is a plain convolution
        outputs = padded_outputs(channels, _DEPTHWISE_PER_CHUNK, _DEPTHWISE_PAD)
        return (_up(height * width, 8) + _table(weights)) * outputs
    if len(weights.shape) < 2:
        return 0
    return _dense(weights, math.prod(weights.shape[1:-1]), weights.shape[-1], weights.shape[0])


def cached_and_streamed(operators: list[OperatorView]) -> tuple[int, int]:
    """Bytes of parameters that stay on the chip, and bytes that are sent at every inference.

    Args:
        operators: what is mapped.
    """
    streamed = cached = 0
    tiles = [0] * TILES
    for op in operators:
        size = parameter_bytes(op)
        if not size or _stays(op, size, tiles):
            cached += size
        else:
            streamed += size
    if cached > CACHE_BYTES:
        streamed += cached - CACHE_BYTES_STREAMING
        cached = CACHE_BYTES_STREAMING
    return cached, streamed


def _stays(op: OperatorView, size: int, tiles: list[int]) -> bool:
    """Whether an operator's parameters stay on the chip as far as the tiles have room for its chunks.

    Those of dense layers are dealt out in the model's order, chunk ``i`` on tile ``i``: behind the first that
    does not fit, none is cached.

    Args:
        tiles: bytes on each tile, changed here.
    """
    if op.opcode == "CONV_2D":
        return size / _chunks(op) <= TILE_PARAMETERS
    if op.opcode != "FULLY_CONNECTED":
        return True
    chunks = _chunks(op)
    if size / chunks >= LARGEST_CHUNK:
        return False
    if max(tiles) <= TILE_PARAMETERS:
        for chunk in range(chunks):
            tiles[chunk % TILES] += size // chunks
    return max(tiles) <= TILE_PARAMETERS


def _chunks(op: OperatorView) -> int:
    """How many chunks the outputs are cut into."""
    return max(1, math.ceil(op.parameters[0].shape[0] / _OUTPUTS_PER_CHUNK))


def padded_outputs(outputs: int, per_chunk: int = _OUTPUTS_PER_CHUNK, pad: int = _PAD_OUTPUTS) -> int:
    """How many outputs the chip stores parameters for: equal chunks, each padded."""
    if not outputs:
        return 0
    chunks = math.ceil(outputs / per_chunk)
    return chunks * _up(math.ceil(outputs / chunks), pad)


def _dense(weights: Tensor, kernel: int, inputs: int, outputs: int) -> int:
    alone = outputs <= _OUTPUTS_PER_CHUNK
    stored = _up(outputs, _PAD_ALONE) if alone else padded_outputs(outputs)
    return (kernel * _up(inputs, 4) + _table(weights)) * stored


def _lstm(op: OperatorView) -> int:
    """The matrices of the gates, and for each step of time one that picks its input out of the sequence."""
    matrices = [tensor for tensor in op.parameters if len(tensor.shape) == 2]
    gates = sum(_dense(tensor, 1, tensor.shape[1], tensor.shape[0]) for tensor in matrices)
    if not matrices or not op.activations or len(op.activations[0].shape) < 2:
        return gates
    steps, inputs = op.activations[0].shape[-2:]
    return gates + steps * _dense(matrices[0], 1, inputs, inputs)


def _table(weights: Tensor) -> int:
    """Bytes per output for bias and, with a scale for each, multiplier."""
    return 8 if weights.quant is not None and weights.quant.is_per_channel else 4


def _up(value: int, multiple: int) -> int:
    return -(-value // multiple) * multiple
