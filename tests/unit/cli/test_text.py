"""Sizes, shares and bars as people read them."""

from __future__ import annotations

import pytest

from edgeq.cli.bars import bar, colour
from edgeq.cli.text import clean, one_line, percent, size


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KB"), (256 * 1024, "256.0 KB"), (1 << 20, "1.00 MB")],
)
def test_size(count: int, text: str) -> None:
    assert size(count) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0 %"),
        (1, "100 %"),
        (0.904, "90.4 %"),
        (0.99996, ">99.9 %"),
        (0.0001, "<0.1 %"),
        (0.9994, "99.9 %"),
    ],
)
def test_percent_never_claims_all_or_nothing(share: float, text: str) -> None:
    assert percent(share) == text


def test_bar() -> None:
    assert bar(0).count("█") == 0
    assert bar(0.001).count("█") == 1
    assert bar(0.5).count("█") == 10
    assert bar(3).count("█") == len(bar(3)) == 20
    assert [colour(share) for share in (0.5, 0.95, 1.01)] == ["green", "yellow", "red"]


def test_clean_and_one_line() -> None:
    assert clean("a\tb\nc") == "a\tb\nc"
    assert clean("\x1b]0;x\x07") == "\N{REPLACEMENT CHARACTER}]0;x\N{REPLACEMENT CHARACTER}"
    assert one_line("a\n  b") == "a b"
    assert one_line("x" * 50, 10) == "x" * 9 + "…"
