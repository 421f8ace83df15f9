"""What went wrong beside the device, as one cause and what to do about it."""

from __future__ import annotations

import re
import signal
from collections.abc import Sequence
from dataclasses import dataclass

from edgeq.base.errors import DeviceError, EdgeqError, ModelError, ToolMissingError, UsageError
from edgeq.targets.coral.advice import (
    ALLOW_PCI,
    ALLOW_USB,
    GET_DRIVER,
    GET_LIBRARY,
    OLD_NUMPY,
    PLUG_IN,
    REPLUG,
    RESEAT,
    SMALL_PAGES,
    get_interpreter,
    get_packages,
    library_cause,
)
from edgeq.targets.coral.destination import Destination
from edgeq.targets.coral.host import Host

_NO_MIX = (
    "library and interpreter have to be of one TensorFlow generation: take the newest ai-edge-litert with "
    "libedgetpu 16.0TF2.19, or tflite-runtime with the libedgetpu of its own time"
)

_TOO_NEW = re.compile(r"requires runtime version \((\d+)\)[^\n]*?this runtime version \((\d+)\)", re.DOTALL)
_NUMPY_2 = re.compile(r"CreateWrapperFromBuffer|_ARRAY_API not found|compiled using NumPy 1")
_CUSTOM = re.compile(r"unresolved custom op: *([\w.-]*\w)")
_SSH_HINTS = (
    ("Permission denied", "refuses the login", "put your public key there: {copy}"),
    ("Host key verification failed", "is not a known host", "accept its key by hand once: {ssh}"),
    (
        "REMOTE HOST IDENTIFICATION HAS CHANGED",
        "has another key than before",
        "if you know why: {forget}",
    ),
    ("Could not resolve", "is not known by that name", "check the name, or give its address"),
    ("Connection refused", "runs no SSH server there", "switch it on, or give its port: user@host:port"),
    ("timed out", "does not answer", "check that it is on and in the same network"),
    ("No route to host", "cannot be reached", "check that it is on and in the same network"),
)


@dataclass(frozen=True)
class Trouble:
    """A failure that the worker told.

    Attributes:
        phase: what it was doing: ``import``, ``delegate``, ``load``, ``invoke`` or ``probe``.
        type: the exception's name.
        text: the exception's text.
        delegate: whether the Edge TPU was being used.
    """

    phase: str
    type: str = ""
    text: str = ""
    delegate: bool = False


@dataclass(frozen=True)
class Ending:
    """A worker that ended early: its exit code, None where it was silent for ``seconds``; its last lines."""

    code: int | None
    seconds: float
    lines: tuple[str, ...]

    @property
    def how(self) -> str:
        """In words."""
        if self.code is None:
            return f"no answer for {self.seconds:g} s"
        number = -self.code if self.code < 0 else self.code - 128 if 128 < self.code < 160 else 0
        try:
            return signal.Signals(number).name if number else f"exit code {self.code}"
        except ValueError:
            return f"exit code {self.code}"

    @property
    def crashed(self) -> bool:
        """Whether a signal ended it, as far as one can tell through ``ssh``."""
        return self.code is not None and (self.code < 0 or 128 < self.code < 160)


def why_refused(
    destination: Destination, trouble: Trouble, lines: Sequence[str], host: Host | None, *, card: bool = False
) -> EdgeqError:
    """The error for what the worker told.

    Args:
        destination: where.
        trouble: what it told.
        lines: what native code printed there.
        host: what is there now; None where that is not known.
        card: whether the device is a card on PCIe, and not a stick.
    """
    text = "\n".join((trouble.text, *lines))
    known = _by_words(destination, text)
    if known is not None:
        return known
    if trouble.phase == "import":
        return _no_interpreter(destination, trouble.text, host)
    if trouble.phase == "delegate":
        return _no_delegate(destination, trouble, text, host)
    if trouble.phase == "invoke" and trouble.delegate:
        return during_inference(destination, _short(text), host, card=card)
    return ModelError(
        f"the interpreter on {destination.name} refused the model: {_short(text)}",
        "see whether it runs without the Edge TPU: the same command with --cpu, and the model not compiled",
    )


def during_inference(
    destination: Destination, told: str, host: Host | None, *, card: bool = False
) -> EdgeqError:
    """The error for a device that failed after it had been loaded.

    Args:
        host: what is there now; None where that is not known.
        card: whether the device is a card on PCIe, and not a stick.
    """
    if card:
        gone = host is not None and not host.has_device
        what = "is gone from PCIe" if gone else "failed"
        return DeviceError(f"the Edge TPU on {destination.name} {what} in the middle ({told})", RESEAT)
    if host is not None and not host.has_device:
        return DeviceError(
            f"the Edge TPU on {destination.name} was unplugged, or lost its power, in the middle ({told})",
            "plug it in again, directly into a port that gives 900 mA; a hot stick drops out, too: let it "
            "cool, and use the library of standard clock (libedgetpu1-std)",
        )
    return DeviceError(
        f"the Edge TPU on {destination.name} failed in the middle: {told}",
        "unplug it and plug it in again; if it comes back, try another port or cable, and libedgetpu1-std",
    )


def why_ended(destination: Destination, doing: str, ending: Ending, *, card: bool = False) -> EdgeqError:
    """The error for a worker that ended or fell silent while ``doing`` start, probe, load or invoke.

    Args:
        card: whether the device is a card on PCIe, and not a stick.
    """
    text = "\n".join(ending.lines)
    known = _by_words(destination, text)
    if known is not None:
        return known
    if destination.is_remote and ending.code == 255 and (text or doing == "start"):
        return _ssh_failed(destination, ending) if doing == "start" else _ssh_broke(destination, ending)
    if doing == "start":
        return _did_not_start(destination, ending)
    if ending.code is None:
        return DeviceError(
            f"{destination.name} gave {ending.how} while it was to {_deed(doing)}",
            RESEAT if card else REPLUG,
        )
    last = f": {_short(text)}" if text else ""
    return DeviceError(
        f"the interpreter on {destination.name} ended ({ending.how}) while it was to {_deed(doing)}{last}",
        _NO_MIX if ending.crashed or destination.is_remote else "look at its memory and power",
    )


def old_runtime(destination: Destination, wanted: int, has: int) -> ToolMissingError:
    """The error for a library that is older than what the model was compiled for."""
    return ToolMissingError(
        f"the model needs Edge TPU runtime {wanted}, and {destination.name} has {has}",
        f"{GET_LIBRARY}; or compile for what is there: edgeq compile --min-runtime-version {has}",
    )


def command_missing(destination: Destination, name: str) -> EdgeqError:
    """The error for a program that is not on this machine."""
    if destination.is_remote:
        return ToolMissingError(f"there is no {name!r} here", "sudo apt-get install openssh-client")
    return ToolMissingError(
        f"there is no Python {name!r}", "set `python` in the table [edgetpu] of edgeq.toml, or leave it out"
    )


def _by_words(destination: Destination, text: str) -> EdgeqError | None:
    """Errors that one phrase settles, whoever said it."""
    newer = _TOO_NEW.search(text)
    if newer is not None:
        return old_runtime(destination, int(newer[1]), int(newer[2]))
    if _NUMPY_2.search(text):
        return ToolMissingError(
            f"the interpreter on {destination.name} was built for numpy 1, and numpy 2 is there",
            get_packages(destination, OLD_NUMPY),
        )
    custom = _CUSTOM.search(text)
    if custom is not None and custom.group(1) == "edgetpu-custom-op":
        return UsageError(
            "the model is compiled for the Edge TPU, and was loaded without the Edge TPU's delegate",
            "leave --cpu out, or give the int8 model that it was compiled from",
        )
    if custom is not None:
        return ModelError(
            f"the interpreter on {destination.name} has no custom operator {custom.group(1)}",
            "export the model without it, or run that part by yourself after the model",
        )
    return None


def _no_interpreter(destination: Destination, text: str, host: Host | None) -> EdgeqError:
    return ToolMissingError(
        f"{destination.name} has no TensorFlow Lite interpreter that can be imported ({_short(text)})",
        f"{get_interpreter(destination, host)}. The package pycoral of PyPI is another project: the vendor's "
        "is on the vendor's own index",
    )


def _no_delegate(destination: Destination, trouble: Trouble, text: str, host: Host | None) -> EdgeqError:
    cause = library_cause(text)
    if cause is not None:
        return ToolMissingError(f"on {destination.name} {cause[0]} ({_short(text)})", cause[1])
    missing = trouble.type == "OSError" or "cannot open shared object" in text
    if missing or (host is not None and not host.library):
        return ToolMissingError(f"{destination.name} has no Edge TPU library ({_short(text)})", GET_LIBRARY)
    if host is not None:
        cause = device_cause(host)
        if cause is not None:
            return DeviceError(f"on {destination.name} {cause[0]}", cause[1])
    return DeviceError(
        f"the Edge TPU library on {destination.name} is there, and could not open the device "
        f"({_short(text)})",
        "another process may hold it: end that one; else "
        + (RESEAT if host is not None and host.is_card else REPLUG),
    )


def device_cause(host: Host) -> tuple[str, str] | None:
    """Why a machine's device cannot be used, and what to do; None where nothing stands in the way."""
    if not host.has_device:
        return "no Edge TPU is plugged in", PLUG_IN
    if any(stick.allowed for stick in host.usb) or any(card.node and card.allowed for card in host.pci):
        return None
    if any(not stick.allowed for stick in host.usb):
        return f"the stick at {host.usb[0].node} may not be opened by this user", ALLOW_USB
    if not any(card.node for card in host.pci) and host.page_size > 4096:
        return f"there is an Edge TPU on PCIe, and pages of {host.page_size // 1024} KB", SMALL_PAGES
    if any(card.node for card in host.pci):
        return f"{host.pci[0].node} may not be opened by this user", ALLOW_PCI
    return "there is an Edge TPU on PCIe, and no driver for it (no /dev/apex_0)", GET_DRIVER


def _ssh_failed(destination: Destination, ending: Ending) -> EdgeqError:
    text = "\n".join(ending.lines)
    for words, what, hint in _SSH_HINTS:
        if words in text:
            return DeviceError(
                f"{destination.name} {what} ({_short(text)})",
                hint.format(
                    ssh=destination.by_hand(), copy=destination.copy_key, forget=destination.forget_key
                ),
            )
    return DeviceError(
        f"no SSH connection to {destination.name}: {_short(text) or ending.how}",
        f"see whether `{destination.by_hand('true')}` works without a password",
    )


def _ssh_broke(destination: Destination, ending: Ending) -> EdgeqError:
    return DeviceError(
        f"the SSH connection to {destination.name} broke: {_short(ending.lines[-1])}",
        "look at its network and power; a board that resets under load needs a stronger supply",
    )


def _did_not_start(destination: Destination, ending: Ending) -> EdgeqError:
    text = _short("\n".join(ending.lines[-1:]))  # of a traceback, the last line tells
    if ending.code is None:
        return DeviceError(f"{destination.name} gave {ending.how}", "check that it is on, and not busy")
    if ending.code == 127:
        return ToolMissingError(
            f"{destination.name} has no {destination.interpreter} ({text})",
            "install Python 3 there, or set `python` in the table [edgetpu] of edgeq.toml",
        )
    return ToolMissingError(
        f"{destination.interpreter} on {destination.name} does not run edgeq's worker ({ending.how}): {text}",
        "it needs Python 3.7 or later: set `python` in the table [edgetpu] of edgeq.toml",
    )


def _deed(doing: str) -> str:
    return {"probe": "look at itself", "load": "load the model", "invoke": "run the model"}.get(doing, doing)


def _short(text: str) -> str:
    """The first telling line, cut."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[0][:300] if lines else ""
