"""The report: what ``deploy`` and ``run`` found, in the shape that docs/report.md documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from edgeq.checker import Finding
from edgeq.judge import Exactness
from edgeq.judge.report.thresholds import Thresholds

if TYPE_CHECKING:
    from edgeq.builder import Image
    from edgeq.checker import Checked
    from edgeq.judge import Judgement

SCHEMA_VERSION = 1
_STACK_MARGIN = 0.9

Share = float | None


@dataclass(frozen=True)
class Accuracy:
    """Shares of right answers, 0 to 1; None where not measured."""

    float: Share
    int8: Share
    device: Share


@dataclass(frozen=True)
class Latency:
    """What one inference costs: instructions in a simulator, cycles on a board; None where not measured.

    Attributes:
        macs: its multiply-accumulates.
        clock_hz: of the core, as the firmware tells it.
        ms_first, ms_warm: from cycles and clock; None where the host's clock does not agree.
    """

    instructions_first: int | None
    instructions_warm: int | None
    macs: int | None
    cycles_first: int | None = None
    cycles_warm: int | None = None
    clock_hz: int | None = None
    ms_first: float | None = None
    ms_warm: float | None = None


@dataclass(frozen=True)
class Flash:
    """Bytes: ``total`` is ``code + weights``; ``board`` is what the board has, None on a host."""

    code: int
    weights: int
    total: int
    board: int | None


@dataclass(frozen=True)
class Ram:
    """Bytes: ``stack`` is the high water, None where not measured; ``total`` is the sum of what is known."""

    arena: int
    static: int
    stack: int | None
    total: int
    board: int | None


@dataclass(frozen=True)
class Report:
    """One model on one board, judged.

    Attributes:
        verdict: "fail" where a finding is an error.
        model, board, runtime: the model's name, the board's id, "aot".
        flash, ram: None where no firmware was made.
        findings: of the check, of the stages, and of limits that were not met.
        artefacts: name to path.
        coral: what an Edge TPU was found to do; None on every other board.
    """

    verdict: Literal["pass", "fail"]
    model: str
    board: str
    runtime: str
    accuracy: Accuracy
    exactness: Exactness
    latency: Latency
    flash: Flash | None
    ram: Ram | None
    findings: tuple[Finding, ...] = ()
    artefacts: Mapping[str, str] = field(default_factory=dict)
    coral: Mapping[str, object] | None = None

    def with_artefacts(self, **paths: Path) -> Report:
        """A copy that names more artefacts."""
        return replace(self, artefacts={**self.artefacts, **{k: str(p) for k, p in paths.items()}})

    def to_json(self) -> dict[str, object]:
        """JSON values with the keys of schema version 1, in their documented order."""
        return {
            "schema_version": SCHEMA_VERSION,
            "verdict": self.verdict,
            "model": self.model,
            "board": self.board,
            "runtime": self.runtime,
            "accuracy": asdict(self.accuracy),
            "exactness": asdict(self.exactness),
            "latency": asdict(self.latency),
            "flash": _keys(Flash, self.flash),
            "ram": _keys(Ram, self.ram),
            "findings": [finding.to_dict() for finding in self.findings],
            "artefacts": dict(self.artefacts),
            **({} if self.coral is None else {"coral": dict(self.coral)}),
        }


def _keys(kind: type[Flash] | type[Ram], part: Flash | Ram | None) -> dict[str, object]:
    """The part's values, or null for each of its keys."""
    return dict.fromkeys(name.name for name in fields(kind)) if part is None else asdict(part)


def make_report(
    checked: Checked,
    image: Image,
    judgement: Judgement,
    thresholds: Thresholds | None = None,
    *,
    notes: Sequence[str] = (),
    artefacts: Mapping[str, Path] | None = None,
) -> Report:
    """Puts together what the stages found, and gives the verdict.

    Args:
        checked: the model and the check's findings.
        image: the firmware, its sizes and its board.
        judgement: what the device did.
        thresholds: what the verdict asks for; None for nothing.
        notes: what else a reader should know, each becomes a finding of rule ``note``.
        artefacts: name to path; the ELF file and the project are added.
    """
    findings = (
        *checked.findings,
        *(Finding("note", "info", None, "", "", "", note, "") for note in notes),
        *_stack_findings(judgement),
        *_clock_findings(judgement),
        *(thresholds.findings(judgement) if thresholds is not None else ()),
    )
    sizes, board = image.sizes, image.board
    stack = judgement.stack_high_water
    return Report(
        verdict="fail" if any(finding.severity == "error" for finding in findings) else "pass",
        model=checked.graph.name,
        board=board.id,
        runtime=checked.runtime,
        accuracy=Accuracy(judgement.accuracy_float, judgement.accuracy_int8, judgement.accuracy_device),
        exactness=judgement.exactness,
        latency=_latency(judgement),
        flash=Flash(sizes.code, sizes.weights, sizes.flash_total, board.flash.size if board.flash else None),
        ram=Ram(
            arena=sizes.arena,
            static=sizes.static,
            stack=stack,
            total=sizes.arena + sizes.static + (stack or 0),
            board=board.ram.size if board.ram else None,
        ),
        findings=findings,
    ).with_artefacts(**{"project": image.project, "firmware": image.elf, **(artefacts or {})})


def _latency(judgement: Judgement) -> Latency:
    counted = (judgement.instructions_first, judgement.instructions_warm, judgement.macs)
    cycles = judgement.cycles
    if cycles is None:
        return Latency(*counted)
    times = (cycles.milliseconds(cycles.first), cycles.milliseconds(cycles.warm))
    return Latency(*counted, cycles.first, cycles.warm, cycles.hz, *times)


def _clock_findings(judgement: Judgement) -> tuple[Finding, ...]:
    cycles = judgement.cycles
    if cycles is None or cycles.is_clock_right:
        return ()
    if cycles.hz is None or cycles.drift is None:
        message = "the board's clock is not known, so its cycles are not told in milliseconds"
        hint = "the port's edgeq_port_hz gives it"
    else:
        message = (
            f"the board's clock is not the {cycles.hz:,} Hz that it says: it runs {1 + cycles.drift:.3f} "
            "times as fast as the host's, so cycles are not told in milliseconds"
        )
        hint = "check `clock` in the board file: the crystal's frequency, and whether there is one"
    return (Finding("clock", "warning", None, "", "", "", message, hint),)


def _stack_findings(judgement: Judgement) -> tuple[Finding, ...]:
    used, size = judgement.stack_high_water, judgement.stack_size
    if used is None or size is None or used <= _STACK_MARGIN * size:
        return ()
    message = f"{used:,} of {size:,} bytes of stack were used: an interrupt may overflow it"
    return (Finding("stack", "warning", None, "", "", "", message, "raise `stack` in the board file"),)
