"""JUnit XML, as CI servers read it: a case for each cell, with properties."""

from __future__ import annotations

import datetime
import platform
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal
from xml.etree import ElementTree

from edgeq.judge.baseline import figures_of

if TYPE_CHECKING:
    from edgeq.judge.report import Report

_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no way to write: a serial line may say anything."""


@dataclass(frozen=True)
class Case:
    """One cell.

    Attributes:
        name: of the cell.
        seconds: that it took.
        outcome: a verdict; ``"error"`` where there is none: a tool, a build or a device failed; or
            ``"skipped"``: it was not begun.
        message, details: why it did not pass; one line, and all of it.
        properties: by name.
    """

    name: str
    seconds: float
    outcome: Literal["pass", "fail", "error", "skipped"]
    message: str = ""
    details: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)


def junit_xml(cases: Sequence[Case]) -> bytes:
    """A file with one suite, ``edgeq``."""
    counts = {
        "tests": str(len(cases)),
        "failures": str(sum(case.outcome == "fail" for case in cases)),
        "errors": str(sum(case.outcome == "error" for case in cases)),
        "skipped": str(sum(case.outcome == "skipped" for case in cases)),
        "time": f"{sum(case.seconds for case in cases):.3f}",
    }
    root = ElementTree.Element("testsuites", {"name": "edgeq", **counts})
    now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0, tzinfo=None)
    more = {"timestamp": now.isoformat(), "hostname": platform.node()}
    suite = ElementTree.SubElement(root, "testsuite", {"name": "edgeq", **counts, **more})
    for case in cases:
        _write(suite, case)
    ElementTree.indent(root)
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def properties_of(report: Report) -> dict[str, str]:
    """What was judged, made by what and where, and every figure (``figure.instructions``)."""
    told: dict[str, str | None] = {
        "board": report.board,
        "runtime": report.runtime,
        "oracle": report.exactness.oracle,
    }
    if report.origin is not None:
        told |= {f"origin.{name}": value for name, value in vars(report.origin).items()}
    figures = figures_of(report.to_json())
    told |= {f"figure.{name}": f"{value:.10g}" for name, value in figures.items()}
    return {name: value for name, value in told.items() if value is not None}


def _write(suite: ElementTree.Element, case: Case) -> None:
    element = ElementTree.SubElement(
        suite, "testcase", classname="edgeq", name=_clean(case.name), time=f"{case.seconds:.3f}"
    )
    if case.properties:
        inner = ElementTree.SubElement(element, "properties")
        for name, value in case.properties.items():
            ElementTree.SubElement(inner, "property", name=_clean(name), value=_clean(value))
    if case.outcome != "pass":
        kind = "failure" if case.outcome == "fail" else case.outcome
        ElementTree.SubElement(element, kind, message=_clean(case.message)).text = _clean(case.details)


def _clean(text: str) -> str:
    return _UNWRITABLE.sub("\ufffd", text)
