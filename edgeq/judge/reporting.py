"""From a judgement to a report: its sections, its findings and its verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from edgeq import __version__
from edgeq.checker import Finding
from edgeq.judge.report.findings import Findings, finding, once
from edgeq.judge.report.limits import Thresholds
from edgeq.judge.report.memory import Flash, Ram
from edgeq.judge.report.origin import Origin
from edgeq.judge.report.report import Report

if TYPE_CHECKING:
    from edgeq.builder import Image
    from edgeq.checker import Checked
    from edgeq.judge.edgetpu import EdgeTpuJudgement
    from edgeq.judge.report.judgement import Judgement

EDGETPU = "edgetpu"
"""The runtime of an Edge TPU's report."""


def make_report(
    checked: Checked,
    image: Image,
    judgement: Judgement,
    thresholds: Thresholds | None = None,
    *,
    findings: Sequence[Finding] = (),
    notes: Sequence[str] = (),
    artefacts: Mapping[str, Path] | None = None,
    place: str = "",
    device: str | None = None,
) -> Report:
    """The report of firmware.

    Args:
        checked: the model and the check's findings.
        image: the firmware, its sizes and its board.
        judgement: what the device did.
        thresholds: what the verdict asks for; None for nothing.
        findings: of the stages before the check.
        notes: what else a reader should know, each becomes a finding of rule ``note``.
        artefacts: name to path; the ELF file and the project are added.
        place, device: where it ran, as :class:`~edgeq.judge.report.Origin` has them.
    """
    stack = judgement.stack
    found = (
        *findings,
        *checked.findings,
        *(finding("note", "info", note, "") for note in notes),
        *(() if stack is None else stack.findings(image.sizes.stack_bound)),
        *(() if judgement.latency is None else judgement.latency.findings()),
        *judgement.findings,
        *(thresholds or Thresholds()).findings(judgement),
    )
    origin = Origin(__version__, image.model_sha256, image.build_hash, image.toolchain, place, device)
    sections = (*judgement.sections, *_memory(image, judgement), Findings(once(found)), origin)
    report = Report(checked.graph.name, image.board.id, checked.runtime, sections)
    return report.with_artefacts(**{"project": image.project, "firmware": image.elf, **(artefacts or {})})


def make_edgetpu_report(
    model: str,
    board: str,
    judged: EdgeTpuJudgement,
    thresholds: Thresholds | None = None,
    *,
    model_sha256: str,
    findings: Sequence[Finding] = (),
    mapped: int | None = None,
    operators: int | None = None,
) -> Report:
    """The report of an Edge TPU, or of the CPU beside one.

    Args:
        model, board: the model's name, and the board's as it was given (``coral@user@host``).
        judged: what the device did.
        thresholds: what the verdict asks for; None for nothing.
        model_sha256: of the integer model.
        findings: of the stages before.
        mapped, operators: how many of how many the compiler has mapped; None without it.
    """
    judgement = judged.judgement
    limits = (thresholds or Thresholds()).findings(judgement)
    found = Findings(once((*findings, *judgement.findings, *limits)))
    coral = replace(judged.coral, mapped=mapped, operators=operators)
    origin = Origin(__version__, model_sha256, None, None, coral.processor, coral.host)
    return Report(model, board, EDGETPU, (*judgement.sections, found, coral, origin))


def _memory(image: Image, judgement: Judgement) -> tuple[Flash, Ram]:
    sizes, board = image.sizes, image.board
    used = None if judgement.stack is None else judgement.stack.used
    return (
        Flash(sizes.code, sizes.weights, sizes.flash_total, board.flash.size if board.flash else None),
        Ram(
            arena=sizes.arena,
            static=sizes.static,
            stack=used,
            stack_bound=sizes.stack_bound,
            total=sizes.arena + sizes.static + (used or 0),
            board=board.ram.size if board.ram else None,
        ),
    )
