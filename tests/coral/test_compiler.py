"""The compiler driven: found, judged by file and log, stopped, tried again, its culprits found."""

from __future__ import annotations

from pathlib import Path

import pytest
from waiting import ends, is_written, waits_begin_after

from edgeq.base.errors import ToolMissingError, UsageError
from edgeq.edgetpu import compiler as driver
from edgeq.edgetpu.compiler import CompileFailed, Compiler, Options, Source, compile_models, find_compiler
from edgeq.edgetpu.culprit import find_culprit, find_way_round
from edgeq.edgetpu.parts import cut
from edgeq.graph import DType, read_model, write_model
from edgeq.interpreter import run

from .conftest import StandIn, net

QUICK = Options(timeout=20, retries=0)


def test_found_on_path_by_its_version(standin: StandIn) -> None:
    assert find_compiler().version == "16.0.384591198"


def test_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolMissingError, match="is missing") as caught:
        find_compiler()
    assert "apt-get install edgetpu-compiler" in caught.value.hint and caught.value.exit_code == 3


@pytest.mark.parametrize(("mode", "words"), [("wrapper", "wrapper script"), ("other", "does not answer as")])
def test_a_command_of_its_name_proves_nothing(standin: StandIn, mode: str, words: str) -> None:
    standin.does(mode)
    with pytest.raises(ToolMissingError, match=words):
        find_compiler()


def test_a_deaf_one(standin: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    standin.does("deaf")
    monkeypatch.setattr(driver, "_PROBE_SECONDS", 1.0)
    with pytest.raises(ToolMissingError, match="no answer"):
        find_compiler()


def test_compiled(standin: StandIn, model: bytes) -> None:
    done = compile_models(find_compiler(), [Source("net", model)], Options(min_runtime_version=13))
    assert [one.file for one in done.outputs] == ["net_edgetpu.tflite"]
    assert done.outputs[0].mapped
    assert [op.custom_code for op in done.outputs[0].graph.operators] == ["edgetpu-custom-op"]
    assert done.log.milliseconds == 312
    assert (done.log.models[0].mapped, done.log.models[0].total) == (5, 5)
    assert done.attempts == 1
    assert standin.calls == ["-s -o . -m 13 -t 180 net.tflite"]


def test_a_container_gets_the_folder(standin: StandIn, model: bytes) -> None:
    command = ("/usr/bin/env", "MOUNT={folder}:/work", *standin.command)
    done = compile_models(find_compiler(command), [Source("net", model)], QUICK)
    assert done.outputs[0].mapped
    assert done.command[1] == "MOUNT={folder}:/work"


@pytest.mark.parametrize("mode", ["success-with-exit-1"])
def test_its_exit_code_says_nothing_of_success(standin: StandIn, model: bytes, mode: str) -> None:
    standin.does(mode)
    assert compile_models(find_compiler(), [Source("net", model)], QUICK).outputs[0].mapped


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        ("writes-nothing", "no-output"),
        ("half-written", "damaged-output"),
        ("silent", "silent"),
        ("crash", "crash"),
        ("internal", "internal"),
        ("large", "large-activations"),
        ("not-quantized", "not-quantized"),
        ("unexplained", "unexplained"),
    ],
)
def test_failures(standin: StandIn, model: bytes, mode: str, kind: str) -> None:
    standin.does(mode)
    with pytest.raises(CompileFailed) as caught:
        compile_models(Compiler(standin.command, "16"), [Source("net", model)], QUICK)
    assert caught.value.failure.kind == kind
    assert caught.value.exit_code == 4
    assert "on net" in caught.value.message and caught.value.hint
    assert "Edge TPU Compiler version" in caught.value.log


def test_a_hang_is_ended_with_its_children(
    standin: StandIn, model: bytes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    script = tmp_path / "parent.sh"
    script.write_text(f"#!/bin/sh\nsleep 600 & echo $! > {tmp_path}/child\nwait\n")
    script.chmod(0o755)
    monkeypatch.setattr(driver, "_GRACE_SECONDS", 0.5)
    waits_begin_after(lambda: is_written(tmp_path / "child"), monkeypatch)
    with pytest.raises(CompileFailed, match="did not end") as caught:
        compile_models(Compiler((str(script),), "16"), [Source("net", model)], Options(timeout=1))
    assert caught.value.failure.kind == "hang" and caught.value.attempts == 1
    assert ends(int((tmp_path / "child").read_text())), "the compiler's child outlived it"


def test_what_passes_is_tried_again(standin: StandIn, model: bytes) -> None:
    standin.does("passing")
    done = compile_models(find_compiler(), [Source("net", model)], Options(retries=2))
    assert done.attempts == 2


def test_retries_end(standin: StandIn, model: bytes) -> None:
    standin.does("internal")
    with pytest.raises(CompileFailed, match=r"3 attempts") as caught:
        compile_models(find_compiler(), [Source("net", model)], Options(retries=2))
    assert caught.value.attempts == len(standin.calls) == 3


def test_what_stays_is_not_tried_again(standin: StandIn, model: bytes) -> None:
    standin.does("large")
    with pytest.raises(CompileFailed):
        compile_models(find_compiler(), [Source("net", model)], Options(retries=2))
    assert len(standin.calls) == 1


def test_models_share_a_device(standin: StandIn, model: bytes) -> None:
    done = compile_models(find_compiler(), [Source("a", model), Source("b", model)], QUICK)
    assert [one.file for one in done.outputs] == ["a_edgetpu.tflite", "b_edgetpu.tflite"]
    assert standin.calls[0].endswith("a.tflite b.tflite")


def test_segments(standin: StandIn, model: bytes) -> None:
    done = compile_models(find_compiler(), [Source("net", model)], Options(segments=2))
    assert [one.file for one in done.outputs] == [
        "net_segment_0_of_2_edgetpu.tflite",
        "net_segment_1_of_2_edgetpu.tflite",
    ]


def test_segments_that_print_the_version_only(standin: StandIn, model: bytes) -> None:
    standin.does("segments-do-nothing")
    with pytest.raises(CompileFailed, match="did nothing when asked for segments"):
        compile_models(find_compiler(), [Source("net", model)], Options(segments=2))


def test_what_cannot_be_asked(model: bytes) -> None:
    compiler = Compiler(("x",), "16")
    for sources, options, words in (
        ([], Options(), "no model"),
        ([Source("a", model), Source("a", model)], Options(), "two of the models"),
        ([Source("a", model), Source("b", model)], Options(segments=2), "segments"),
        ([Source("a", model)], Options(segments=2, intermediate_tensors=("x",)), "beside segments"),
        ([Source("a", model), Source("b", model)], Options(intermediate_tensors=("x",)), "several models"),
    ):
        with pytest.raises(UsageError, match=words):
            compile_models(compiler, sources, options)


def test_cuts_are_models(model: bytes) -> None:
    import numpy as np

    graph = read_model(model)
    x = np.random.default_rng(1).integers(-128, 128, (3, 6, 6, 2)).astype(np.int8)
    first, second = cut(graph, 0, 1), cut(graph, 2, 4)
    middle = run(write_model(first), [x])[0]
    whole = run(model, [x])[0]
    assert np.array_equal(run(write_model(second), [middle])[0], whole)
    with pytest.raises(UsageError):
        cut(graph, 3, 9)


@pytest.mark.sample(2)
@pytest.mark.parametrize(
    ("mode", "first", "last"),
    [
        ("chokes-on:FULLY_CONNECTED", 3, 3),
        ("chokes-on:MAX_POOL_2D+FULLY_CONNECTED", 1, 3),
        ("internal", 0, 0),
    ],
)
def test_the_culprit(standin: StandIn, model: bytes, mode: str, first: int, last: int) -> None:
    standin.does(mode)
    graph = read_model(model)
    culprit = find_culprit(find_compiler(), graph, QUICK)
    assert culprit is not None
    assert (culprit.first, culprit.last, culprit.kind) == (first, last, "internal")
    assert f"operator {last} " in culprit.told(graph)
    assert culprit.alone == (first == last)
    assert culprit.compiled == len(standin.calls) <= 8


@pytest.mark.sample(2)
@pytest.mark.parametrize(
    ("mode", "told", "mapped"),
    [
        ("chokes-on:FULLY_CONNECTED,-a helps", "--multiple-subgraphs", 5),
        ("chokes-on:FULLY_CONNECTED", "--intermediate-tensors flat", 3),
        ("chokes-on:MAX_POOL_2D+RESHAPE", "--intermediate-tensors pool", 2),
    ],
)
def test_a_way_round_the_culprit(standin: StandIn, model: bytes, mode: str, told: str, mapped: int) -> None:
    standin.does(mode)
    graph, compiler = read_model(model, "net"), find_compiler()
    culprit = find_culprit(compiler, graph, QUICK)
    assert culprit is not None
    way = find_way_round(compiler, graph, culprit, QUICK)
    assert way is not None
    assert way.told == f"with {told} it compiles, with {mapped} of 5 operators on the Edge TPU"
    again = compile_models(compiler, [Source("net", model)], way.options)
    assert again.log.models[0].mapped == mapped


def test_no_way_round_where_the_first_operator_fails(standin: StandIn, model: bytes) -> None:
    standin.does("internal")
    graph, compiler = read_model(model, "net"), find_compiler()
    culprit = find_culprit(compiler, graph, QUICK)
    assert culprit is not None and find_way_round(compiler, graph, culprit, QUICK) is None


def test_no_culprit_where_it_compiles(standin: StandIn, model: bytes) -> None:
    assert find_culprit(find_compiler(), read_model(model), QUICK) is None


def test_unsigned_models_compile(standin: StandIn) -> None:
    done = compile_models(find_compiler(), [Source("old", write_model(net(DType.UINT8)))], QUICK)
    assert done.outputs[0].mapped
