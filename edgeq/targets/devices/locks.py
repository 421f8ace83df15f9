"""One edgeq per device, whoever runs it and whatever its environment says of temporary folders."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from types import TracebackType

from edgeq.base.errors import DeviceBusy, DeviceError
from edgeq.base.locks import Busy, FileLock

_PLACE = Path("/tmp")  # noqa: S108 - the one folder that all users of a machine share, TMPDIR or not


class DeviceLock:
    """Held from ``acquire`` to ``release``.

    Args:
        key: what identifies the device: its serial number, or its port.
        name: what messages call it.
    """

    def __init__(self, key: str, *, name: str = "") -> None:
        self._name = name or f"device {key}"
        one = os.path.realpath(key) if key.startswith("/") else key
        self.path = _PLACE / f"edgeq-{hashlib.sha256(os.fsencode(one)).hexdigest()[:16]}.lock"
        self._lock = FileLock(self.path, lasting=True)

    def acquire(self) -> None:
        """Take it, without waiting.

        Raises:
            DeviceBusy: another process has it, which the message names.
            DeviceError: the file cannot be opened.
        """
        try:
            self._lock.acquire()
        except Busy as error:
            raise DeviceBusy(
                f"the {self._name} is in use by {error.who}",
                "wait until it has ended, or choose another one",
            ) from error
        except OSError as error:
            raise DeviceError(
                f"cannot lock the {self._name}: {self.path}: {error.strerror}",
                "check the permissions of that file",
            ) from error

    def release(self) -> None:
        """Give it back; more than once is fine."""
        self._lock.release()

    def __enter__(self) -> DeviceLock:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
