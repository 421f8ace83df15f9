"""A stand-in compiler on PATH, small models, a command line in an empty folder."""

from __future__ import annotations

import getpass
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from waiting import GUARD, until

from edgeq.cli import main
from edgeq.edgetpu.compiler import CUSTOM_OP
from edgeq.graph import ABSENT, DType, Graph, Operator, QuantParams, Tensor, write_model

REPOSITORY = Path(__file__).resolve().parents[2]


def net(dtype: DType = DType.INT8) -> Graph:
    """Convolution, pool, reshape, dense, softmax; LiteRT runs it."""
    rng = np.random.default_rng(3)
    zero = 0 if dtype is DType.INT8 else 128
    weights = (rng.integers(-100, 101, (4, 3, 3, 2)) + zero).astype(dtype.numpy)
    dense = (rng.integers(-100, 101, (5, 16)) + zero).astype(dtype.numpy)

    def activation(name: str, shape: tuple[int, ...], scale: float, point: int) -> Tensor:
        return Tensor(name, shape, dtype, QuantParams.per_tensor(scale, point + zero))

    tensors = (
        activation("in", (1, 6, 6, 2), 0.05, -3),
        Tensor("w", weights.shape, dtype, QuantParams.per_tensor(0.02, zero), weights),
        Tensor("b", (4,), DType.INT32, QuantParams.per_tensor(0.05 * 0.02, 0), np.arange(4, dtype=np.int32)),
        activation("conv", (1, 4, 4, 4), 0.1, 4),
        activation("pool", (1, 2, 2, 4), 0.1, 4),
        Tensor("shape", (2,), DType.INT32, None, np.array([1, 16], np.int32)),
        activation("flat", (1, 16), 0.1, 4),
        Tensor("dw", dense.shape, dtype, QuantParams.per_tensor(0.02, zero), dense),
        activation("logits", (1, 5), 0.3, 9),
        activation("out", (1, 5), 1 / 256, -128),
    )
    window = {"padding": "VALID", "stride_w": 2, "stride_h": 2, "filter_width": 2, "filter_height": 2}
    convolution = {"padding": "VALID", "stride_w": 1, "stride_h": 1, "fused_activation_function": "RELU"}
    operators = (
        Operator("CONV_2D", (0, 1, 2), (3,), convolution, 3),
        Operator("MAX_POOL_2D", (3,), (4,), window, 2),
        Operator("RESHAPE", (4, 5), (6,), {"new_shape": (1, 16)}),
        Operator("FULLY_CONNECTED", (6, 7, ABSENT), (8,), {}, 4),
        Operator("SOFTMAX", (8,), (9,), {"beta": 1.0}, 2),
    )
    return Graph("net", tensors, operators, (0,), (9,))


@pytest.fixture(scope="session")
def model() -> bytes:
    return write_model(net())


@dataclass(frozen=True)
class StandIn:
    """The compiler that stands in; ``says`` chooses what it does, ``calls`` are its argument lists."""

    path: Path
    log: Path
    environment: pytest.MonkeyPatch

    @property
    def command(self) -> tuple[str, ...]:
        return (str(self.path),)

    @property
    def calls(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []

    def does(self, mode: str) -> None:
        self.environment.setenv("EDGETPU_STANDIN", mode)


@pytest.fixture
def standin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """``edgetpu_compiler`` on PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    path = folder / "edgetpu_compiler"
    source = Path(__file__).with_name("standin_compiler.py").read_text()
    head = f"#!{sys.executable}\nimport sys; sys.path.insert(0, {str(REPOSITORY)!r})\n"
    path.write_text(head + source.replace("from __future__ import annotations\n", ""))
    path.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    monkeypatch.setenv("EDGETPU_STANDIN_CALLS", str(tmp_path / "calls.txt"))
    monkeypatch.delenv("EDGETPU_STANDIN", raising=False)
    return StandIn(path, tmp_path / "calls.txt", monkeypatch)


@dataclass(frozen=True)
class Result:
    """What a command line gave."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        value = json.loads(self.out)
        assert isinstance(value, dict)
        return value


Edgeq = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, without anybody's settings."""
    place = tmp_path / "here"
    place.mkdir()
    (place / ".git").mkdir()
    monkeypatch.chdir(place)
    for name in ("EDGEQ_BOARD", "EDGEQ_PORT", "EDGEQ_DEVICE"):
        monkeypatch.delenv(name, raising=False)
    return place


@pytest.fixture
def edgeq(folder: Path, capfd: pytest.CaptureFixture[str]) -> Edgeq:
    """Run a command line."""

    def run(*args: object) -> Result:
        capfd.readouterr()
        code = main([str(arg) for arg in args])
        told = capfd.readouterr()
        return Result(code, told.out, told.err)

    return run


@dataclass(frozen=True)
class Beside:
    """A machine whose Edge TPU stands in: its Python, its ``sys`` and ``dev``, what its device does."""

    python: Path
    root: Path
    int8: Path
    environment: pytest.MonkeyPatch

    def does(self, mode: str) -> None:
        self.environment.setenv("CORAL_FAKE", mode)

    def plug_in(self, *, ids: str = "18d1:9302", speed: str = "5000") -> Path:
        """A stick at bus 2, device 7; its device file."""
        folder = self.root / "sys/bus/usb/devices/2-1"
        folder.mkdir(parents=True)
        vendor, product = ids.split(":")
        values = {"idVendor": vendor, "idProduct": product, "speed": speed, "busnum": "2", "devnum": "7"}
        for name, value in values.items():
            (folder / name).write_text(value + "\n")
        node = self.root / "dev/bus/usb/002/007"
        node.parent.mkdir(parents=True)
        node.write_bytes(b"")
        return node

    def put_card(self, *, driver: bool = True, temp: str = "51300") -> None:
        """A card on PCI Express."""
        slot = self.root / "sys/bus/pci/devices/0000:01:00.0"
        slot.mkdir(parents=True)
        values = {"vendor": "0x1ac1", "device": "0x089a"}
        values |= {"current_link_speed": "5.0 GT/s PCIe", "current_link_width": "1"}
        for name, value in values.items():
            (slot / name).write_text(value + "\n")
        if driver:
            (self.root / "dev").mkdir(exist_ok=True)
            (self.root / "dev/apex_0").write_bytes(b"")
            (self.root / "sys/class/apex/apex_0").mkdir(parents=True)
            (self.root / "sys/class/apex/apex_0/temp").write_text(temp + "\n")


LIBRARY = 'const char *edgetpu_version(void) { return "BuildLabel(COMPILER=14), RuntimeVersion(%s)"; }\n'


def build_library(folder: Path, version: str) -> None:
    """``libedgetpu.so.1`` as far as doctor looks at it."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler to build a stand-in for libedgetpu")
    folder.mkdir(exist_ok=True)
    (folder / "tpu.c").write_text(LIBRARY % version)
    command = [compiler, "-shared", "-fPIC", "-o", str(folder / "libedgetpu.so.1"), str(folder / "tpu.c")]
    subprocess.run(command, check=True, timeout=60)


@pytest.fixture
def beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: bytes) -> Beside:
    """A machine with the library of runtime 14, and nothing plugged in."""
    from edgeq.targets.coral import session

    root = tmp_path / "root"
    root.mkdir()
    build_library(tmp_path / "lib", "14")
    python = tmp_path / "python-beside"
    packages = Path(__file__).with_name("beside")
    python.write_text(
        f'#!/bin/sh\nPYTHONPATH={packages} LD_LIBRARY_PATH={tmp_path / "lib"} exec {sys.executable} "$@"\n'
    )
    python.chmod(0o755)
    int8 = tmp_path / "int8.tflite"
    int8.write_bytes(model)
    monkeypatch.setenv("CORAL_INT8", str(int8))
    monkeypatch.setenv("CORAL_ROOT", str(root))
    monkeypatch.delenv("CORAL_FAKE", raising=False)
    monkeypatch.setattr(session, "ROOT", str(root))
    return Beside(python, root, int8, monkeypatch)


@dataclass(frozen=True)
class Sshd:
    """An SSH server on loopback, and the command that reaches it without asking."""

    destination: str
    pid: int
    ssh: tuple[str, ...]

    def cut(self) -> None:
        """End every connection, as a network or a power supply does."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        for child in children:
            os.kill(int(child), signal.SIGKILL)


@pytest.fixture(scope="session")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    """A real one, with keys of its own, on a free port."""
    server, keygen = (
        shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/usr/bin"),
        shutil.which("ssh-keygen"),
    )
    if server is None or keygen is None or shutil.which("ssh") is None:
        pytest.skip("no sshd here (apt-get install openssh-server)")
    place = tmp_path_factory.mktemp("sshd")
    for name in ("host", "user"):
        command = [keygen, "-q", "-t", "ed25519", "-N", "", "-f", str(place / name)]
        subprocess.run(command, check=True, timeout=30)
    shutil.copy(place / "user.pub", place / "authorized")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (place / "sshd_config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {place}/host\nAuthorizedKeysFile {place}/authorized\n"
        "StrictModes no\nUsePAM no\nPidFile none\nPermitRootLogin yes\nPasswordAuthentication no\n"
        "PermitUserEnvironment no\nAcceptEnv CORAL_*\n"
    )
    (place / "ssh_config").write_text(
        f"Host *\nIdentityFile {place}/user\nIdentitiesOnly yes\nStrictHostKeyChecking no\n"
        f"UserKnownHostsFile {place}/known\nLogLevel ERROR\nSendEnv CORAL_*\n"
    )
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    user, ssh = getpass.getuser(), ("ssh", "-F", str(place / "ssh_config"))
    with (place / "log").open("wb") as log:
        process = subprocess.Popen([server, "-D", "-e", "-f", str(place / "sshd_config")], stderr=log)
    try:
        probe = [*ssh, "-o", "BatchMode=yes", "-p", str(port), f"{user}@127.0.0.1", "true"]

        def logs_in() -> bool:
            return not subprocess.run(probe, capture_output=True, timeout=GUARD, check=False).returncode

        if not until(logs_in, every=0.1):
            pytest.skip(f"sshd takes no login here: {(place / 'log').read_text()[-500:]}")
        yield Sshd(f"{user}@127.0.0.1:{port}", process.pid, ssh)
    finally:
        process.terminate()
        process.wait(GUARD)


@pytest.fixture(scope="session")
def compiled() -> bytes:
    """What the compiler might have made of ``model``."""
    graph = net()
    custom = Operator("CUSTOM", (0,), (9,), custom_code=CUSTOM_OP, custom_options=b"x")
    return write_model(graph.replace(operators=(custom,)))


@pytest.fixture
def here(folder: Path, model: bytes) -> Path:
    """The working folder with an int8 model and labelled data."""
    (folder / "net.tflite").write_bytes(model)
    x = np.random.default_rng(2).integers(-128, 128, (12, 6, 6, 2)).astype(np.int8)
    np.savez(folder / "test.npz", x=x, y=np.arange(12) % 5)
    return folder


@pytest.fixture
def without_compiler(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")


def settings(folder: Path, **values: object) -> None:
    """Give a folder an edgeq.toml with these keys of ``[edgetpu]``."""
    lines = ["[edgetpu]", *(f"{key} = {json.dumps(value)}" for key, value in values.items())]
    (folder / "edgeq.toml").write_text("\n".join(lines) + "\n")
