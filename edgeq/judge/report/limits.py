"""What a verdict asks for: each limit is a rule and a row, whose name is its option's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, TypedDict

from edgeq.checker import Finding
from edgeq.judge.report.accuracy import USUAL_DROP, lost
from edgeq.judge.report.findings import finding
from edgeq.judge.report.latency import Cycles, Instructions

if TYPE_CHECKING:
    from edgeq.judge.report.judgement import Judgement
    from edgeq.judge.report.regression import Errors

Rule = Callable[["Thresholds", "Judgement"], Finding | None]
"""From the limits and what a device did to a finding; None where the limit holds, or asks for nothing."""


def _min_accuracy(limits: Thresholds, judgement: Judgement) -> Finding | None:
    least, device = limits.min_accuracy, judgement.accuracy.device
    if least is None:
        return None
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


def _max_accuracy_drop(limits: Thresholds, judgement: Judgement) -> Finding | None:
    accuracy, most = judgement.accuracy, limits.max_accuracy_drop
    device, before, of = accuracy.device, accuracy.float, "float"
    if before is None:
        before, of = accuracy.int8, "int8"
    if device is None or before is None:
        return None if most is None else _unmeasured(_DROP, "accuracy", "give --data with labels")
    samples = judgement.exactness.samples
    drop = lost(before, device, samples, USUAL_DROP) if most is None else before - device
    allowed = USUAL_DROP if most is None else most
    if drop is None or drop <= allowed + _ROUNDING:
        return None
    usual = " (--max-accuracy-drop sets another limit)" if most is None else ""
    return _error(
        _DROP,
        f"accuracy drops by {100 * drop:.2f} points from {_percent(before)} ({of}) to {_percent(device)} "
        f"on the device, more than {100 * allowed:.2f}{usual}",
        "calibrate with more, and more typical, real inputs",
    )


def _max_instructions(limits: Thresholds, judgement: Judgement) -> Finding | None:
    most, cost = limits.max_instructions, judgement.cost
    if most is None:
        return None
    if not isinstance(cost, Instructions):
        return _unmeasured("max-instructions", "instructions", "judge on a simulated board")
    if cost.warm <= most:
        return None
    return _error(
        "max-instructions",
        f"an inference takes {cost.warm:,} instructions, more than the {most:,} allowed",
        "take a smaller model, or a board whose core has the DSP extension",
    )


def _max_cycles(limits: Thresholds, judgement: Judgement) -> Finding | None:
    most, cost = limits.max_cycles, judgement.cost
    if most is None:
        return None
    cycles = cost.warm if isinstance(cost, Cycles) else None if cost is None else cost.cycles_estimated
    if cycles is None:
        return _unmeasured(
            "max-cycles", "cycles", "judge on a board that counts them, or that edgeq's simulator estimates"
        )
    if cycles <= most:
        return None
    told = "" if isinstance(cost, Cycles) else "an estimated "
    return _error(
        "max-cycles",
        f"an inference takes {told}{cycles:,} cycles, more than the {most:,} allowed",
        "take a smaller model, or a board whose core has the DSP extension",
    )


def _max_latency(limits: Thresholds, judgement: Judgement) -> Finding | None:
    most, cost = limits.max_latency, judgement.cost
    if most is None:
        return None
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


def _require_exact(limits: Thresholds, judgement: Judgement) -> Finding | None:
    if not limits.require_exact or judgement.exactness.is_exact:
        return None
    hint = _DEFECT if judgement.is_exact_by_construction else _ROUNDS_OTHERWISE
    return _error("require-exact", str(judgement.exactness), hint)


def _allow_inexact(limits: Thresholds, judgement: Judgement) -> Finding | None:
    exactness = judgement.exactness
    if not judgement.is_exact_by_construction or exactness.is_exact or limits.require_exact:
        return None
    accuracy, message = judgement.accuracy, str(exactness)
    if accuracy.int8 is not None and accuracy.device is not None and accuracy.device < accuracy.int8:
        message += f"; accuracy falls from {_percent(accuracy.int8)} to {_percent(accuracy.device)} by it"
    return finding("inexact", "warning" if limits.allow_inexact else "error", message, _DEFECT)


def _max_mae(limits: Thresholds, judgement: Judgement) -> Finding | None:
    return _within("max-mae", "mean absolute error", limits.max_mae, judgement, lambda found: found.mae)


def _max_rmse(limits: Thresholds, judgement: Judgement) -> Finding | None:
    what = "root mean squared error"
    return _within("max-rmse", what, limits.max_rmse, judgement, lambda found: found.rmse)


def _min_r2(limits: Thresholds, judgement: Judgement) -> Finding | None:
    least, device = limits.min_r2, None if judgement.regression is None else judgement.regression.device.r2
    if least is None:
        return None
    if device is None:
        return _unmeasured("min-r2", "R² on the device", _VALUES)
    if device >= least:
        return None
    return _error("min-r2", f"R² on the device is {device:.4g}, less than {least:g}", _WHOSE_ERROR)


def _within(
    rule: str, what: str, most: float | None, judgement: Judgement, error: Callable[[Errors], float]
) -> Finding | None:
    if most is None:
        return None
    if judgement.regression is None:
        return _unmeasured(rule, f"the {what} on the device", _VALUES)
    device = error(judgement.regression.device)
    if device <= most:
        return None
    return _error(rule, f"the {what} on the device is {device:.4g}, more than {most:g}", _WHOSE_ERROR)


_VALUES = "give --data with the values y that the output should have, and that differ"
_WHOSE_ERROR = (
    "compare the errors of float, int8 and device: a large one of float is the model's or the data's, one of "
    "int8 alone is the quantization's"
)
_DROP = "max-accuracy-drop"
_ROUNDING = 1e-9  # differences of shares are not exact in floating point
_DEFECT = (
    "firmware made by edgeq gives the oracle's every bit, so this is a defect of edgeq, of the toolchain or "
    "of the board: please report it with model and input; --allow-inexact tolerates it"
)
_ROUNDS_OTHERWISE = (
    "the Edge TPU rounds in its own way: ask for accuracy or look at arg-max agreement instead"
)


@dataclass(frozen=True)
class Limit:
    """One row of docs/report.md.

    Attributes:
        name: of the option, as Python has it.
        fails_where: when it gives an error.
        finding: that error's rule.
    """

    name: str
    fails_where: str
    finding: str


def _limit(rule: Rule, fails_where: str, *, default: bool | None = None, finding: str = "") -> Any:
    return field(default=default, metadata={"rule": rule, "fails_where": fails_where, "finding": finding})


@dataclass(frozen=True)
class Thresholds:
    """Limits by their options' names.

    Without any, firmware that edgeq made has to be exact, and accuracy may drop by ``USUAL_DROP``.

    Attributes:
        min_accuracy: of the device, 0 to 1.
        max_accuracy_drop: from the float model to the device, 0 to 1; from the int8 model in the oracle where
            there is no float model. None for 5 points, unless they are fewer than three samples.
        max_mae, max_rmse, min_r2: of a regression's values on the device, in the unit of the data.
        max_instructions: of a warm inference.
        max_cycles: of a warm inference: counted on hardware, estimated in edgeq's simulator.
        max_latency: of a warm inference, in milliseconds; for boards of hardware.
        require_exact: every output element equals the oracle's, on an Edge TPU too.
        allow_inexact: firmware that edgeq made need not equal the oracle; a warning says how it differs.
    """

    min_accuracy: float | None = _limit(_min_accuracy, "`accuracy.device` is lower")
    max_accuracy_drop: float | None = _limit(
        _max_accuracy_drop,
        "`accuracy.float` (without a float model `accuracy.int8`) minus `accuracy.device` is more; without "
        "it more than 5 points and two samples",
    )
    max_mae: float | None = _limit(_max_mae, "`regression.device.mae` is more")
    max_rmse: float | None = _limit(_max_rmse, "`regression.device.rmse` is more")
    min_r2: float | None = _limit(_min_r2, "`regression.device.r2` is lower")
    max_instructions: int | None = _limit(_max_instructions, "`latency.instructions_warm` is more")
    max_cycles: int | None = _limit(
        _max_cycles, "`latency.cycles_warm`, on a simulated board `latency.cycles_estimated`, is more"
    )
    max_latency: float | None = _limit(
        _max_latency, "`latency.ms_warm` is more; a usage error where nothing real runs"
    )
    require_exact: bool = _limit(
        _require_exact, "`exactness.exact` is not `exactness.outputs`", default=False
    )
    allow_inexact: bool = _limit(
        _allow_inexact,
        "it is missing, the runtime is `aot` or `tflm`, and `exactness.exact` is not `exactness.outputs`; "
        "with it a warning",
        default=False,
        finding="inexact",
    )

    def findings(self, judgement: Judgement) -> tuple[Finding, ...]:
        """What each limit says that was not met, or could not be measured: an error, or what was allowed."""
        found = (limit.metadata["rule"](self, judgement) for limit in fields(self))
        return tuple(one for one in found if one is not None)


class Limits(TypedDict, total=False):
    """The same as callers of the Python API say it: a share is 0..1, or a text such as ``"90%"``."""

    min_accuracy: float | str | None
    max_accuracy_drop: float | str | None
    max_mae: float | None
    max_rmse: float | None
    min_r2: float | None
    max_instructions: int | None
    max_cycles: int | None
    max_latency: float | None
    require_exact: bool
    allow_inexact: bool


def limits() -> tuple[Limit, ...]:
    """Every limit, in the order in which they are looked at."""
    rows = ((limit.name, limit.metadata) for limit in fields(Thresholds))
    return tuple(
        Limit(name, told["fails_where"], told["finding"] or name.replace("_", "-")) for name, told in rows
    )


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %"


def _unmeasured(rule: str, what: str, hint: str) -> Finding:
    return _error(rule, f"{what} was not measured, so the limit cannot be shown to hold", hint)


def _error(rule: str, message: str, hint: str) -> Finding:
    return finding(rule, "error", message, hint)
