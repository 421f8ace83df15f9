"""How many cycles the mapped operators take, by the work that the tiles do in step.

The 16 tiles lie 4 by 4 over height and width. A convolution does two inputs and 32 outputs of a position in a
cycle, a depthwise one 16 channels. Where there is a single position, the tiles share its outputs instead.
"""

from __future__ import annotations

import math

from edgeq.edgetpu.view import OperatorView, innermost

_GRID = 4
_TILES = _GRID * _GRID
_INPUTS, _OUTPUTS, _CHANNELS = 2, 32, 16


def operator_cycles(op: OperatorView) -> int:
    """Cycles of one operator; 0 for those whose work is small beside a convolution's."""
    place = 1 if op.opcode == "TRANSPOSE_CONV" else 0
    weights = op.parameters[place].shape if len(op.parameters) > place else ()
    y, x, _ = innermost(op.output.shape)
    if op.opcode == "CONV_2D" and len(weights) == 4:
        outputs = weights[0] if y * x > 1 else math.ceil(weights[0] / _TILES)
        return _positions(y, x) * math.prod(weights[1:3]) * _macs(weights[3], outputs)
    if op.opcode == "DEPTHWISE_CONV_2D" and len(weights) == 4:
        return _positions(y, x) * math.prod(weights[1:3]) * math.ceil(weights[3] / _CHANNELS)
    if op.opcode == "FULLY_CONNECTED" and len(weights) == 2:
        return _macs(weights[1], math.ceil(weights[0] / _TILES))
    if op.opcode == "TRANSPOSE_CONV" and len(weights) == 4:
        y, x, _ = innermost(op.activations[0].shape)
        return _positions(y, x) * math.prod(weights[1:3]) * _macs(weights[3], weights[0])
    return 0


def _positions(y: int, x: int) -> int:
    return math.ceil(y / _GRID) * math.ceil(x / _GRID)


def _macs(inputs: int, outputs: int) -> int:
    return math.ceil(inputs / _INPUTS) * math.ceil(outputs / _OUTPUTS)
