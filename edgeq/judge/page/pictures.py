"""Pictures within a page, as SVG: they take its colours, and each says in words what it shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

from edgeq.judge.profile import Buffer
from edgeq.judge.profile.arena import rectangles

_ARENA = (760, 240)
_SCATTER = 420
_EDGE = 44
_KINDS = 4
"""Patterns of buffers, so that neighbours differ without colours, too."""


def arena(layers: Mapping[str, Any]) -> Markup:
    """The ``layers`` of a report as a picture."""
    size, count = layers["arena"], len(layers["layers"])
    buffers = [Buffer(**buffer) for buffer in layers["buffers"]]
    parts = []
    for place, one in enumerate(rectangles(buffers, count, size, *_ARENA)):
        kind = "scratch" if one.is_scratch else f"kind{place % _KINDS}"
        parts.append(
            f'<rect class="{kind}" x="{one.x:.1f}" y="{one.y:.1f}" width="{one.width:.1f}" '
            f'height="{one.height:.1f}"><title>{escape(one.told)}</title></rect>'
        )
    about = f"The arena of {size:,} bytes over {count} layers: {len(buffers)} buffers"
    return _svg(*_ARENA, about, parts)


def scatter(points: Sequence[Sequence[float]]) -> Markup:
    """True values from left to right, the device's from below; on the diagonal they are equal."""
    values = [value for point in points for value in point] or [0.0]
    low, high = min(values), max(values)
    span = (high - low) or 1.0
    side = _SCATTER - 2 * _EDGE

    def at(value: float) -> float:
        return _EDGE + side * (value - low) / span

    parts = [
        f'<rect class="frame" x="{_EDGE}" y="{_EDGE}" width="{side}" height="{side}"/>',
        f'<line class="axis" x1="{_EDGE}" y1="{_EDGE + side}" x2="{_EDGE + side}" y2="{_EDGE}"/>',
        *(
            f'<circle class="point" cx="{at(true):.1f}" cy="{_SCATTER - at(device):.1f}" r="3"/>'
            for true, device in points
        ),
        f'<text x="{_EDGE}" y="{_SCATTER - 22}">{low:.4g}</text>',
        f'<text x="{_EDGE + side}" y="{_SCATTER - 22}" text-anchor="end">{high:.4g}</text>',
        f'<text x="{_SCATTER / 2}" y="{_SCATTER - 6}" text-anchor="middle">true</text>',
        f'<text x="4" y="{_EDGE - 12}">on the device</text>',
    ]
    return _svg(_SCATTER, _SCATTER, f"{len(points)} values on the device beside the true ones", parts)


def _svg(width: float, height: float, about: str, parts: Sequence[str]) -> Markup:
    head = f'<svg viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{escape(about)}">'
    return Markup("\n".join([head, *parts, "</svg>"]))  # noqa: S704  # every text in it was escaped
