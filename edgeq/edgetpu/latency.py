"""How long an inference takes, by cycles, what goes over the link, and what the CPU does.

An inference costs a fixed time of the host, then the longer of computing and transfer, and then the operators
on the CPU. The figures are those of the vendor's page of benchmarks (coral.ai/docs/edgetpu/benchmarks).
"""

from __future__ import annotations

from dataclasses import dataclass

from edgeq.edgetpu.cpu import Work
from edgeq.edgetpu.prediction import Latency

CYCLES_PER_SECOND = 250e6


@dataclass(frozen=True)
class Host:
    """A host that a stick or module is plugged into.

    Attributes:
        overhead: seconds of an inference that are neither computing nor transfer.
        bandwidth: bytes per second that the link moves.
        error: how far published measurements lie from the formula without a CPU part, as a share.
        macs: multiply-accumulates per second of the CPU, on one thread.
        seconds_per_value: what an operator without them takes for each value that it reads or writes.
        cpu_error: how far the CPU part may be off, as a share.
    """

    name: str
    overhead: float
    bandwidth: float
    error: float
    macs: float
    seconds_per_value: float
    cpu_error: float


HOSTS = (
    Host("desktop, USB 3", 0.7e-3, 420e6, 0.2, 10.7e9, 1.7e-9, 0.5),
    Host("Dev Board, PCIe", 0.7e-3, 370e6, 0.2, 3.5e9, 13e-9, 0.5),
    Host("Raspberry Pi 4, USB 3", 2.8e-3, 320e6, 0.4, 7.0e9, 6.5e-9, 1.0),
    Host("Raspberry Pi 3, USB 2", 7.0e-3, 40e6, 0.4, 3.5e9, 13e-9, 1.0),
)
"""Bandwidth: Inception v4 (85 and 102 ms), ResNet-50 (49 and 56) and VGG16 (296 and 343), most of whose
parameters are streamed. macs: MobileNet v1 on the CPU alone, 53 and 164 ms. seconds_per_value: what these
leave of DeepLab v3, 52 and 241 ms. The overhead of the two Raspberry Pis rests on one published model
(MobileNet v2) each; of their CPU part nothing is published: the Pi 3 has the Dev Board's cores, and those of
the Pi 4 are taken to be twice as fast."""


def chip_milliseconds(host: Host, cycles: float, transferred: float) -> float:
    """What an inference takes without a CPU part; arguments as for :func:`latencies`."""
    return 1e3 * (host.overhead + max(cycles / CYCLES_PER_SECOND, transferred / host.bandwidth))


def latencies(cycles: int, transferred: int, work: Work | None) -> tuple[Latency, ...]:
    """Estimates per host.

    Args:
        cycles: of the mapped operators.
        transferred: bytes that go over the link: inputs, outputs and streamed parameters.
        work: of the operators on the CPU; None where it is not known.
    """
    return tuple(_on(host, cycles, transferred, work) for host in HOSTS)


def _on(host: Host, cycles: int, transferred: int, work: Work | None) -> Latency:
    chip = chip_milliseconds(host, cycles, transferred)
    if work is None:
        return Latency(host.name, None, None, round(chip, 3), None)
    cpu = 1e3 * (work.macs / host.macs + work.values * host.seconds_per_value)
    error = (chip * host.error + cpu * host.cpu_error) / (chip + cpu)
    return Latency(host.name, round(chip + cpu, 3), round(error, 3), round(chip, 3), round(cpu, 3))
