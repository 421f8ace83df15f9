"""The picture: well-formed, every operator in its colour, the split marked, names of strangers harmless."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from edgeq.edgetpu import predict
from edgeq.edgetpu.picture import draw
from edgeq.graph import Graph

from .edgetpu_models import conv, wired

SVG = "{http://www.w3.org/2000/svg}"


def drawn(graph: Graph) -> ElementTree.Element:
    return ElementTree.fromstring(draw(graph, predict(graph)))


def boxes(picture: ElementTree.Element) -> list[tuple[str, str, int, int]]:
    """Label, colour and place of every operator."""
    found = []
    for group in picture.iter(f"{SVG}g"):
        rect, text = group.find(f"{SVG}rect"), group.find(f"{SVG}text")
        assert rect is not None
        assert text is not None
        found.append((text.text or "", rect.attrib["fill"], int(rect.attrib["x"]), int(rect.attrib["y"])))
    return found


def test_operators_in_their_colours_and_the_split_marked() -> None:
    graph = wired(("RELU", [0], 1), ("ABS", [1], 2), ("TANH", [1], 3), ("ADD", [2, 3], 4))
    picture = drawn(graph)
    found = boxes(picture)
    assert [label for label, *_ in found] == ["0 RELU", "1 ABS", "2 TANH", "3 ADD"]
    on, cpu, also, waits = (colour for _, colour, *_ in found)
    assert on == also
    assert len({on, cpu, waits}) == 3
    dashed = [path for path in picture.iter(f"{SVG}path") if "stroke-dasharray" in path.attrib]
    assert len(dashed) == 2
    assert len(list(picture.iter(f"{SVG}path"))) == 4


def test_operators_do_not_lie_on_each_other_and_follow_what_they_read() -> None:
    graph = wired(("RELU", [0], 1), ("ABS", [1], 2), ("TANH", [1], 3), ("ADD", [2, 3], 4), ("RELU", [0], 5))
    places = [(x, y) for *_, x, y in boxes(drawn(graph))]
    assert len(set(places)) == len(places)
    assert places[0][1] < places[1][1] == places[2][1] < places[3][1]


def test_the_same_each_time() -> None:
    graph = conv()
    assert draw(graph, predict(graph)) == draw(graph, predict(graph))


def test_a_refused_model_says_why() -> None:
    texts = "".join(drawn(conv(version=9)).itertext())
    assert "Didn't find op for builtin opcode 'CONV_2D' version '9'" in texts


def test_names_are_escaped() -> None:
    graph = wired(("RELU", [0], 1)).replace(name="<script>&\"'")
    text = draw(graph, predict(graph))
    assert "<script>" not in text
    assert re.search(r"&lt;script&gt;&amp;", text)
