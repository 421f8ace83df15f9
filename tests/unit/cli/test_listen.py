"""Progress: plain lines for logs, a bar on a terminal."""

from __future__ import annotations

import io
import re

from edgeq.cli.listen import Bars, Lines, Quiet


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def plain(stream: io.StringIO) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", stream.getvalue())


def test_lines_say_a_stage_once_and_a_long_one_now_and_then() -> None:
    stream, now = io.StringIO(), [0.0]
    lines = Lines(stream, lambda: now[0])
    lines.stage("build")
    lines.stage("build", "20 files")
    for done in range(100):
        now[0] += 0.25
        lines.advance(done + 1, 100)
    lines.note("two\nlines \x1b[2J")
    assert stream.getvalue().splitlines() == [
        "edgeq: build: 20 files",
        "edgeq: build: 20 of 100 (20 %)",
        "edgeq: build: 40 of 100 (40 %)",
        "edgeq: build: 60 of 100 (60 %)",
        "edgeq: build: 80 of 100 (80 %)",
        "edgeq: build: 100 of 100 (100 %)",
        "edgeq: note: two lines \N{REPLACEMENT CHARACTER}[2J",
    ]


def test_bars_tick_off_stages_with_their_time() -> None:
    stream = Terminal()
    bars = Bars(stream)
    bars.stage("convert", "100 samples [bold]of[/bold] it")
    bars.advance(1, 2)
    bars.note("by the way")
    bars.stage("check")
    bars.close(failed=False)
    text = plain(stream)
    assert re.search(r"✓ convert   100 samples \[bold\]of\[/bold\] it  \(\d+\.\d s\)", text)
    assert "! by the way" in text
    assert re.search(r"✓ check", text)
    assert bars.current == ""


def test_bars_cross_out_what_failed() -> None:
    stream = Terminal()
    bars = Bars(stream)
    bars.stage("build", "x")
    bars.close(failed=True)
    assert "✗ build" in plain(stream)
    assert bars.current == "build"


def test_quiet_remembers_the_stage() -> None:
    quiet = Quiet()
    quiet.stage("run", "x")
    quiet.advance(1, 2)
    quiet.note("x")
    quiet.close(failed=True)
    assert quiet.current == "run"
