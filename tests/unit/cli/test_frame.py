"""What every verb has in common: errors as text and as JSON, exit codes, verbosity, interruption."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest
from waiting import GUARD, until

from edgeq import __version__
from edgeq.base.errors import BoardError, BuildError, DeviceError, EdgeqError, ToolMissingError, VerdictError
from edgeq.cli import app as frame
from edgeq.cli import boards as boards_verb
from edgeq.cli.app import VERBS, app

from .conftest import Edgeq


def test_version(edgeq: Edgeq) -> None:
    assert edgeq("--version").out == f"edgeq {__version__}\n"


@pytest.mark.parametrize("words", [("--version", "--json"), ("--json", "--version")])
def test_version_for_programs(edgeq: Edgeq, words: tuple[str, ...]) -> None:
    told = edgeq(*words).json
    assert told["version"] == __version__
    assert told["python"] == ".".join(map(str, sys.version_info[:3])) and told["platform"]


def test_help_lists_every_verb_with_a_sentence(edgeq: Edgeq) -> None:
    result = edgeq("--help")
    assert result.code == 0
    for verb in VERBS:
        line = next(line for line in result.out.splitlines() if line.strip().startswith(f"{verb} "))
        assert len(line.split()) > 3


def test_no_arguments_shows_help_on_stderr(edgeq: Edgeq) -> None:
    result = edgeq()
    assert (result.code, result.out) == (2, "")
    assert "deploy" in result.err


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["convrt"], "Did you mean 'convert'?"),
        (["xyzzy"], "deploy, convert"),
        (["convert"], "MODEL"),
        (["convert", "m.tflite", "--calibraton", "x"], "--calibration"),
        (["deploy", "m.tflite", "--samples", "0"], "--samples"),
        (["deploy", "m.tflite", "--toolchain", "clang"], "clang"),
        (["deploy", "m.tflite", "--io", "int4"], "int4"),
        (["run", "--serve", "70000"], "70000"),
        (["boards", "shw"], "shw"),
    ],
)
def test_usage_errors(edgeq: Edgeq, args: list[str], message: str) -> None:
    result = edgeq(*args)
    assert (result.code, result.out) == (2, "")
    assert message in result.err
    assert "Usage:" not in result.err
    in_json = edgeq(*args, "--json")
    assert message in in_json.error["message"]
    assert in_json.error["kind"] == "UsageError"
    assert in_json.err == ""


def test_json_before_the_verb(edgeq: Edgeq) -> None:
    assert edgeq("--json", "boards", "list").json["boards"]
    assert edgeq("--json", "boards", "show", "nope").error["kind"] == "BoardError"


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (EdgeqError, 2),
        (VerdictError, 1),
        (BoardError, 2),
        (ToolMissingError, 3),
        (BuildError, 4),
        (DeviceError, 5),
    ],
)
def test_errors_have_message_hint_and_code(
    edgeq: Edgeq, monkeypatch: pytest.MonkeyPatch, kind: type[EdgeqError], code: int
) -> None:
    def fail(_id: str) -> None:
        raise kind("what went wrong", "what to do")

    monkeypatch.setattr("edgeq.boards.load_board", fail)
    result = edgeq("boards", "show", "x")
    assert (result.code, result.out) == (code, "")
    assert result.err == "error: what went wrong\nhint:  what to do\n"
    error = edgeq("boards", "show", "x", "--json").error
    assert (error["message"], error["hint"]) == ("what went wrong", "what to do")
    assert (error["exit_code"], error["kind"]) == (code, kind.__name__)
    assert "Traceback" in edgeq("boards", "show", "x", "-v").err


def test_a_bug_asks_for_a_report(edgeq: Edgeq, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_id: str) -> None:
        raise KeyError("secret")

    monkeypatch.setattr("edgeq.boards.load_board", fail)
    result = edgeq("boards", "show", "x")
    assert result.code == 70
    assert "Traceback" not in result.err
    assert "internal error: KeyError" in result.err
    assert "--verbose" in result.err
    assert "Traceback" in edgeq("boards", "show", "x", "--verbose").err
    assert edgeq("boards", "show", "x", "--json").error["kind"] == "InternalError"


@pytest.mark.parametrize(("raised", "code"), [(KeyboardInterrupt(), 130), (frame.Terminated(15), 143)])
def test_interruption_is_one_line(
    edgeq: Edgeq, monkeypatch: pytest.MonkeyPatch, raised: BaseException, code: int
) -> None:
    def fail(_id: str) -> None:
        raise raised

    monkeypatch.setattr("edgeq.boards.load_board", fail)
    result = edgeq("boards", "show", "x")
    assert (result.code, result.out) == (code, "")
    assert result.err.count("\n") == 1
    assert "interrupted" in result.err
    assert edgeq("boards", "show", "x", "--json").error["kind"] == "Interrupted"


def test_names_from_files_cannot_play_with_the_terminal(
    edgeq: Edgeq, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_id: str) -> None:
        raise EdgeqError("tensor '\x1b[2J\x9b31m[bold]x\u202e'", "hint \x07")

    monkeypatch.setattr("edgeq.boards.load_board", fail)
    err = edgeq("boards", "show", "x").err
    assert not set(err) & {"\x1b", "\x9b", "\x07", "\u202e"}
    assert "[bold]x" in err


def test_colour_only_where_wanted(edgeq: Edgeq, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b" not in edgeq("boards", "show", "x").err
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[31merror:" in edgeq("boards", "show", "x").err
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in edgeq("boards", "show", "x").err


def every_command() -> list[tuple[str, click.Command]]:
    """Each command that does something, by its name."""
    found: list[tuple[str, click.Command]] = []
    context = click.Context(app)
    for verb in VERBS:
        command = app.get_command(context, verb)
        assert command is not None
        if isinstance(command, click.Group):
            found += [(f"{verb} {name}", inner) for name, inner in command.commands.items()]
        else:
            found.append((verb, command))
    return found


def test_every_verb_takes_the_common_options_and_documents_the_rest() -> None:
    for name, command in every_command():
        options = {flag for parameter in command.params for flag in parameter.opts}
        assert {"--json", "-q", "--quiet", "-v", "--verbose"} <= options, name
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help, f"{name} {parameter.opts}"
        assert command.help, name


def test_a_subcommand_group_alone_shows_its_verbs(edgeq: Edgeq) -> None:
    assert set(boards_verb.boards.commands) == {"list", "show", "fit"}
    assert edgeq("boards").code == 2


def _process(folder: Path, *args: str, **options: object) -> subprocess.Popen[bytes]:
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", "edgeq", *args],
        cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options,  # type: ignore[call-overload]
    )  # fmt: skip


def test_a_closed_pipe_is_quiet(folder: Path) -> None:
    process = _process(folder, "boards", "list", "--json")
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait(GUARD) == 141
    assert err == b""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_end_without_a_traceback(folder: Path, number: int, code: int) -> None:
    (folder / "waiting.py").write_text(
        "import pathlib, time\ndef samples():\n    pathlib.Path('ready').touch()\n    time.sleep(600)\n"
    )
    (folder / "model.tflite").write_bytes(_tiny_float_model())
    process = _process(folder, "convert", "model.tflite", "--calibration", "waiting:samples")
    assert until(lambda: (folder / "ready").exists() or process.poll() is not None)
    assert process.poll() is None, process.communicate()
    process.send_signal(number)
    out, err = process.communicate(timeout=GUARD)
    assert process.returncode == code
    assert out == b""
    assert b"interrupted" in err
    assert b"Traceback" not in err
    names = {path.name for path in folder.iterdir() if path.name != "__pycache__"}
    assert names == {"waiting.py", "model.tflite", "ready"}


def _tiny_float_model() -> bytes:
    import numpy as np

    from edgeq.graph import DType, Graph, Operator, Tensor, write_model

    tensors = (
        Tensor("x", (1, 4), DType.FLOAT32),
        Tensor("w", (2, 4), DType.FLOAT32, data=np.ones((2, 4), np.float32)),
        Tensor("y", (1, 2), DType.FLOAT32),
    )
    options = {
        "fused_activation_function": "NONE",
        "weights_format": "DEFAULT",
        "keep_num_dims": False,
        "asymmetric_quantize_inputs": False,
    }
    operator = Operator("FULLY_CONNECTED", (0, 1, -1), (2,), options)
    return write_model(Graph("tiny", tensors, (operator,), (0,), (2,)))


def test_importing_the_command_line_loads_nothing_heavy() -> None:
    code = (
        "import sys, edgeq.cli.app as a, click\n"
        "context = click.Context(a.app)\n"
        "[a.app.get_command(context, v) for v in a.VERBS]\n"
        "heavy = ('numpy', 'rich', 'pydantic', 'jinja2', 'unicorn', 'serial', 'elftools')\n"
        "print([m for m in heavy if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=GUARD
    )
    assert done.stdout == "[]\n"


def test_import_edgeq_is_lazy_and_complete() -> None:
    code = (
        "import sys, edgeq\nassert 'numpy' not in sys.modules\n"
        "assert set(edgeq.__all__) <= set(dir(edgeq))\n"
        "print([n for n in edgeq.__all__ if getattr(edgeq, n) is None])\n"
        "try:\n    edgeq.nothing\nexcept AttributeError as error:\n    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=GUARD
    )
    assert done.stdout == "[]\nmodule 'edgeq' has no attribute 'nothing'\n"
