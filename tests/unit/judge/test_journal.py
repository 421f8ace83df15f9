"""The answers of a run that was cut short: kept, and taken only by the same run."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgeq.judge.journal import Journal, identity_of

SIZES = [2, 1]


def begun(path: Path, run: str = "a") -> Journal:
    journal = Journal(path)
    assert journal.begin(run, SIZES) == {}
    for sample in (3, 0, 7):
        journal.keep(sample, [bytes([sample, 1]), b"x"])
    return journal


def known(path: Path, run: str = "a", sizes: list[int] = SIZES) -> dict[int, list[bytes]]:
    journal = Journal(path, resume=True)
    found = journal.begin(run, sizes)
    journal.close(is_whole=False)
    assert journal.samples == journal.resumed == len(found)
    return found


def test_what_was_kept_is_taken_also_twice(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    begun(path)  # and killed: it was never closed
    expected = {sample: [bytes([sample, 1]), b"x"] for sample in (3, 0, 7)}
    assert known(path) == expected
    assert known(path) == expected


def test_another_runs_are_not(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    begun(path).close(is_whole=False)
    assert known(path, run="b") == {}
    begun(path).close(is_whole=False)
    assert known(path, sizes=[2, 2]) == {}
    assert known(tmp_path / "none") == {}


@pytest.mark.parametrize("cut", range(2, 60, 7))
def test_a_line_in_part_or_spoilt_counts_as_none(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "journal.jsonl"
    begun(path).close(is_whole=False)
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    assert set(known(path)) in ({0, 3}, {3}, set())
    spoilt = bytearray(whole)
    spoilt[-cut] ^= 1
    path.write_bytes(bytes(spoilt))
    assert all(data == [bytes([sample, 1]), b"x"] for sample, data in known(path).items())


def test_a_whole_run_leaves_none(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    begun(path).close(is_whole=True)
    assert not path.exists()


def test_who_the_same_run_is() -> None:
    one = identity_of("m", "b", [b"ab", b"c"])
    assert one == identity_of("m", "b", [b"ab", b"c"])
    assert len({one, identity_of("n", "b", [b"ab", b"c"]), identity_of("m", "b", [b"a", b"bc"])}) == 3
