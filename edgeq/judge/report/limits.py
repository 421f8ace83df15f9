"""What a verdict asks for: each limit is a rule and a row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from edgeq.checker import Finding
from edgeq.judge.report.findings import finding
from edgeq.judge.report.latency import Cycles, Instructions

if TYPE_CHECKING:
    from edgeq.judge.report.judgement import Judgement

_ROUNDING = 1e-9  # differences of shares are not exact in floating point

Rule = Callable[[Any, "Judgement"], Finding | None]
"""From a limit's value and what a device did to an error, or to None where the limit holds."""


def _min_accuracy(least: float, judgement: Judgement) -> Finding | None:
    device = judgement.accuracy.device
    if device is None:
        return _unmeasured("min-accuracy", "accuracy on the device", "give --data with labels")
    if device >= least:
        return None
    return _error(
        "min-accuracy",
        f"accuracy on the device is {_percent(device)}, less than {_percent(least)}",
        "compare float, int8 and device accuracy: a low float accuracy is the model's or the data's, "
        "a low int8 accuracy is the quantization's",
    )


def _max_accuracy_drop(most: float, judgement: Judgement) -> Finding | None:
    accuracy = judgement.accuracy
    device, before, of = accuracy.device, accuracy.float, "float"
    if before is None:
        before, of = accuracy.int8, "int8"
    if device is None or before is None:
        return _unmeasured("max-accuracy-drop", "accuracy", "give --data with labels")
    drop = before - device
    if drop <= most + _ROUNDING:
        return None
    return _error(
        "max-accuracy-drop",
        f"accuracy drops by {100 * drop:.2f} points from {_percent(before)} ({of}) to {_percent(device)} "
        f"on the device, more than {100 * most:.2f}",
        "calibrate with more, and more typical, real inputs",
    )


def _max_instructions(most: int, judgement: Judgement) -> Finding | None:
    cost = judgement.cost
    if not isinstance(cost, Instructions):
        return _unmeasured("max-instructions", "instructions", "judge on a simulated board")
    if cost.warm <= most:
        return None
    return _error(
        "max-instructions",
        f"an inference takes {cost.warm:,} instructions, more than the {most:,} allowed",
        "take a smaller model, or a board whose core has the DSP extension",
    )


def _max_latency(most: float, judgement: Judgement) -> Finding | None:
    cost = judgement.cost
    taken = cost.milliseconds(cost.warm) if isinstance(cost, Cycles) else None
    if taken is None:
        return _unmeasured("max-latency", "the latency", "judge on a board that counts cycles")
    if taken <= most:
        return None
    return _error(
        "max-latency",
        f"an inference takes {taken:.3f} ms, more than the {most:g} allowed",
        "take a smaller model, a board with a faster clock, or one whose core has the DSP extension",
    )


def _require_exact(asked: bool, judgement: Judgement) -> Finding | None:
    exactness = judgement.exactness
    if not asked or exactness.is_exact:
        return None
    return _error(
        "require-exact",
        f"{exactness.outputs - exactness.exact:,} of {exactness.outputs:,} output elements differ from "
        f"{exactness.oracle} ({exactness.off_by_one:,} by one)",
        "this is a defect of edgeq or of the toolchain: please report it with model and input",
    )


def _limit(rule: Rule, fails_where: str, default: Any = None) -> Any:
    return field(default=default, metadata={"rule": rule, "fails_where": fails_where})


@dataclass(frozen=True)
class Thresholds:
    """Limits by their options' names; None or False asks for nothing.

    Attributes:
        min_accuracy: of the device, 0 to 1.
        max_accuracy_drop: from the float model to the device, 0 to 1; from the int8 model in the oracle where
            there is no float model.
        max_instructions: of a warm inference.
        max_latency: of a warm inference, in milliseconds; for boards of hardware.
        require_exact: every output element equals the oracle's.
    """

    min_accuracy: float | None = _limit(_min_accuracy, "`accuracy.device` is lower")
    max_accuracy_drop: float | None = _limit(
        _max_accuracy_drop,
        "`accuracy.float` (without a float model `accuracy.int8`) minus `accuracy.device` is more",
    )
    max_instructions: int | None = _limit(_max_instructions, "`latency.instructions_warm` is more")
    max_latency: float | None = _limit(
        _max_latency, "`latency.ms_warm` is more; a usage error where nothing real runs"
    )
    require_exact: bool = _limit(
        _require_exact, "`exactness.exact` is not `exactness.outputs`", default=False
    )

    def findings(self, judgement: Judgement) -> tuple[Finding, ...]:
        """An error for each limit that was not met, or could not be measured."""
        asked = [(limit.metadata["rule"], getattr(self, limit.name)) for limit in fields(self)]
        found = (rule(value, judgement) for rule, value in asked if value is not None)
        return tuple(one for one in found if one is not None)


def limits() -> dict[str, str]:
    """For each limit's name, in which case it fails, as docs/report.md says it."""
    return {limit.name: limit.metadata["fails_where"] for limit in fields(Thresholds)}


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %"


def _unmeasured(rule: str, what: str, hint: str) -> Finding:
    return _error(rule, f"{what} was not measured, so the limit cannot be shown to hold", hint)


def _error(rule: str, message: str, hint: str) -> Finding:
    return finding(rule, "error", message, hint)
