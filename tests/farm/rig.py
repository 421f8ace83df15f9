"""A real labgrid on loopback: coordinator, exporter, places, and simulated boards behind them."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from waiting import GUARD, turns, until

from edgeq.graph import DType, Graph, Operator, QuantParams, Tensor, write_model

PYTHON = os.environ.get("EDGEQ_LABGRID_PYTHON", "")
BOARD = "sim-m4"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def listening(port: int) -> None:
    """Wait for somebody who listens there."""
    for _ in turns(every=0.05):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), GUARD):
            return
    raise AssertionError(f"nobody listens on {port}")


def model() -> bytes:
    """RELU of four numbers."""
    quant = QuantParams.per_tensor(1.0, 0)
    tensors = (Tensor("x", (1, 4), DType.INT8, quant), Tensor("y", (1, 4), DType.INT8, quant))
    return write_model(Graph("relu", tensors, (Operator("RELU", (0,), (1,)),), (0,), (1,)))


class Rig:
    """``count`` places p0, p1, …, each with the tag ``board=sim-m4`` and a console on loopback.

    Args:
        folder: for files and logs.
        ports: of the consoles, one a place.
        extra: further resources, by place.
    """

    def __init__(
        self, folder: Path, ports: list[int], extra: dict[str, dict[str, object]] | None = None
    ) -> None:
        self.folder, self.ports = folder, ports
        self.switched: list[str] = []
        self.coordinator = f"127.0.0.1:{free_port()}"
        self.environ = {
            **os.environ,
            "LG_COORDINATOR": self.coordinator,
            "LG_HOSTNAME": "box",
            "LG_USERNAME": "alice",
            "EDGEQ_LABGRID_PYTHON": PYTHON,
        }
        self.environ.pop("LG_ENV", None)
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        places = {
            f"p{n}": {
                "NetworkSerialPort": {"host": "127.0.0.1", "port": port, "speed": 115200, "protocol": "raw"},
                **(extra or {}).get(f"p{n}", {}),
            }
            for n, port in enumerate(ports)
        }
        (folder / "exporter.yaml").write_text(json.dumps(places))  # JSON is YAML

    def __enter__(self) -> Rig:
        places = {
            f"p{n}": {
                "matches": [{"exporter": "sim", "group": f"p{n}", "cls": "*"}],
                "tags": {"board": BOARD},
            }
            for n in range(len(self.ports))
        }
        (self.folder / "places.yaml").write_text(json.dumps(places))
        self._start("coordinator", "-l", self.coordinator)
        listening(int(self.coordinator.rpartition(":")[2]))
        self.export()
        return self

    def __exit__(self, *_: object) -> None:
        for one in self._running.values():
            one.terminate()
        for one in self._running.values():
            try:
                one.wait(10)
            except subprocess.TimeoutExpired:
                one.kill()
                one.wait()

    def _start(self, program: str, *arguments: str) -> None:
        with (self.folder / f"{program}.log").open("ab") as log:
            self._running[program] = subprocess.Popen(
                [Path(PYTHON).with_name(f"labgrid-{program}"), *arguments],
                stdout=log, stderr=log, cwd=self.folder,
                env={**self.environ, "PYTHONUNBUFFERED": "1"},
            )  # fmt: skip

    def export(self) -> None:
        """Start the exporter, and wait until it has exported everything."""
        self.start_exporter()
        assert self.has_exported()

    def has_exported(self) -> bool:
        """Whether the coordinator has it all, or soon has."""
        last = f"sim/p{len(self.ports) - 1}/NetworkSerialPort"
        return until(lambda: last in self.client("resources"), every=0.2)

    def start_exporter(self) -> None:
        """Start it. For each place that is held, labgrid's coordinator takes ten seconds to have it back."""
        self._start(
            "exporter", "-c", self.coordinator, "-n", "sim", "--hostname", "127.0.0.1", "exporter.yaml"
        )

    def kill_exporter(self) -> None:
        self._running["exporter"].kill()
        self._running["exporter"].wait()

    def client(self, *arguments: str, user: str = "alice") -> str:
        done = subprocess.run(
            [Path(PYTHON).with_name("labgrid-client"), *arguments],
            capture_output=True, text=True, timeout=GUARD, env={**self.environ, "LG_USERNAME": user},
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def owner(self, place: str) -> str:
        """Who has a place; empty where nobody has."""
        told = re.search(r"^ +acquired: (.*)$", self.client("-p", place, "show"), re.MULTILINE)
        return "" if told is None or told[1] == "None" else told[1]

    def run(self, project: Path, place: str, user: str = "alice") -> subprocess.Popen[str]:
        """Start ``edgeq run`` there."""
        return subprocess.Popen(
            [sys.executable, "-m", "edgeq", "--json", "run", project, "--place", place, "--samples", "5"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**self.environ, "LG_USERNAME": user},
        )  # fmt: skip


@contextlib.contextmanager
def serving(project: Path, port: int, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A simulated board's console on a port."""
    process = board(project, port, log)
    try:
        listening(port)
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)


def board(project: Path, port: int, log: Path) -> subprocess.Popen[bytes]:
    """Start a simulated board."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("EDGEQ_")}
    with log.open("ab") as file:
        return subprocess.Popen(
            [sys.executable, "-m", "edgeq", "run", str(project), "--serve", str(port)],
            stdout=file, stderr=file, env=environ,
        )  # fmt: skip
