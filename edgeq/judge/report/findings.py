"""What the check, the stages and the limits had to say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Literal

from edgeq.checker import Finding
from edgeq.judge.report.section import Schema, Section, count, record, text


@dataclass(frozen=True)
class Findings(Section):
    """Findings, in the order of the stages that found them."""

    key: ClassVar[str] = "findings"
    schema: ClassVar[Schema] = {
        "type": "array",
        "description": "Of the check, the stages and the limits.",
        "items": record(
            "One thing found.",
            rule=text("A stable word for scripts."),
            severity={"enum": ["error", "warning", "info"]},
            operator=count("The operator's index; null where it is not about one.", null=True),
            opcode=text("Its name, or empty."),
            tensor=text("The tensor's name, or empty."),
            dtype=text("Its type, or empty."),
            message=text("What is wrong and why."),
            hint=text("What to do."),
        ),
    }

    found: tuple[Finding, ...] = ()

    @property
    def verdict(self) -> Literal["pass", "fail"]:
        """``"fail"`` where one of them is an error."""
        return "fail" if any(one.severity == "error" for one in self.found) else "pass"

    def to_json(self) -> list[dict[str, object]]:
        """One object each."""
        return [one.to_dict() for one in self.found]


def once(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings without what was told before: calibration and test data are often treated alike."""
    told: dict[tuple[str, str], Finding] = {}
    for one in found:
        told.setdefault((one.severity, one.message), one)
    return tuple(told.values())


def finding(
    rule: str,
    severity: Literal["error", "warning", "info"],
    message: str,
    hint: str,
    *,
    operator: int | None = None,
    opcode: str = "",
) -> Finding:
    """A finding about the whole model, or about one operator."""
    return Finding(rule, severity, operator, opcode, "", "", message, hint)
