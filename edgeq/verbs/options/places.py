"""Where firmware is, and where it runs."""

from __future__ import annotations

from edgeq.verbs.options.option import Option


def _simulators() -> tuple[str, ...]:
    from edgeq.boards import simulator_names

    return simulator_names()


PLACES: tuple[Option, ...] = (
    Option(
        "build_dir", "text", "Where in PROJECT the firmware was built, by edgeq or by CMake.",
        ("flash", "run", "profile"), metavar="DIR", default="build", only="firmware",
        helps={"profile": "Where in a project the firmware was built, by edgeq or by CMake."},
    ),
    Option(
        "port", "text",
        "Talk to a device there (/dev/ttyACM0, socket://host:port, any pyserial URL) instead of a "
        "simulation. Default: {environment}, then edgeq.toml, then the port of the device's probe.",
        ("deploy", "flash", "run", "profile"), short="p", metavar="URL", key="port", environment="EDGEQ_PORT",
        only="firmware", instead_of="sim",
        helps={
            "flash": "The serial port of the firmware's console (default: the one that belongs to the probe)."
        },
    ),
    Option(
        "device", "text",
        "The probe or board by its serial number, or a part of it (`edgeq devices list`). "
        "Default: {environment}, then edgeq.toml, then the only one that fits.",
        ("deploy", "flash", "run", "profile"), short="d", metavar="ID", key="device",
        environment="EDGEQ_DEVICE", only="firmware",
    ),
    Option(
        "no_flash", "flag", "The firmware is on the board already: do not write its flash.",
        ("deploy", "run"), only="firmware", parameter="flash",
    ),
    Option(
        "sim", "choice",
        "Simulate the board with this (default: its usual one, see `edgeq boards show`).",
        ("deploy", "run", "profile"), choices=_simulators, key="sim", only="firmware",
        parameter="simulator", instead_of="port",
    ),
    Option(
        "no_verify", "flag", "Do not ask the firmware afterwards: no serial port is needed.", ("flash",),
        parameter="verify",
    ),
    Option(
        "serve", "integer",
        "Do not judge: offer the simulated serial port on 127.0.0.1:PORT until Ctrl-C (0: any free one).",
        ("run",), low=0, high=65535, metavar="PORT", only="firmware",
    ),
    Option(
        "resume", "flag",
        "Go on with a run of the same firmware and data that was cut short: take the answers it has kept.",
        ("run",), only="firmware", excludes=("serve",),
    ),
    Option(
        "hardware_map", "path",
        "The file that says which board is behind which probe ([flashing.md](flashing.md)); by default "
        "hardware-map.yml beside this one.",
        key="hardware_map",
    ),
)  # fmt: skip
