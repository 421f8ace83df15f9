"""What was judged, made by what, and where it ran."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from edgeq.judge.report.section import Schema, Section, record, text


@dataclass(frozen=True)
class Origin(Section):
    """What a figure has to be traced back by.

    Attributes:
        edgeq: its version.
        model_sha256: of the integer model.
        build_hash: of the firmware; None where there is none.
        toolchain: the compiler and its version; None where nothing was compiled here.
        place: a simulator's name, ``"host"``, ``"hardware"``, ``"port"``, ``"edgetpu"`` or ``"cpu"``.
        device: the probe's serial number, the port or the machine; None for a simulation.
        command: the command line; None from Python.
    """

    key: ClassVar[str] = "origin"
    is_optional: ClassVar[bool] = True
    schema: ClassVar[Schema] = record(
        "What was judged, made by what, and where it ran.",
        edgeq=text("The version of edgeq."),
        model_sha256=text("Of the integer model."),
        build_hash=text("Of the firmware; null where there is none.", null=True),
        toolchain=text("The compiler and its version; null where nothing was compiled.", null=True),
        place=text("A simulator's name, host, hardware, port, edgetpu or cpu."),
        device=text("The probe's serial number, the port or the machine; null for a simulation.", null=True),
        command=text("The command line that made it; null from Python.", null=True),
    )

    edgeq: str
    model_sha256: str
    build_hash: str | None
    toolchain: str | None
    place: str
    device: str | None = None
    command: str | None = None
