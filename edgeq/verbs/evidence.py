"""Why something failed, for who reads it in CI: what was waited for, what was said last, where the log is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from edgeq.verbs.folders import PROJECT, SERIAL_LOG

if TYPE_CHECKING:
    from edgeq.base.errors import EdgeqError
    from edgeq.judge.report import Report

LINES = 20
"""Of a log's end."""
_BYTES = 8192
_UNSEEN = re.compile(r"[^\t\x20-\x7e\xa0-\ud7ff\ue000-\ufffd]")


def failed_because(report: Report) -> str:
    """What made a report a failure, a line for each finding; then where it is."""
    errors = [one for one in report.findings if one.severity == "error"]
    lines = [f"{one.rule}: {one.message}" + (f" ({one.hint})" if one.hint else "") for one in errors]
    kept = [f"{name}: {path}" for name, path in report.artefacts.items() if name in ("report", "serial_log")]
    return "\n".join([*lines, *kept])


def evidence_of(error: EdgeqError, out: Path | None) -> str:
    """An error with its hint, the end of each log in an output folder, and the logs' paths.

    Args:
        out: None where nobody knows the folder.
    """
    told = [error.message, *([f"hint: {error.hint}"] if error.hint else [])]
    for log in _logs(out):
        told += [f"the end of {log}:", *(f"  {line}" for line in tail(log))]
    return "\n".join(told)


def tail(log: Path) -> list[str]:
    """The last lines of a log, without what a terminal would obey."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - _BYTES))
            said = file.read(_BYTES)
    except OSError:
        return []
    lines = said.decode("utf-8", "replace").splitlines()
    return [_UNSEEN.sub("\ufffd", line) for line in lines[-LINES:]]


def _logs(out: Path | None) -> Iterator[Path]:
    from edgeq.builder.image import BUILD_FOLDER, ELF, LOG
    from edgeq.targets import FLASH_LOG

    if out is None:
        return
    build = out / PROJECT / BUILD_FOLDER
    for log in (build / LOG, out / FLASH_LOG, out / SERIAL_LOG, out / PROJECT / SERIAL_LOG):
        done = log.name == LOG and (build / ELF).is_file()
        if not done and log.is_file() and log.stat().st_size:
            yield log
