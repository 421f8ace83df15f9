"""Finding a device: in whichever mode it is, whatever it said before, and whether it is the right one."""

from __future__ import annotations

from edgeq.base.errors import DeviceError
from edgeq.targets.link.framing import ESCAPE, LINK_VERSION
from edgeq.targets.link.profile import DeviceInfo, parse_profile
from edgeq.targets.link.text import TextLink
from edgeq.targets.link.wire import Wire

_HASH_DIGITS = 16
_LONGEST_NAME = 200


class Finder:
    """Speaks text until the device is in bulk mode.

    Args:
        wire: the device.
        text: the text protocol on it.
        timeout: seconds that an answer may take.
        retries: how often a command is tried again.
        boot: seconds that the device may be busy with its golden vector.
        flashed: whether it was flashed just now, so that other firmware than that is the flashing's failure.
    """

    def __init__(
        self, wire: Wire, text: TextLink, *, timeout: float, retries: int, boot: float, flashed: bool
    ) -> None:
        self._wire, self._text = wire, text
        self._timeout, self._retries, self._boot, self._flashed = timeout, retries, boot, flashed

    def find(self, *, bulk: bool = False) -> str:
        """The device's name; it is in text mode then. Raises DeviceError when it is silent.

        Args:
            bulk: whether it was in bulk mode when it was last heard.
        """
        silences, end = 0, self._wire.now() + self._boot
        while silences <= self._retries:
            if silences % 2 != bulk and not self._wire.is_replaying:
                # it may be in bulk mode, even within a frame; a slow line takes seconds
                self._wire.send(ESCAPE)
            name = self._text.find()
            if name is not None:
                return name[:_LONGEST_NAME]
            if not self._wire.is_replaying or self._wire.now() > end:
                silences += 1
        raise self._wire.silence(f"no m-name-dut after name%, {self._retries + 1} times {self._timeout:g} s")

    def identify(self, model_sha256: str | None, build_hash: str | None, *, bulk: bool = False) -> DeviceInfo:
        """Finds the device and compares versions and hashes; it is in text mode then. Raises DeviceError."""
        info = self._profile(self.find(bulk=bulk))
        self._compare("model", info.model_hash, model_sha256)
        self._compare("build", info.build_hash, build_hash)
        return info

    def enter(self) -> None:
        """Has the device go into bulk mode. Raises DeviceError."""
        for _ in range(self._retries + 1):
            if self._text.expect("bulk", rf"m-bulk-{LINK_VERSION}") is not None:
                return
            self.find()
        raise self._wire.silence("no m-bulk after bulk%")

    def _profile(self, name: str) -> DeviceInfo:
        """The profile, once it has come twice the same, one behind the other: text has no checksum.

        With others between, two may lack the same packet of a USB adaptor.
        """
        tries, silences, others = 2 * self._retries + 2, 0, 0
        before: tuple[str, str] | None = None
        while silences < tries and others < tries:
            found = self._text.expect("profile", r"m-profile-\[(.*)\]", r"m-model-\[(.*)\]")
            if found is None:
                silences += 1
                continue
            now = found[0][1], found[1][1]
            if now == before:
                return parse_profile(name, *now)
            before = now
            others += 1
        how = "twice the same " if others else ""
        raise self._wire.silence(f"no m-profile {how}after profile%")

    def _compare(self, what: str, found: str, expected: str | None) -> None:
        if expected is None or found == expected[:_HASH_DIGITS]:
            return
        hashes = f"{what} hash {found[:_HASH_DIGITS]}, expected {expected[:_HASH_DIGITS]}"
        if self._flashed:
            raise DeviceError(
                f"the board runs other firmware than was flashed: {hashes}",
                "press its reset button and run again; if it stays so, the serial port is another board's, "
                "or the chip boots from elsewhere (look at its boot pins)",
            )
        raise DeviceError(
            f"the device runs another {what}: {hashes}",
            "flash the image that is to be judged, or choose another port",
        )
