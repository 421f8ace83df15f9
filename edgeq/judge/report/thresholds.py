"""What a verdict asks for, and what it says where it was not met."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgeq.checker import Finding

if TYPE_CHECKING:
    from edgeq.judge import Judgement


@dataclass(frozen=True)
class Thresholds:
    """Limits; None or False asks for nothing.

    Attributes:
        min_accuracy: of the device, 0 to 1.
        max_accuracy_drop: from the float model to the device, 0 to 1; from the int8 model in the oracle where
            there is no float model.
        max_instructions: of a warm inference.
        max_latency: of a warm inference, in milliseconds; for boards of hardware.
        require_exact: every output element equals the oracle's.
    """

    min_accuracy: float | None = None
    max_accuracy_drop: float | None = None
    max_instructions: int | None = None
    max_latency: float | None = None
    require_exact: bool = False

    def findings(self, judgement: Judgement) -> tuple[Finding, ...]:
        """An error for each limit that was not met, or could not be measured."""
        found = (
            self._accuracy(judgement),
            self._drop(judgement),
            self._instructions(judgement),
            self._latency(judgement),
            self._exactness(judgement),
        )
        return tuple(finding for finding in found if finding is not None)

    def _accuracy(self, judgement: Judgement) -> Finding | None:
        if self.min_accuracy is None:
            return None
        device = judgement.accuracy_device
        if device is None:
            return _unmeasured("min-accuracy", "accuracy on the device", "give --data with labels")
        if device >= self.min_accuracy:
            return None
        return _error(
            "min-accuracy",
            f"accuracy on the device is {_percent(device)}, less than {_percent(self.min_accuracy)}",
            "compare float, int8 and device accuracy: a low float accuracy is the model's or the data's, "
            "a low int8 accuracy is the quantization's",
        )

    def _drop(self, judgement: Judgement) -> Finding | None:
        if self.max_accuracy_drop is None:
            return None
        device, before, of = judgement.accuracy_device, judgement.accuracy_float, "float"
        if before is None:
            before, of = judgement.accuracy_int8, "int8"
        if device is None or before is None:
            return _unmeasured("max-accuracy-drop", "accuracy", "give --data with labels")
        drop = before - device
        if drop <= self.max_accuracy_drop + _ROUNDING:
            return None
        return _error(
            "max-accuracy-drop",
            f"accuracy drops by {100 * drop:.2f} points from {_percent(before)} ({of}) to {_percent(device)} "
            f"on the device, more than {100 * self.max_accuracy_drop:.2f}",
            "calibrate with more, and more typical, real inputs",
        )

    def _instructions(self, judgement: Judgement) -> Finding | None:
        if self.max_instructions is None:
            return None
        warm = judgement.instructions_warm
        if warm is None:
            return _unmeasured("max-instructions", "instructions", "judge on a simulated board")
        if warm <= self.max_instructions:
            return None
        return _error(
            "max-instructions",
            f"an inference takes {warm:,} instructions, more than the {self.max_instructions:,} allowed",
            "take a smaller model, or a board whose core has the DSP extension",
        )

    def _latency(self, judgement: Judgement) -> Finding | None:
        if self.max_latency is None:
            return None
        cycles = judgement.cycles
        taken = cycles.milliseconds(cycles.warm) if cycles is not None else None
        if taken is None:
            return _unmeasured("max-latency", "the latency", "judge on a board that counts cycles")
        if taken <= self.max_latency:
            return None
        return _error(
            "max-latency",
            f"an inference takes {taken:.3f} ms, more than the {self.max_latency:g} allowed",
            "take a smaller model, a board with a faster clock, or one whose core has the DSP extension",
        )

    def _exactness(self, judgement: Judgement) -> Finding | None:
        exactness = judgement.exactness
        if not self.require_exact or exactness.is_exact:
            return None
        return _error(
            "require-exact",
            f"{exactness.outputs - exactness.exact:,} of {exactness.outputs:,} output elements differ from "
            f"{exactness.oracle} ({exactness.off_by_one:,} by one)",
            "this is a defect of edgeq or of the toolchain: please report it with model and input",
        )


_ROUNDING = 1e-9  # differences of shares are not exact in floating point


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %"


def _unmeasured(rule: str, what: str, hint: str) -> Finding:
    return _error(rule, f"{what} was not measured, so the limit cannot be shown to hold", hint)


def _error(rule: str, message: str, hint: str) -> Finding:
    return Finding(rule, "error", None, "", "", "", message, hint)
