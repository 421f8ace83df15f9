"""The page: it says what the report says, loads nothing, and takes no name for markup."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from edgeq.judge.page import Run, markdown, page

from .reports import HOSTILE, LADDER, LAYERS, classifier, coral, regression

ALL = (classifier(), regression(), coral())
VOID = {"meta", "link", "br", "circle", "line", "rect"}


class Reader(HTMLParser):
    """Collects tags with their attributes, and the text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def read(html: bytes) -> Reader:
    reader = Reader()
    reader.feed(html.decode())
    reader.close()
    return reader


@pytest.mark.parametrize("report", ALL, ids=lambda report: report["runtime"] + "-" + report["model"])
def test_the_verdict_stands_first_and_every_figure_is_there(report: dict[str, Any]) -> None:
    found = read(page([Run(report)]))
    told = re.sub(r"\s+", " ", found.text)
    assert told.index("PASS" if report["verdict"] == "pass" else "FAIL") < told.index(report["model"], 200)
    for finding in report["findings"]:
        assert finding["message"].splitlines()[0] in found.text
    if report["flash"]["total"] is not None:
        assert f"{report['flash']['code']:,}" in told
        assert f"{report['ram']['arena']:,}" in told
    if "origin" in report:
        assert report["origin"]["model_sha256"] in told


def test_nothing_is_loaded_and_nothing_runs() -> None:
    found = read(page([Run(one, classifier(), LAYERS, LADDER) for one in ALL]))
    assert not {tag for tag, _ in found.tags} & {"script", "img", "iframe", "object", "embed", "form"}
    for tag, attributes in found.tags:
        for name, value in attributes.items():
            assert not name.startswith("on"), (tag, name)
            if name in ("src", "href", "data", "action"):
                assert value is not None and value.startswith(("#", "data:,")), (tag, value)
    style = page([Run(ALL[0])]).decode().partition("<style>")[2].partition("</style>")[0]
    assert "url(" not in style and "@import" not in style


def test_names_are_text_and_no_markup() -> None:
    html = page([Run(classifier(HOSTILE), classifier(), LAYERS, LADDER)])
    assert b"<script" not in html
    assert HOSTILE.splitlines()[0] in read(html).text
    title = next(attributes["title"] for _, attributes in read(html).tags if attributes.get("title"))
    assert title == HOSTILE


def test_what_is_worst_is_told_first() -> None:
    report = classifier()
    report["findings"].append({**report["findings"][0], "severity": "error", "message": "it burns"})
    text = read(page([Run(report)])).text
    assert text.index("it burns") < text.index("beware") < text.index("about <script>")


def test_what_scrolls_is_reached_by_keys_and_named() -> None:
    found = read(page([Run(classifier(), None, LAYERS, LADDER)]))
    scrolling = [attributes for _, attributes in found.tags if attributes.get("class") == "scroll"]
    assert len(scrolling) >= 5
    for attributes in scrolling:
        assert (attributes["tabindex"], attributes["role"]) == ("0", "region") and attributes["aria-label"]
    assert all(attributes["aria-label"] for tag, attributes in found.tags if tag == "svg")
    ids = [attributes["id"] for _, attributes in found.tags if "id" in attributes]
    targets = {attributes["href"] for tag, attributes in found.tags if tag == "a"}
    assert len(ids) == len(set(ids)) and {target[1:] for target in targets if target} <= set(ids)


def test_no_meaning_is_in_colour_alone() -> None:
    """Who sees none reads a sign and a word: of the verdict, of a finding, of a figure that got worse."""
    text = read(page([Run(classifier()), Run(regression())])).text
    for words in ("✓ PASS", "✗ FAIL", "+50.00 % worse", "warning", "error"):
        assert words in text


def test_the_layers_that_debug_found_and_the_forms_that_compare_found() -> None:
    text = read(page([Run(classifier(), None, LAYERS, LADDER)])).text
    for words in (
        "Error by layer",
        "the range is wide",
        "30.5",
        "From float to int8",
        "float32",
        "no such form",
    ):
        assert words in text


def test_what_changed_since_another_run() -> None:
    text = read(page([Run(classifier(code=1100), classifier(code=1000))])).text
    assert "Changed since digits on sim-m4 (aot)" in text
    assert "+6.67 % worse" in text
    assert "Changed since the baseline" in read(page([Run(classifier())])).text
    assert "Changed since" not in read(page([Run(regression())])).text


def test_of_many_classes_the_mistakes_are_told() -> None:
    text = read(page([Run(classifier(classes=200))])).text
    assert "The most frequent mistakes" in text and "and 180 kinds more" in text
    assert "A row for each label" not in text


def test_a_page_is_small_and_the_same_each_time() -> None:
    large = classifier(classes=40)
    large["layers"]["layers"] *= 100
    large["layers"]["buffers"] *= 100
    runs = [Run(large, classifier(), LAYERS, LADDER)] * 4
    assert page(runs) == page(runs)
    assert len(page(runs)) < 1 << 20


def test_a_report_of_an_earlier_edgeq_is_shown() -> None:
    """Keys were added within version 1: a page does without them."""
    old = classifier()
    for key in ("confusion", "layers", "origin", "baseline"):
        del old[key]
    del old["latency"]["spread"]
    assert b"PASS" in page([Run(old)])


def test_a_model_without_layers_is_shown() -> None:
    """One whose outputs are constants, or whose runtime calls no kernels one by one."""
    empty = classifier()
    empty["layers"] = {"layers": [], "arena": 0, "buffers": []}
    empty["confusion"] = {"output": "o", "samples": 0, "cells": [], "left_out": 0}
    empty["findings"] = []
    assert b"PASS" in page([Run(empty)])


def test_markdown_is_a_row_for_each_run_and_names_stay_text() -> None:
    text = markdown([Run(classifier(HOSTILE)), Run(regression()), Run(coral())])
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len(rows) == 5
    widths = {len(re.findall(r"(?<!\\)\|", row)) for row in rows}
    assert len(widths) == 1, rows
    assert "<script>" not in text
    assert "❌ **FAIL**" in rows[3] and "✅ pass" in rows[4]
    assert "- error: the error is too large *train longer*" in text
    assert "- flash: 1,500 bytes, 1,000 bytes before (+50.00 %)" in text
