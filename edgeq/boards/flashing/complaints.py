"""What flash tools say when they fail, and what it means: a cause and a remedy beside their own words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from edgeq.base.hints import document

_UDEV = (
    f"give yourself access to it: a udev rule for its USB id, see {document('flashing.md')}, then plug it in "
    "again; in a virtual machine or a container, pass the device through"
)


@dataclass(frozen=True)
class Complaint:
    """A cause.

    Attributes:
        cause: the end of the sentence "pyocd could not flash X: …".
        remedy: what to do.
        elsewhere: whether another tool may well succeed, since it is this one that lacks something.
    """

    cause: str
    remedy: str
    elsewhere: bool = False


NO_PROBE = Complaint(
    "it finds no probe or bootloader",
    "plug the board in at its probe's connector with a cable that carries data, and close what else uses the "
    "probe; a bootloader has to be entered first (BOOTSEL, double reset); edgeq devices list shows what is "
    "there",
)
TWO_PROBES = Complaint(
    "it finds more than one probe",
    "choose one with --device and its serial number (edgeq devices list), or unplug the others",
)
NO_ACCESS = Complaint("this user may not open the probe", _UDEV)
LOCKED = Complaint(
    "the chip is locked against debugging or reading out",
    f"unlocking erases the whole chip, so edgeq does not do it by itself: {document('flashing.md')} has the "
    "command",
)
NO_TARGET = Complaint(
    "the probe is there, but the chip does not answer it",
    "check that the board has power, that its debug jumpers are in place and that it is the board that was "
    "meant; hold reset while flashing begins",
)
UNKNOWN_TARGET = Complaint(
    "it does not know this chip", "update it, or install the chip's package", elsewhere=True
)
NO_SCRIPT = Complaint(
    "it has no configuration for this board", "install a newer version of it", elsewhere=True
)
NOT_VERIFIED = Complaint(
    "what was written reads back differently",
    "try again with another cable; if it stays so, the flash may be worn out or protected",
)

Words = tuple[tuple[str, Complaint], ...]
"""Patterns of a tool's own words, and what they mean."""

# libusb and the operating system, whoever calls them
ACCESS: Words = (
    (r"LIBUSB_ERROR_ACCESS|Access denied|insufficient permissions|check your permissions", NO_ACCESS),
    (r"Permission denied|\[Errno 13\]|Operation not permitted", NO_ACCESS),
)

# What whoever drives a probe may say, of the versions that docs/flashing.md names.
COMMON: Words = (
    *ACCESS,
    # protection
    (r"[Rr]ead-?out protect|RDP level [12]|[Rr]ead protection|[Ww]rite protect|flash .*protected", LOCKED),
    (r"J-Link .*secured|device is secured|protected against read|not writeable", LOCKED),
    (r"access protection|Debug access.*disabled|AP lock engaged", LOCKED),
    # nobody there
    (r"No connected debug probe|No available debug probes", NO_PROBE),
    (r"No target device available|unable to find a matching CMSIS-DAP|No J-Link device found", NO_PROBE),
    (r"Error: open failed|Couldn't find any ST-Link|unable to open ftdi device", NO_PROBE),
    (r"Cannot connect to (the )?(probe|J-Link)|No emulators|J-Link via USB\.\.\.\s*FAILED", NO_PROBE),
    # the chip does not answer
    (r"No ACK|STLink error|Get IDCODE|SWD/JTAG [Cc]ommunication [Ff]ailure|Memory transfer fault", NO_TARGET),
    (r"Error connecting DP|cannot read IDR|init mode failed|unable to connect to the target", NO_TARGET),
    (r"Can(not| not) connect to target|Failed to enter SWD|unrecognized flash type", NO_TARGET),
    (r"Target not examined|Could not find core|target voltage may be too low", NO_TARGET),
    (r"[Vv]erif(y|ication) (failed|error)|checksum mismatch|contents differ", NOT_VERIFIED),
)


def understand(said: str, words: Words) -> Complaint | None:
    """What a tool's words mean; None where they are not known."""
    for pattern, complaint in words:
        if re.search(pattern, said):
            return complaint
    return None


def last_words(said: str, words: Words) -> str:
    """The line that most likely tells the trouble: one with an error in it, else the last one."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    known = [line for line in lines if any(re.search(pattern, line) for pattern, _ in words)]
    errors = [line for line in lines if re.search(r"\berror\b|\bfail(ed|ure)?\b|cannot|couldn't", line, re.I)]
    for found in (known[:1], errors[-1:], lines[-1:]):
        if found:
            return found[0][:200]
    return ""
