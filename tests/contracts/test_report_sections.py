"""A section of the report is one file: it is listed, knows its schema and has a view; a limit is one row."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import ClassVar

import click

from edgeq.checker import Finding
from edgeq.cli.app import app
from edgeq.cli.report_view import PARTS, Part
from edgeq.features import ImageForm, Preprocessing
from edgeq.judge import report as package
from edgeq.judge.profile.layers import Buffer, Layer
from edgeq.judge.report import (
    SECTIONS,
    Accuracy,
    Artefacts,
    Change,
    Changes,
    Confusion,
    Coral,
    Cycles,
    Errors,
    Exactness,
    Findings,
    Flash,
    Instructions,
    Latency,
    Layers,
    Line,
    Origin,
    Preprocessed,
    Ram,
    Regression,
    Scatter,
    Section,
    Spread,
    limits,
)
from edgeq.judge.report.coral import Milliseconds, Temperature
from edgeq.judge.report.section import Schema, record

EXAMPLES: tuple[Section, ...] = (
    Accuracy(None, 0.9, 0.8, "o"),
    Regression("o", None, Errors(0.1, 0.2, None), Errors(0.1, 0.2, 0.9, 30.0)),
    Confusion("o", 3, ((0, 0, 2), (1, 0, 1))),
    Scatter("o", ((0.5, 0.25),)),
    Exactness("oracle", 2, 6, 5, 1, 2),
    Latency(Instructions(2, 1), 3, Spread.of([1, 1, 2])),
    Latency(Cycles(2, 1, 80_000_000, 0.0), 3),
    Latency(None, None),
    Flash(2, 1, 3, None),
    Ram(1, 2, None, None, 3, 4),
    Layers(
        (asdict(Layer("c", 0, "CONV_2D", "y", "edgeq_conv", 9, 9, 4, 0, 8, 100, None, None, 1.0)),),
        64,
        (asdict(Buffer(0, 8, -1, 0, 1)), asdict(Buffer(8, 8, 0, 0, None))),
    ),
    Preprocessed((("x", Preprocessing(0.0, 255.0, ImageForm(2, 3, "RGB"))),)),
    Line(9, 2, 1, 1, 1, 1, 0.4, 3),
    Findings((Finding("rule", "info", None, "", "", "", "message", ""),)),
    Artefacts({"model": "m"}),
    Coral("local", "cpu", "p", None, None, Temperature(None, None), Milliseconds(1, 2, None, None, 0), 1.0),
    Origin("0.1", "m", None, None, "cpu"),
    Changes("m/b/aot", (Change("flash", 1, 2, 100.0, is_worse=True),)),
)


@dataclass(frozen=True)
class Forgotten(Section):
    key: ClassVar[str] = "forgotten"
    schema: ClassVar[Schema] = record("Nobody has listed it.")


def sections_of_the_package() -> set[type[Section]]:
    """Every section that a file of ``judge/report/`` defines."""
    names = [module.name for module in pkgutil.iter_modules(package.__path__)]
    modules = [importlib.import_module(f"{package.__name__}.{name}") for name in names]
    kinds = (value for module in modules for _, value in inspect.getmembers(module, inspect.isclass))
    return {kind for kind in kinds if issubclass(kind, Section) and kind is not Section}


def without_view(kinds: Iterable[type[Section]], parts: Iterable[Part]) -> set[type[Section]]:
    """The sections that the console does not show."""
    return set(kinds) - {kind for part in parts for kind in part.views}


def keys(value: object) -> object:
    """The keys of an object and of those in it, in their order."""
    if isinstance(value, dict):
        return [(key, keys(part)) for key, part in value.items()]
    return [keys(part) for part in value] if isinstance(value, list) else None


def keys_of(schema: Schema, value: object) -> object:
    """What ``keys`` has to give for a value that follows a schema."""
    if isinstance(value, list):
        return [keys_of(schema["items"], part) for part in value]
    if not isinstance(value, dict):
        return None
    inner = schema.get("properties")
    if inner is None:
        return keys(value)
    return [(key, keys_of(part, value.get(key))) for key, part in inner.items()]


def test_every_section_is_listed_once() -> None:
    assert sections_of_the_package() == set(SECTIONS)
    assert len({kind.key for kind in SECTIONS}) == len(SECTIONS)
    homes = [kind.__module__ for kind in SECTIONS]
    assert len(set(homes)) == len(SECTIONS) - 1, "one file each; flash and ram are the memory's two"


def test_every_section_gives_the_keys_of_its_schema_in_their_order() -> None:
    assert {type(example) for example in EXAMPLES} == set(SECTIONS)
    for example in EXAMPLES:
        told = example.to_json()
        assert keys(told) == keys_of(example.schema, told), example.key


def test_every_section_has_one_view() -> None:
    assert without_view(SECTIONS, PARTS) == set()
    assert sum(len(part.views) for part in PARTS) == len(SECTIONS)


def test_a_section_without_a_view_is_seen() -> None:
    assert without_view((*SECTIONS, Forgotten), PARTS) == {Forgotten}


def test_every_limit_is_an_option_of_the_verbs_that_judge() -> None:
    for verb in ("deploy", "run"):
        command = app.get_command(click.Context(app), verb)
        assert command is not None
        assert {limit.name for limit in limits()} <= {param.name for param in command.params}, verb
