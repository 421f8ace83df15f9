"""What a report says of an Edge TPU: what stays on the CPU, where the prediction was wrong, a slow link."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgeq.checker import Finding
from edgeq.judge.report import finding

if TYPE_CHECKING:
    from edgeq.edgetpu.compile_log import ModelSummary
    from edgeq.edgetpu.compiler import Output
    from edgeq.edgetpu.prediction import Prediction
    from edgeq.judge.edgetpu import EdgeTpuJudgement

_SHOWN_OPERATORS = 5


def mapping_findings(
    prediction: Prediction, summary: ModelSummary | None, min_mapped: float | None
) -> tuple[Finding, ...]:
    """What stays on the CPU, and whether that is too much.

    Args:
        prediction: the reasons come from it.
        summary: the compiler's word, which wins over the prediction's numbers; None without it.
        min_mapped: the least share of operators that has to be mapped.
    """
    found: list[Finding] = []
    mapped, total, by = prediction.summary.mapped, prediction.summary.total, "predicted"
    if summary is not None and summary.mapped is not None and summary.total is not None:
        mapped, total, by = summary.mapped, summary.total, "compiled"
    elif prediction.failure is not None:
        found.append(
            finding("predicted-failure", "warning", prediction.failure.reason, prediction.failure.remedy)
        )
    share = mapped / total if total else 0.0
    told = f"{mapped} of {total} operators run on the Edge TPU ({by})"
    if min_mapped is not None and share < min_mapped:
        found.append(
            finding(
                "min-mapped", "error",
                f"{told}, which is {100 * share:.1f} %, less than {100 * min_mapped:g} %",
                "edgeq check --target edgetpu names the reason of each operator",
            )
        )  # fmt: skip
    elif mapped < total:
        found.append(finding("on-the-cpu", "warning", told, ""))
    causes = [one for one in prediction.operators if not one.mapped and not one.blocked_by]
    for one in causes[:_SHOWN_OPERATORS] if mapped < total else ():
        message = f"operator {one.index} ({one.name}) stays on the CPU: {one.reason}"
        found.append(finding("unmapped", "info", message, one.remedy, operator=one.index, opcode=one.name))
    return tuple(found)


def link_findings(judged: EdgeTpuJudgement) -> tuple[Finding, ...]:
    """A warning where the stick hangs on USB 2."""
    slow = next((stick for stick in judged.host.usb if stick.is_slow), None)
    if judged.coral.processor == "cpu" or slow is None or judged.host.pci:
        return ()
    return (
        finding(
            "slow-link", "warning",
            f"the stick hangs on {slow.link}: inputs and weights take eight times longer",
            "use a USB 3 port and its own cable",
        ),
    )  # fmt: skip


def missed(prediction: Prediction, summary: ModelSummary | None) -> tuple[Finding, ...]:
    """Where the compiler decided otherwise than was predicted."""
    from edgeq.edgetpu.agreement import compare

    agreement = None if summary is None else compare(prediction, summary)
    if agreement is None or not agreement.differences:
        return ()
    told = ", ".join(f"{one.name} {one.compiled} instead of {one.predicted}" for one in agreement.differences)
    return (
        finding(
            "prediction-missed", "info", f"the compiler mapped other operators than was predicted: {told}",
            "please report it with the model: the prediction should have known",
        ),
    )  # fmt: skip


def nothing_mapped(output: Output) -> tuple[Finding, ...]:
    """An error where nothing of a compiled model runs on the Edge TPU, which the compiler calls a success."""
    if output.mapped:
        return ()
    return (
        finding(
            "nothing-mapped", "error", f"no operator of {output.file} runs on the Edge TPU",
            "edgeq check --target edgetpu names the reason of each operator",
        ),
    )  # fmt: skip
