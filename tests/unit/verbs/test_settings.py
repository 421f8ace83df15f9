"""Settings: which file wins, paths relative to the file, and mistakes that are explained."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgeq.base.errors import UsageError
from edgeq.verbs.settings import Settings, load_settings, parse_normalize, parse_share


def settings(folder: Path, text: str, local: str | None = None, **environ: str) -> Settings:
    (folder / "edgeq.toml").write_text(text)
    if local is not None:
        (folder / "edgeq.local.toml").write_text(local)
    return load_settings(folder, environ)


def test_nothing_set(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert load_settings(tmp_path, {}) == Settings()


def test_environment_over_local_over_file(tmp_path: Path) -> None:
    text = 'board = "sim-m0"\nport = "/dev/ttyACM0"\nsamples = 5\n'
    found = settings(tmp_path, text, 'board = "sim-m3"\nport = "/dev/ttyACM1"\n', EDGEQ_BOARD="sim-m4")
    assert (found.board, found.port, found.samples) == ("sim-m4", "/dev/ttyACM1", 5)
    assert found.override(board="host", port=None).board == "host"
    assert found.override(board="host", port=None).port == "/dev/ttyACM1"


def test_local_file_alone_and_empty_environment(tmp_path: Path) -> None:
    (tmp_path / "edgeq.local.toml").write_text('port = "x"')
    found = load_settings(tmp_path, {"EDGEQ_PORT": "", "EDGEQ_BOARD": ""})
    assert (found.port, found.board) == ("x", None)


def test_a_simulator_and_a_port_take_each_other_back(tmp_path: Path) -> None:
    found = settings(tmp_path, 'sim = "qemu"\n', 'port = "/dev/ttyACM0"\n')
    assert (found.sim, found.port) == (None, "/dev/ttyACM0")
    found = settings(tmp_path, 'port = "/dev/ttyACM0"\n', 'sim = "qemu"\n')
    assert (found.sim, found.port) == ("qemu", None)
    assert settings(tmp_path, 'sim = "qemu"\n', "", EDGEQ_PORT="x").sim is None
    assert found.override(port="x").sim is None
    assert found.override(sim="renode").port is None
    with pytest.raises(UsageError, match="both port and sim are set"):
        settings(tmp_path, 'port = "x"\nsim = "qemu"\n')


def test_the_device_and_the_hardware_map(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert load_settings(tmp_path, {}).hardware_map is None
    (tmp_path / "hardware-map.yml").write_text("[]\n")
    assert load_settings(tmp_path, {}).hardware_map == tmp_path / "hardware-map.yml"
    text = 'device = "0670"\nhardware_map = "lab/map.yml"\n'
    found = settings(tmp_path, text)
    assert (found.device, found.hardware_map) == ("0670", tmp_path / "lab" / "map.yml")
    assert settings(tmp_path, text, EDGEQ_DEVICE="0671").device == "0671"
    below = tmp_path / "a"
    below.mkdir()
    (tmp_path / "edgeq.toml").write_text("")
    assert load_settings(below, {}).hardware_map == tmp_path / "hardware-map.yml", "beside the settings"


def test_found_from_a_folder_below_but_not_beyond_the_repository(tmp_path: Path) -> None:
    (tmp_path / "edgeq.toml").write_text('board = "host"')
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    assert load_settings(below, {}).board == "host"
    (tmp_path / "a" / ".git").mkdir()
    assert load_settings(below, {}).board is None


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    text = 'data = "d/test.npz"\ncalibration = "my.module:samples"\nout = "build"\nboard = "./board.toml"\n'
    found = settings(tmp_path, text)
    assert found.data == str(tmp_path / "d" / "test.npz")
    assert found.calibration == "my.module:samples"
    assert found.out == tmp_path / "build"
    assert found.board == str(tmp_path / "board.toml")


def test_thresholds(tmp_path: Path) -> None:
    text = (
        '[thresholds]\nmin_accuracy = "90%"\nmax_accuracy_drop = 0.01\n'
        "max_instructions = 7_700_000\nrequire_exact = true\n"
    )
    found = settings(tmp_path, text)
    assert found.min_accuracy == pytest.approx(0.9)
    assert found.max_accuracy_drop == 0.01
    assert found.max_instructions == 7_700_000
    assert found.require_exact is True


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ('bord = "host"', "unknown key 'bord'", "did you mean 'board'"),
        ("[thresholds]\nmin_acuracy = 1", "'thresholds.min_acuracy'", "did you mean 'min_accuracy'"),
        ("min_accuracy = 0.9", "unknown key 'min_accuracy'", "[thresholds]"),
        ("samples = 0", "samples", "configuration.html"),
        ('samples = "5"', "samples", "configuration.html"),
        ('toolchain = "clang"', "toolchain", "configuration.html"),
        ("normalize = [1.0]", "normalize", "configuration.html"),
        ("normalize = [1.0, 0.0]", "normalize", "deviation"),
        ("[thresholds]\nmin_accuracy = 90", "min_accuracy", "90%"),
        ("board = ", "not valid TOML", "configuration.html"),
    ],
)  # fmt: skip
def test_mistakes(tmp_path: Path, text: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        settings(tmp_path, text)
    assert message in caught.value.message
    assert "edgeq.toml" in caught.value.message
    assert hint in caught.value.hint


def test_not_text(tmp_path: Path) -> None:
    (tmp_path / "edgeq.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="not valid TOML"):
        load_settings(tmp_path, {})


@pytest.mark.parametrize(
    ("text", "value"), [("0.9", 0.9), ("90%", 0.9), ("100 %", 1.0), (0.5, 0.5), (1, 1.0), ("0", 0.0)]
)
def test_shares(text: str | float, value: float) -> None:
    assert parse_share(text, "x") == pytest.approx(value)


@pytest.mark.parametrize("text", ["90", "-1", "nan", "abc", "101%", "", "%", "inf"])
def test_wrong_shares(text: str) -> None:
    with pytest.raises(UsageError, match="x: ") as caught:
        parse_share(text, "x")
    assert "90%" in caught.value.hint


def test_normalize() -> None:
    assert parse_normalize("127.5, 128") == (127.5, 128.0)
    for wrong in ("1", "1,2,3", "a,b", "0,0", "0,-1", "nan,1", "0,inf"):
        with pytest.raises(UsageError, match="normalize"):
            parse_normalize(wrong)
