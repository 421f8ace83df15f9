"""What to do beside the device: the commands that hints show, for that machine and for the way to it."""

from __future__ import annotations

import re
import shlex

from edgeq.targets.coral.destination import Destination
from edgeq.targets.coral.host import Host

GET_LIBRARY = (
    "install libedgetpu: the .deb of github.com/feranick/libedgetpu/releases for this system "
    "(libedgetpu1-std), then `sudo ldconfig`"
)
PLUG_IN = (
    "plug the stick into a USB 3 port directly, not through a hub without power; "
    "`lsusb -d 1a6e:` and `lsusb -d 18d1:9302` show it before and after its first use; a card on PCIe has to "
    "show in `lspci -d 1ac1:`"
)
ALLOW_USB = (
    "sudo usermod -aG plugdev $USER, log in again and plug the stick in again; without the package of "
    "libedgetpu its udev rule is missing, too"
)
ALLOW_PCI = "sudo groupadd -f apex; sudo usermod -aG apex $USER; log in again"
GET_DRIVER = (
    "build and load the kernel drivers gasket and apex (github.com/feranick/gasket-driver, as a DKMS "
    "package; google/gasket-driver does not build on kernels from 6.12), then look for /dev/apex_0 and at "
    "`dmesg | grep apex`"
)
SMALL_PAGES = (
    "on a Raspberry Pi 5: add kernel=kernel8.img to /boot/firmware/config.txt, which has pages of 4 KB, and "
    "restart; then `dmesg | grep apex`"
)
REPLUG = "unplug the device and plug it in again; if it comes back, try another port or cable"
RESEAT = (
    "look at `dmesg | grep -i apex` and at the card's cooling, then restart the machine; if it comes back, "
    "seat the card anew"
)
OLD_NUMPY = "numpy<2"
_GLIBC = re.compile(r"version [`']((?:GLIBC|GLIBCXX|CXXABI)_[\d.]+)' not found")


def get_packages(destination: Destination, *packages: str) -> str:
    """The command that puts packages into the Python which edgeq starts there.

    Debian 12, Raspberry Pi OS and others refuse pip outside a virtual environment (PEP 668).
    """
    wanted = shlex.join(packages)
    if destination.python or not destination.is_remote:
        there = ", there" if destination.is_remote else ""
        return f"{shlex.quote(destination.interpreter)} -m pip install {wanted}{there}"
    return (
        f"there: python3 -m venv coral && coral/bin/pip install {wanted}; and here, in the table [edgetpu] "
        'of edgeq.toml: python = "coral/bin/python"'
    )


def get_interpreter(destination: Destination, host: Host | None) -> str:
    """How to get an interpreter for a machine; ``host`` is None where nothing is known of it."""
    if host is not None and host.machine in ("armv6l", "armv7l"):
        return (
            f"there is no ai-edge-litert for {host.machine}: install the 64-bit Raspberry Pi OS, which a "
            "Pi 3, 4 and 5 can run"
        )
    if host is not None and host.is_old_python:
        return get_packages(destination, "tflite-runtime", OLD_NUMPY)
    return get_packages(destination, "ai-edge-litert", "numpy")


def library_cause(error: str) -> tuple[str, str] | None:
    """Why a library that is there does not load, and what to do; None where it is not there."""
    newer = _GLIBC.search(error)
    if newer is not None:
        return (
            f"the Edge TPU library is built for a newer system, with {newer.group(1)}",
            "take the .deb of github.com/feranick/libedgetpu/releases that names this system's release "
            "(`cat /etc/os-release`)",
        )
    if "libusb" in error:
        return "the Edge TPU library needs libusb, which is missing", "sudo apt-get install libusb-1.0-0"
    if "wrong ELF class" in error or "invalid ELF header" in error:
        return (
            "the Edge TPU library is one for another processor",
            "take the .deb for this one (`dpkg --print-architecture`)",
        )
    return None
