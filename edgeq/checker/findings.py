"""What the checker says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from edgeq.base.errors import VerdictError

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True)
class Finding:
    """One thing found in a model.

    Attributes:
        rule: the rule's name, a stable word for scripts (``"float-operator"``).
        severity: an ``error`` keeps the model from every backend; a ``warning`` is likely to cost accuracy.
        operator: the operator's index; None where the finding is about the model.
        opcode: the operator's name; empty where ``operator`` is None.
        tensor: the tensor's name; empty where the finding is not about one.
        dtype: the tensor's element type by its schema name; empty likewise.
        message: what is wrong and why, in one or two sentences.
        hint: what to do about it.
    """

    rule: str
    severity: Severity
    operator: int | None
    opcode: str
    tensor: str
    dtype: str
    message: str
    hint: str

    def to_dict(self) -> dict[str, object]:
        """The finding as JSON values, keys as the attributes."""
        return asdict(self)


class CheckFailed(VerdictError):
    """A model did not pass the check.

    Args:
        name: the model's name.
        findings: all findings, at least one of them an error.
    """

    def __init__(self, name: str, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        errors = [finding for finding in findings if finding.severity == "error"]
        first = errors[0]
        more = f" (and {_count(len(errors) - 1, 'more error')})" if len(errors) > 1 else ""
        super().__init__(f"{name} did not pass the check: {first.message}{more}", first.hint)


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
