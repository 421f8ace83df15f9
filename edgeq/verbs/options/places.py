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
        "place", "text",
        "The board is in a farm: labgrid's place of this name, or any with these tags (KEY=VALUE,…, "
        "where {{board}} stands for the board's id), acquired for the run. "
        "Default: {environment}, then edgeq.toml.",
        ("deploy", "run"), metavar="NAME", key="place", environment="EDGEQ_PLACE", only="firmware",
        excludes=("port", "sim"),
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
    # How labgrid is reached.
    Option(
        "labgrid_python", "program", "The Python that has labgrid ([farms.md](farms.md)).",
        key="labgrid.python", environment="EDGEQ_LABGRID_PYTHON",
    ),
    Option(
        "labgrid_coordinator", "text", "Where labgrid's coordinator listens, `HOST:PORT`.",
        default="127.0.0.1:20408", key="labgrid.coordinator", environment="LG_COORDINATOR",
    ),
    Option(
        "labgrid_config", "path", "labgrid's environment file, for drivers that resources do not tell.",
        key="labgrid.config", environment="LG_ENV",
    ),
    Option(
        "labgrid_wait", "number", "How long a place with the tags asked for is waited for, in seconds.",
        low=0, high=86400, default=600.0, key="labgrid.wait",
    ),
)  # fmt: skip
