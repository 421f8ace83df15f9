"""Files appear only when whole, and never over another unasked."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from edgeq.base import files
from edgeq.base.errors import UsageError
from edgeq.base.files import write_atomic


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_write_atomic_makes_parents_and_leaves_nothing_else(tmp_path: Path) -> None:
    write_atomic(tmp_path / "a" / "b" / "model.tflite", b"data")
    assert (tmp_path / "a" / "b" / "model.tflite").read_bytes() == b"data"
    assert names(tmp_path / "a" / "b") == {"model.tflite"}


def test_write_atomic_honours_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_atomic(tmp_path / "x", b"")
    finally:
        os.umask(before)
    assert (tmp_path / "x").stat().st_mode & 0o777 == 0o640


def test_write_atomic_refuses_an_existing_file(tmp_path: Path) -> None:
    place = tmp_path / "x"
    place.write_bytes(b"old")
    with pytest.raises(UsageError, match="exists") as caught:
        write_atomic(place, b"new")
    assert "--force" in caught.value.hint
    assert place.read_bytes() == b"old"
    assert names(tmp_path) == {"x"}


def test_write_atomic_refuses_a_dangling_link(tmp_path: Path) -> None:
    (tmp_path / "x").symlink_to(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="exists"):
        write_atomic(tmp_path / "x", b"new")
    assert not (tmp_path / "nowhere").exists()


def test_write_atomic_with_force_replaces(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"old")
    write_atomic(tmp_path / "x", b"new", force=True)
    assert (tmp_path / "x").read_bytes() == b"new"
    assert names(tmp_path) == {"x"}


def test_write_atomic_refuses_a_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a folder"):
        write_atomic(tmp_path, b"x", force=True)


def test_write_atomic_does_not_lose_a_race(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process makes the file between the look and the rename."""
    place = tmp_path / "x"
    monkeypatch.setattr(files.os, "fsync", lambda _fd: place.write_bytes(b"theirs"))
    with pytest.raises(UsageError, match="exists"):
        write_atomic(place, b"ours")
    assert place.read_bytes() == b"theirs"
    assert names(tmp_path) == {"x"}


def test_write_atomic_on_a_file_system_without_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object) -> None:
        raise PermissionError("no links here")

    monkeypatch.setattr(files.os, "link", refuse)
    write_atomic(tmp_path / "x", b"data")
    assert (tmp_path / "x").read_bytes() == b"data"
    with pytest.raises(UsageError):
        write_atomic(tmp_path / "x", b"other")
    assert names(tmp_path) == {"x"}


def test_interrupted_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_fd: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(files.os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomic(tmp_path / "new" / "x", b"data")
    assert names(tmp_path) == set()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_unwritable_place(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(UsageError, match="cannot write"):
            write_atomic(tmp_path / "x", b"data")
    finally:
        tmp_path.chmod(0o700)


def test_parent_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UsageError, match="cannot write"):
        write_atomic(tmp_path / "file" / "x", b"data")


def test_the_same_bytes_need_no_force(tmp_path: Path) -> None:
    write_atomic(tmp_path / "x", b"data")
    write_atomic(tmp_path / "x", b"data")
    assert names(tmp_path) == {"x"}


def test_what_a_killed_writer_left_is_swept_and_what_a_live_one_writes_is_not(tmp_path: Path) -> None:
    dead, alive = tmp_path / ".x.part-01234567", tmp_path / ".x.part-89abcdef"
    dead.write_bytes(b"half")
    other = tmp_path / ".y.part-01234567"
    other.write_bytes(b"half")
    file = files._open_part(alive)
    try:
        write_atomic(tmp_path / "x", b"data")
        assert names(tmp_path) == {"x", alive.name, other.name}
    finally:
        os.close(file)
    write_atomic(tmp_path / "x", b"more", force=True)
    assert names(tmp_path) == {"x", other.name}


def test_the_clean_up_does_not_hide_why_it_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, missing_ok: bool = False) -> None:
        raise OSError(30, "Read-only file system")

    def full(_fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "unlink", refuse)
    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(UsageError, match="No space left"):
        write_atomic(tmp_path / "x", b"data")
