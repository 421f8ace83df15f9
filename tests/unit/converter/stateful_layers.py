"""Float layers that keep a state: fused LSTMs and SVDF."""

from __future__ import annotations

from dataclasses import replace

from edgeq.graph import ABSENT

from .one import One


def lstm(
    net: One, x: int, units: int, *, peephole: bool = False, norm: bool = False, cifg: bool = False,
    projection: int = 0, time_major: bool = False,
) -> int:  # fmt: skip
    """A fused LSTM with small weights; its state and cell are variables."""
    first, second, depth = net.shape(x)
    width = projection or units

    def weights(columns: int, keep: bool = True) -> int:
        return net.normal(units, columns, spread=0.4) if keep else ABSENT

    gates = [weights(depth, keep) for keep in (not cifg, True, True, True)]
    recurrent = [weights(width, keep) for keep in (not cifg, True, True, True)]
    holes = [
        net.normal(units, spread=0.3) if peephole and keep else ABSENT for keep in (not cifg, True, True)
    ]
    biases = [net.normal(units, spread=0.3) if keep else ABSENT for keep in (not cifg, True, True, True)]
    projected = [net.normal(width, units, spread=0.4), net.normal(width, spread=0.2)]
    batch = second if time_major else first
    states = [net.variable(batch, width), net.variable(batch, units)]
    norms = [
        net.floats(net.rng.uniform(0.5, 1.5, units)) if keep else ABSENT
        for keep in (not cifg, True, True, True)
    ]
    inputs = (
        x, *gates, *recurrent, *holes, *biases, *(projected if projection else (ABSENT, ABSENT)), *states,
        *(norms if norm else ()),
    )  # fmt: skip
    made = net.op(
        "UNIDIRECTIONAL_SEQUENCE_LSTM", inputs, (first, second, width), fused_activation_function="TANH",
        cell_clip=10.0, proj_clip=0.0, time_major=time_major,
    )  # fmt: skip
    between = tuple(net.tensor((0,)) for _ in range(5))  # LiteRT's quantizer asks for them
    net.operators[-1] = replace(net.operators[-1], intermediates=between)
    return made


def svdf(net: One, x: int, units: int, rank: int, memory: int, act: str = "NONE") -> int:
    """An SVDF layer; its state is a variable."""
    _, depth = net.shape(x)
    filters = units * rank
    feature, time = net.normal(filters, depth, spread=0.4), net.normal(filters, memory, spread=0.4)
    inputs = (x, feature, time, net.normal(units), net.variable(1, filters * memory))
    return net.op("SVDF", inputs, (1, units), rank=rank, fused_activation_function=act)
