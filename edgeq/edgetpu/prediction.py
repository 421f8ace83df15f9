"""What a prediction says: per operator where it runs and why, and of the whole model its memory and time."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Confidence = Literal["documented", "seen", "guess"]
"""How a statement is known: from the vendor's or TensorFlow's documents and sources, from what the real
compiler did, or by reasoning from what the chip is."""

WEAKEST_FIRST: tuple[Confidence, ...] = ("guess", "seen", "documented")

MAPPED = "Mapped to Edge TPU"
SECOND_SUBGRAPH = "More than one subgraph is not supported"
UNSPECIFIED = "Operation is otherwise supported, but not mapped due to some unspecified limitation"
DATA_TYPE = "Operation is working on an unsupported data type"
NOT_SUPPORTED = "Operation not supported"
VERSION = "Operation version not supported"
RANK = "Tensor has unsupported rank (up to 3 innermost dimensions mapped)"
NOT_CONSTANT = "Filter, bias, or other param is not constant at compile-time"

STATUSES = (MAPPED, SECOND_SUBGRAPH, UNSPECIFIED, DATA_TYPE, NOT_SUPPORTED, VERSION, RANK, NOT_CONSTANT)
"""What the compiler's log may say of an operator, word for word."""


@dataclass(frozen=True)
class OperatorPrediction:
    """What will become of one operator.

    Attributes:
        index: its position in the model.
        name: its opcode, or the custom operator's own name.
        status: the compiler's words for it.
        rule: the rule that decided, by its name in the rule table; empty for a mapped operator.
        reason: the same in plain words, with the numbers of this model.
        remedy: what the user can change; empty for a mapped operator.
        blocked_by: the operators for whose sake an otherwise supported one stays on the CPU.
    """

    index: int
    name: str
    mapped: bool
    status: str
    confidence: Confidence
    reason: str
    remedy: str
    rule: str = ""
    blocked_by: tuple[int, ...] = ()


@dataclass(frozen=True)
class Latency:
    """An estimate for one host.

    Attributes:
        milliseconds: of a whole inference; None where an operator is on the CPU of which nothing is known.
        error: how far that may be off, as a share (0.15: within 15 %); None likewise.
        edgetpu_milliseconds: of it, the Edge TPU's part and the link's.
        cpu_milliseconds: of it, that of the operators on the CPU; None likewise.
    """

    host: str
    milliseconds: float | None
    error: float | None
    edgetpu_milliseconds: float
    cpu_milliseconds: float | None


@dataclass(frozen=True)
class Summary:
    """Of the mapped part of the model. Sizes in bytes.

    Attributes:
        activation_bytes_per_tile: the most that one operator's inputs and outputs take of a tile's memory.
        latencies: per host; the first is ``latency_ms``.
    """

    mapped: int
    total: int
    parameter_bytes_cached: int
    parameter_bytes_streamed: int
    cycles: int
    activation_bytes_per_tile: int
    latencies: tuple[Latency, ...]

    @property
    def share(self) -> float:
        """Which share of the operators is mapped; 0 for a model without operators."""
        return self.mapped / self.total if self.total else 0.0

    @property
    def latency_ms(self) -> float | None:
        """The estimate for the first host; None where nothing is mapped, or nothing is known."""
        return self.latencies[0].milliseconds if self.latencies else None


@dataclass(frozen=True)
class Failure:
    """Why the compiler will write no model at all.

    Attributes:
        status: the compiler's words.
    """

    status: str
    confidence: Confidence
    reason: str
    remedy: str


@dataclass(frozen=True)
class Prediction:
    """What the Edge TPU compiler will make of a model.

    Attributes:
        operators: in the model's order.
        failure: set where the whole model fails; then no operator is mapped.
        warnings: what the prediction cannot promise, in plain words.
    """

    operators: tuple[OperatorPrediction, ...]
    summary: Summary
    failure: Failure | None = None
    warnings: tuple[str, ...] = ()

    @property
    def mapped(self) -> tuple[bool, ...]:
        """Per operator, whether it will run on the Edge TPU."""
        return tuple(operator.mapped for operator in self.operators)

    def to_dict(self) -> dict[str, Any]:
        """The JSON form: ``operators``, ``summary``, ``failure`` (null where there is none), ``warnings``."""
        summary = self.summary
        return {
            "operators": [
                {**asdict(operator), "blocked_by": list(operator.blocked_by)} for operator in self.operators
            ],
            "summary": {
                "mapped": summary.mapped,
                "total": summary.total,
                "parameter_bytes_cached": summary.parameter_bytes_cached,
                "parameter_bytes_streamed": summary.parameter_bytes_streamed,
                "cycles": summary.cycles,
                "activation_bytes_per_tile": summary.activation_bytes_per_tile,
                "latency_ms": summary.latency_ms,
                "latency": [asdict(latency) for latency in summary.latencies],
            },
            "failure": None if self.failure is None else asdict(self.failure),
            "warnings": list(self.warnings),
        }
