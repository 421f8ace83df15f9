"""How long an inference takes, from cycles and what goes over the link; by the vendor's published figures.

An inference costs a fixed time of the host, and then the longer of computing and transfer.
"""

from __future__ import annotations

from dataclasses import dataclass

from edgeq.edgetpu.prediction import Latency

CYCLES_PER_SECOND = 250e6


@dataclass(frozen=True)
class Host:
    """A host that a stick or module is plugged into.

    Attributes:
        overhead: seconds of an inference that are neither computing nor transfer.
        bandwidth: bytes per second that the link moves.
        error: how far published measurements lie from the formula, as a share.
    """

    name: str
    overhead: float
    bandwidth: float
    error: float


HOSTS = (
    Host("desktop, USB 3", 0.7e-3, 320e6, 0.2),
    Host("Dev Board, PCIe", 0.7e-3, 500e6, 0.2),
    Host("Raspberry Pi 4, USB 3", 2.8e-3, 320e6, 0.4),
    Host("Raspberry Pi 3, USB 2", 7.0e-3, 40e6, 0.4),
)
"""The overhead of the two Raspberry Pis rests on one published model (MobileNet v2) each."""


def latencies(cycles: int, transferred: int) -> tuple[Latency, ...]:
    """Estimates per host.

    Args:
        cycles: of the mapped operators.
        transferred: bytes that go over the link: inputs, outputs and streamed parameters.
    """
    return tuple(
        Latency(
            host.name,
            round(1e3 * (host.overhead + max(cycles / CYCLES_PER_SECOND, transferred / host.bandwidth)), 3),
            host.error,
        )
        for host in HOSTS
    )
