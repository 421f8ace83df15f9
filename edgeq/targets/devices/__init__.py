"""What is plugged in: probes and boards on USB, their serial ports and drives, the hardware map, locks."""

from edgeq.targets.devices.choosing import choose_device, console_port, port_owner
from edgeq.targets.devices.hardware_map import MAP_FILE, Entry, entry_for, merge_map, read_map
from edgeq.targets.devices.locks import DeviceLock
from edgeq.targets.devices.usb import Device, Drive, list_devices, mounted_drives, usb_ids

__all__ = [
    "MAP_FILE",
    "Device",
    "DeviceLock",
    "Drive",
    "Entry",
    "choose_device",
    "console_port",
    "entry_for",
    "list_devices",
    "merge_map",
    "mounted_drives",
    "port_owner",
    "read_map",
    "usb_ids",
]
