"""A picture of a model's graph, coloured by where its operators run: an SVG that needs nothing else.

Operators stand in rows by how many others they wait for, each below those that it reads. Edges that carry a
tensor from the Edge TPU to the CPU or back are where the model is split; they are thick and dashed.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from edgeq.edgetpu.prediction import OperatorPrediction, Prediction
from edgeq.graph import ABSENT, Graph

_WIDTH, _HEIGHT = 190, 26
_COLUMN, _ROW = _WIDTH + 18, _HEIGHT + 26
_MARGIN, _HEAD = 24, 86
_LABEL = 24

_COLOURS = {"edgetpu": "#b7e1cd", "waits": "#fce8b2", "cpu": "#f4c7c3"}
_LEGEND = (
    ("edgetpu", "on the Edge TPU"),
    ("waits", "on the CPU only for another operator's sake"),
    ("cpu", "on the CPU: no rule lets it map"),
)


def draw(graph: Graph, prediction: Prediction) -> str:
    """The picture as the text of an SVG file; the same graph and prediction give the same text."""
    edges = _edges(graph)
    places = _places(len(graph.operators), edges)
    width = max([x for x, _ in places], default=0) + _WIDTH + _MARGIN
    height = max([y for _, y in places], default=_HEAD) + _HEIGHT + _MARGIN
    operators = prediction.operators
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{max(width, 640)}" height="{height}" '
        'font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
        *_head(graph, prediction),
        *(_edge(places[a], places[b], split=operators[a].mapped != operators[b].mapped) for a, b in edges),
        *(_box(operator, place) for operator, place in zip(operators, places, strict=True)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _edges(graph: Graph) -> list[tuple[int, int]]:
    maker: dict[int, int] = {}
    edges = []
    for index, operator in enumerate(graph.operators):
        makers = sorted({maker[t] for t in operator.inputs if t != ABSENT and t in maker})
        edges += [(before, index) for before in makers]
        maker.update(dict.fromkeys(operator.outputs, index))
    return edges


def _places(count: int, edges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Left upper corners: the row from the longest way to an operator, the column near what it reads."""
    rows = [0] * count
    columns = [0] * count
    before: list[list[int]] = [[] for _ in range(count)]
    for a, b in edges:
        rows[b] = max(rows[b], rows[a] + 1)
        before[b].append(a)
    by_row: dict[int, list[int]] = {}
    for index, row in enumerate(rows):
        by_row.setdefault(row, []).append(index)
    for row in sorted(by_row):
        wished = {i: sum(columns[a] for a in before[i]) // max(1, len(before[i])) for i in by_row[row]}
        free = drift = 0
        for index in sorted(by_row[row], key=lambda i: (wished[i], i)):
            columns[index] = max(free, wished[index])
            drift += columns[index] - wished[index]
            free = columns[index] + 1
        # Rows grow to both sides, or branches would carry the graph ever further to the right.
        back = min(round(drift / len(by_row[row])), *(columns[i] for i in by_row[row]))
        for index in by_row[row]:
            columns[index] -= back
    return [(_MARGIN + columns[i] * _COLUMN, _HEAD + rows[i] * _ROW) for i in range(count)]


def _head(graph: Graph, prediction: Prediction) -> list[str]:
    summary = prediction.summary
    title = f"{graph.name}: {summary.mapped} of {summary.total} operators on the Edge TPU"
    parts = [f'<text x="{_MARGIN}" y="28" font-size="16" font-weight="bold">{escape(title)}</text>']
    x = _MARGIN
    for kind, text in _LEGEND:
        parts.append(f'<rect x="{x}" y="44" width="14" height="14" fill="{_COLOURS[kind]}" stroke="#555"/>')
        parts.append(f'<text x="{x + 20}" y="56">{escape(text)}</text>')
        x += 40 + 7 * len(text)
    if prediction.failure is not None:
        failure = escape(" ".join(prediction.failure.status.split()))
        parts.append(
            f'<text x="{_MARGIN}" y="78" fill="#b00">The compiler refuses the model: {failure}</text>'
        )
    return parts


def _edge(start: tuple[int, int], end: tuple[int, int], *, split: bool) -> str:
    x1, y1, x2, y2 = start[0] + _WIDTH // 2, start[1] + _HEIGHT, end[0] + _WIDTH // 2, end[1]
    style = 'stroke="#b00" stroke-width="2.5" stroke-dasharray="6 3"' if split else 'stroke="#999"'
    bend = max(16, (y2 - y1) // 2)
    return f'<path d="M{x1} {y1}C{x1} {y1 + bend} {x2} {y2 - bend} {x2} {y2}" fill="none" {style}/>'


def _box(operator: OperatorPrediction, place: tuple[int, int]) -> str:
    x, y = place
    kind = "edgetpu" if operator.mapped else "waits" if operator.blocked_by else "cpu"
    name = operator.name if len(operator.name) <= _LABEL else operator.name[: _LABEL - 1] + "…"
    label = escape(f"{operator.index} {name}")
    told = escape(f"{operator.status}\n{operator.reason}")
    return (
        f'<g><title>{told}</title><rect x="{x}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}" rx="4" '
        f'fill="{_COLOURS[kind]}" stroke="#555"/><text x="{x + 8}" y="{y + 17}">{label}</text></g>'
    )
