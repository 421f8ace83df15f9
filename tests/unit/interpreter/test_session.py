"""The child process: what it gives back, and that what goes wrong in it is a message and no more."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from waiting import GUARD, ends, lives

from edgeq.base.errors import DataError, EdgeqError, ModelError
from edgeq.graph import DType, Graph, Operator, QuantParams, Tensor, write_model
from edgeq.interpreter import oracle_name, overwritten, ranges, run, run_all_tensors, sample_shape
from edgeq.interpreter.forkserver import ForkServer


def float_model() -> bytes:
    """y = relu(x w + b) for w of shape [2, 3], then y + y."""
    weights = np.array([[1, 0, -1], [0.5, 0.5, 0.5]], np.float32)
    tensors = (
        Tensor("x", (1, 3), DType.FLOAT32),
        Tensor("w", (2, 3), DType.FLOAT32, data=weights),
        Tensor("b", (2,), DType.FLOAT32, data=np.array([0, -1], np.float32)),
        Tensor("y", (1, 2), DType.FLOAT32),
        Tensor("z", (1, 2), DType.FLOAT32),
    )
    operators = (
        Operator("FULLY_CONNECTED", (0, 1, 2), (3,), {"fused_activation_function": "RELU"}),
        Operator("ADD", (3, 3), (4,), {"fused_activation_function": "NONE"}),
    )
    return write_model(Graph("m", tensors, operators, (0,), (4,)))


def expected(x: np.ndarray) -> np.ndarray:
    return np.maximum(np.stack([x[:, 0] - x[:, 2], x.sum(1) / 2 - 1], 1), 0)


def samples(count: int) -> np.ndarray:
    return np.random.default_rng(0).normal(0, 1, (count, 3)).astype(np.float32)


def test_run_gives_one_row_a_sample_over_several_chunks_and_tells_how_far_it_is() -> None:
    told: list[tuple[int, int]] = []
    x = samples(100)
    (y,) = run(float_model(), [x], advance=lambda done, total: told.append((done, total)))
    np.testing.assert_allclose(y, 2 * expected(x), rtol=1e-5)
    assert told[-1] == (100, 100)
    assert len(told) > 1


def test_ranges_are_those_of_every_activation_over_all_samples() -> None:
    x = samples(70)
    found = ranges(float_model(), [x])
    assert set(found) == {0, 3, 4}
    assert found[0] == (float(x.min()), float(x.max()))
    np.testing.assert_allclose(found[3], (expected(x).min(), expected(x).max()), rtol=1e-5)


def test_ranges_keep_what_is_not_a_number() -> None:
    x = samples(40)
    x[35, 1] = np.nan
    assert np.isnan(ranges(float_model(), [x])[0]).all()


def test_all_tensors_with_their_whole_shape() -> None:
    x = samples(2)
    found = run_all_tensors(float_model(), [x])
    assert {index: array.shape for index, array in found.items()} == {
        0: (2, 1, 3), 1: (2, 2, 3), 2: (2, 2), 3: (2, 1, 2), 4: (2, 1, 2),
    }  # fmt: skip
    np.testing.assert_array_equal(found[0][:, 0], x)


def test_which_tensors_share_memory() -> None:
    assert overwritten(float_model(), [(0, 3)]) == ()


def test_integers_stay_raw() -> None:
    quant = QuantParams.per_tensor(0.5, 3)
    tensors = (Tensor("x", (1, 4), DType.INT8, quant), Tensor("y", (1, 2, 2), DType.INT8, quant))
    model = write_model(
        Graph("m", tensors, (Operator("RESHAPE", (0,), (1,), {"new_shape": (1, 2, 2)}),), (0,), (1,))
    )
    x = np.arange(-128, 128, dtype=np.int8).reshape(64, 4)
    (y,) = run(model, [x])
    assert (y.dtype, y.shape) == (np.int8, (64, 2, 2))
    np.testing.assert_array_equal(y.reshape(64, 4), x)


@pytest.mark.parametrize(
    ("shape", "sample"), [((1, 3), (3,)), ((1,), ()), ((), ()), ((4, 3), (4, 3)), ((1, 1, 2), (1, 2))]
)
def test_the_shape_of_a_sample(shape: tuple[int, ...], sample: tuple[int, ...]) -> None:
    assert sample_shape(shape) == sample


@pytest.mark.parametrize(
    "inputs",
    [[], [np.zeros((0, 3), np.float32)], [np.zeros((2, 3))], [np.zeros((2, 4), np.float32)],
     [np.zeros((2, 3), np.float32)] * 2, [np.zeros((2, 1, 3), np.float32)]],
)  # fmt: skip
def test_inputs_that_do_not_fit_are_refused(inputs: list[np.ndarray]) -> None:
    with pytest.raises(DataError):
        run(float_model(), inputs)


def test_the_oracle_names_package_version_and_kernels() -> None:
    package, version, kernels = oracle_name().split()
    assert package in ("ai-edge-litert", "tflite-runtime", "tensorflow")
    assert version[0].isdigit()
    assert kernels == "BUILTIN_REF"


def test_the_parent_never_imports_the_interpreter() -> None:
    code = (
        "import sys, numpy; from edgeq.interpreter import run, oracle_name\n"
        "oracle_name(); run(open(sys.argv[1], 'rb').read(), [numpy.zeros((1, 3), 'f4')])\n"
        "names = ('ai_edge_litert', 'tflite_runtime', 'tensorflow')\n"
        "print([m for m in sys.modules if m.split('.')[0] in names])"
    )
    model = Path(os.environ.get("TMPDIR", "/tmp")) / f"edgeq-parent-{os.getpid()}.tflite"
    model.write_bytes(float_model())
    try:
        done = subprocess.run([sys.executable, "-c", code, model], capture_output=True, text=True, check=True)
    finally:
        model.unlink()
    assert done.stdout.strip() == "[]"


# --- what goes wrong ----------------------------------------------------------------------------


def failure(model: bytes, **options: float) -> ModelError:
    with pytest.raises(ModelError) as caught:
        run(model, [samples(2)], **options)  # type: ignore[arg-type]
    assert caught.value.hint
    return caught.value


@pytest.fixture
def child(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[[str], None]]:
    """Have children run some code in place of the worker's."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr("edgeq.interpreter.child._MAIN", "otherwise:main")
    monkeypatch.setattr("edgeq.interpreter.child.FORKSERVER", server := ForkServer())

    def runs(code: str) -> None:
        (tmp_path / "otherwise.py").write_text(f"def main():\n    {code}\n")

    yield runs
    server.close()


def test_a_file_that_is_no_model_is_refused() -> None:
    assert "refused this model" in failure(b"not a model").message


def test_a_crash_is_said_to_be_one_with_what_was_printed_last(child: Callable[[str], None]) -> None:
    child(
        "import os, sys; sys.stderr.write('INFO: x\\nnative trouble\\n'); sys.stderr.flush(); os.abort()",
    )
    message = failure(float_model()).message
    assert "crashed on this model (signal SIGABRT)" in message
    assert message.endswith("native trouble")
    assert "INFO" not in message


def test_a_child_that_only_ends_is_a_crash_too(child: Callable[[str], None]) -> None:
    child("raise SystemExit(7)")
    assert "crashed on this model (exit code 7)" in failure(float_model()).message


def test_a_silent_child_is_ended(child: Callable[[str], None]) -> None:
    child("import time; time.sleep(600)")
    assert "no answer for 0.3 s" in failure(float_model(), timeout=0.3).message


@pytest.mark.parametrize(
    "answer", ["b'x' * 100", "(1 << 60).to_bytes(8, 'little')", "(2).to_bytes(8, 'little') + b'{}'"]
)
def test_a_child_that_answers_nonsense(child: Callable[[str], None], answer: str) -> None:
    child(f"import os; os.write(1, {answer})")
    assert "crashed on this model" in failure(float_model()).message


def test_memory_is_limited() -> None:
    large = Tensor("y", (1, 64, 1024, 1024), DType.FLOAT32)
    shape = Tensor("s", (4,), DType.INT32, data=np.array(large.shape, np.int32))
    tensors = (Tensor("x", (1, 3), DType.FLOAT32), Tensor("v", (1, 1, 1, 1), DType.FLOAT32), shape, large)
    operators = (
        Operator("MEAN", (0, 4), (1,), {"keep_dims": True}),
        Operator("BROADCAST_TO", (1, 2), (3,), version=2),
    )
    axes = Tensor("a", (1,), DType.INT32, data=np.array([1], np.int32))
    model = write_model(Graph("big", (*tensors, axes), operators, (0,), (3,)))
    failure(model, memory=64 << 20)


def test_damaged_models_give_a_message_or_an_answer() -> None:
    """Bytes flipped at random: whatever LiteRT makes of them, the parent gets outputs or an EdgeqError."""
    rng = np.random.default_rng(1)
    whole = np.frombuffer(float_model(), np.uint8)
    outcomes = set()
    for _ in range(25):
        damaged = whole.copy()
        places = rng.integers(0, len(whole), 3)
        damaged[places] ^= rng.integers(1, 256, 3, dtype=np.uint8)
        try:
            run(damaged.tobytes(), [samples(1)], timeout=20)
            outcomes.add("ran")
        except EdgeqError as error:
            outcomes.add(error.kind)
    assert "ModelError" in outcomes


# --- no orphans ---------------------------------------------------------------------------------

_ENDLESS = """
import sys, time
from edgeq.interpreter import child
with child.Child(600) as worker:
    print(worker._fork.pid, flush=True)
    worker.load(open(sys.argv[1], "rb").read(), "outputs", resolver="reference", memory=1 << 30)
    print("loaded", flush=True)
    time.sleep(600)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL, signal.SIGTERM])
def test_the_child_ends_with_its_parent(tmp_path: Path, how: signal.Signals) -> None:
    model = tmp_path / "m.tflite"
    model.write_bytes(float_model())
    parent = subprocess.Popen(
        [sys.executable, "-c", _ENDLESS, model], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    assert parent.stdout.readline().strip() == b"loaded"
    assert lives(pid)
    parent.send_signal(how)
    parent.wait(GUARD)
    parent.stdout.close()
    assert ends(pid)
