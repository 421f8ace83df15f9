"""The answers of a run, kept as they come, so that one which was cut short can go on."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, Any

JOURNAL = "journal.jsonl"
_VERSION = 1


class Journal:
    """A line for each sample that is answered; a line that came to be only in part counts as none.

    Args:
        path: the file. It is begun anew unless ``resume`` finds one of the same run in it.
        resume: take the answers that are there.
    """

    def __init__(self, path: Path, *, resume: bool = False) -> None:
        self.path, self._resume = path, resume
        self._file: IO[bytes] | None = None
        self.samples = 0
        """How many samples have their answer."""
        self.resumed = 0
        """How many of them are an earlier run's."""

    def begin(self, identity: str, sizes: Sequence[int]) -> dict[int, list[bytes]]:
        """What is known already, by sample. Raises OSError when the file cannot be written.

        Args:
            identity: of the firmware and the samples (``identity_of``).
            sizes: bytes of each output.
        """
        head = json.dumps({"edgeq_journal": _VERSION, "run": identity}).encode() + b"\n"
        known = _read(self.path, head, sizes) if self._resume else {}
        self._file = self.path.open("wb", buffering=0)
        self._file.write(head)
        self.samples, self.resumed = 0, len(known)
        for sample, outputs in known.items():
            self.keep(sample, outputs)
        return known

    def keep(self, sample: int, outputs: Sequence[bytes]) -> None:
        """One more answer."""
        if self._file is not None:
            body = [sample, [data.hex() for data in outputs]]
            self._file.write(json.dumps([*body, _check(body)]).encode() + b"\n")
            self.samples += 1

    def close(self, *, is_whole: bool) -> None:
        """The run has ended; what is whole needs no journal any more."""
        if self._file is not None:
            self._file.close()
            self._file = None
            if is_whole:
                self.path.unlink(missing_ok=True)


def identity_of(model_sha256: str, build_hash: str, inputs: Iterable[bytes]) -> str:
    """What makes two runs the same: firmware and samples."""
    found = hashlib.sha256(f"{model_sha256} {build_hash}".encode())
    for data in inputs:
        found.update(hashlib.sha256(data).digest())
    return found.hexdigest()


def _check(body: list[Any]) -> int:
    return zlib.crc32(json.dumps(body).encode())


def _read(path: Path, head: bytes, sizes: Sequence[int]) -> dict[int, list[bytes]]:
    try:
        first, *lines = path.read_bytes().splitlines(keepends=True)
    except (OSError, ValueError):
        return {}
    if first != head:
        return {}
    known: dict[int, list[bytes]] = {}
    for line in lines:
        try:
            sample, outputs, check = json.loads(line)
            data = [bytes.fromhex(one) for one in outputs]
            if check == _check([sample, outputs]) and [len(one) for one in data] == list(sizes):
                known[int(sample)] = data
        except (ValueError, TypeError):
            continue
    return known
