"""edgeq profile: every layer of a model, from the same run as the whole."""

from __future__ import annotations

import shutil
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

import edgeq as api
from edgeq.base.errors import UsageError
from edgeq.targets.simulators.qemu_target import QEMU

from .conftest import Edgeq
from .models import int8_dense

pytest.importorskip("unicorn")
pytest.importorskip("ziglang")


@pytest.fixture
def model(folder: Path) -> Path:
    path = folder / "q.tflite"
    path.write_bytes(int8_dense())
    return path


def test_layers_add_up_to_what_deploy_counts(edgeq: Edgeq, model: Path) -> None:
    found = edgeq("profile", "q.tflite", "-b", "sim-m4", "--plot", "p.svg", "--json").json
    report = edgeq("deploy", "q.tflite", "-b", "sim-m4", "--samples", "2", "--json").json
    assert found["instructions"] == report["latency"]["instructions_warm"]
    assert found["macs"] == report["latency"]["macs"] == sum(layer["macs"] for layer in found["layers"])
    layers = found["layers"]
    between = found["instructions"] - sum(layer["instructions"] for layer in layers)
    assert 0 < between < 30
    cycles = found["cycles_estimated"] - sum(layer["cycles_estimated"] for layer in layers)
    assert between <= cycles < 4 * between
    assert sum(layer["share"] for layer in layers) == pytest.approx(1 - cycles / found["cycles_estimated"])
    assert all(layer["instructions"] > 5 and layer["live"] > 0 for layer in layers)
    assert found["arena"] == report["ram"]["arena"]
    assert max(layer["live"] for layer in layers) <= found["arena"]
    assert {path.name for path in model.parent.iterdir()} == {"q.tflite", "q-sim-m4", "p.svg"}
    texts = "".join(ET.parse("p.svg").getroot().itertext())
    assert all(layer["name"] in texts for layer in layers)
    # a project that is built says the same
    again = edgeq("profile", "q-sim-m4", "--json").json
    assert again == found
    assert [one.instructions for one in api.profile("q-sim-m4").layers] == [
        layer["instructions"] for layer in layers
    ]


def test_the_table(edgeq: Edgeq, model: Path) -> None:
    result = edgeq("profile", "q.tflite", "-b", "sim-m7")
    assert result.code == 0
    assert "FULLY_CONNECTED" in result.out and "est." not in result.out
    result = edgeq("profile", "q.tflite", "-b", "sim-m0plus")
    assert "cycles, est." in result.out and "Cortex-M0+ Technical Reference Manual" in result.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("-b", "mps2_an386", "--port", "/dev/none"), ("mps2_an386", "is not flashed")),
        (("-b", "sim-m4", "--sim", "qemu"), ("sim-m4", "qemu")),
        (("-b", "sim-m4", "--plot", "p.png"), ("p.png", ".svg")),
        (("-b", "sim-m4", "--build-dir", "x"), ("--build-dir",)),
        ((), ("no board is given",)),
    ],
)
def test_what_is_refused(
    edgeq: Edgeq, model: Path, arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    result = edgeq("profile", "q.tflite", *arguments)
    assert result.code == 2
    assert all(word in result.err for word in words), result.err


def test_a_project_has_its_board(edgeq: Edgeq, model: Path) -> None:
    assert edgeq("generate", "q.tflite", "-b", "sim-m4", "-o", "made", "-q").code == 0
    assert "nothing was built" in (told := edgeq("profile", "made").err) or "no built firmware" in told
    assert edgeq("build", "made", "-q").code == 0
    assert "--board" in edgeq("profile", "made", "-b", "sim-m4").err
    with pytest.raises(UsageError, match="toolchain"):
        api.profile("made", toolchain="gcc")


@pytest.mark.slow
@pytest.mark.skipif(shutil.which(QEMU) is None, reason=f"needs {QEMU} (apt: qemu-system-arm)")
def test_firmware_that_counts_steps_counts_what_a_simulator_sees(edgeq: Edgeq, model: Path) -> None:
    """QEMU tells nobody what it executes: the firmware counts each step by the machine's time."""
    counted = edgeq("profile", "q.tflite", "-b", "mps2_an386", "--json").json
    traced = edgeq("profile", "q.tflite", "-b", "sim-m4", "--json").json
    assert counted["cycles"] is counted["cycles_estimated"] is counted["timings"] is None
    assert [layer["kernel"] for layer in counted["layers"]] == [layer["kernel"] for layer in traced["layers"]]
    for mine, theirs in zip(counted["layers"], traced["layers"], strict=True):
        assert mine["instructions"] == pytest.approx(theirs["instructions"], abs=20)
    # the questions which step is asked for are in the whole
    assert counted["instructions"] == pytest.approx(traced["instructions"], abs=20 * len(traced["layers"]))
    assert "profile" not in edgeq("generate", "q.tflite", "-b", "mps2_an386", "-o", "made").out
    network = (model.parent / "made" / "src" / "network" / "edgeq_network.c").read_text()
    assert "edgeq_step" not in network


def test_a_project_of_a_board_that_tells_nothing_is_refused(edgeq: Edgeq, model: Path) -> None:
    assert edgeq("generate", "q.tflite", "-b", "mps2_an386", "-o", "made", "-q").code == 0
    assert edgeq("build", "made", "-q").code == 0
    told = edgeq("profile", "made").err
    assert "its layers need firmware of their own" in told and "--board mps2_an386" in told
