"""A profile as a picture: what each layer costs, and the arena over time. An SVG that needs nothing else."""

from __future__ import annotations

from html import escape

from edgeq.judge.profile.arena import rectangles
from edgeq.judge.profile.layers import Profile

_MARGIN, _NAMES, _BARS, _ROW, _HEAD = 24, 250, 520, 20, 66
_ARENA = 240
_COLOURS = ("#8ab4f8", "#b7e1cd", "#fce8b2", "#d7aefb", "#a7c7e7", "#f4c7c3")
_SCRATCH = "#9aa0a6"


def draw(profile: Profile) -> str:
    """The picture as the text of an SVG file; the same profile gives the same text."""
    bars = _HEAD + _ROW * len(profile.layers)
    height = bars + 60 + _ARENA + 2 * _MARGIN
    width = _MARGIN * 2 + _NAMES + _BARS + 170
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        'font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
        *_head(profile),
        *_bars(profile),
        *_arena(profile, bars + 60),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _head(profile: Profile) -> list[str]:
    counts = {
        "instructions": profile.instructions,
        "cycles": profile.cycles,
        "cycles (estimated)": profile.cycles_estimated,
    }
    cost = ", ".join(f"{count:,} {what}" for what, count in counts.items() if count is not None)
    title = escape(f"{profile.model} on {profile.board}")
    return [
        f'<text x="{_MARGIN}" y="28" font-size="16" font-weight="bold">{title}</text>',
        f'<text x="{_MARGIN}" y="50">{escape(f"{cost}; {profile.macs:,} MACs; {profile.toolchain}")}</text>',
    ]


def _bars(profile: Profile) -> list[str]:
    most = max((layer.share for layer in profile.layers), default=0) or 1
    parts = []
    for place, layer in enumerate(profile.layers):
        y = _HEAD + place * _ROW
        length = round(_BARS * layer.share / most)
        told = escape(f"{layer.title}\n{layer.kernel}")
        parts.append(
            f'<g><title>{told}</title><text x="{_MARGIN}" y="{y + 14}">{escape(layer.name)}</text>'
            f'<rect x="{_MARGIN + _NAMES}" y="{y + 2}" width="{max(1, length)}" height="{_ROW - 5}" '
            f'fill="{_COLOURS[0]}" stroke="#555"/><text x="{_MARGIN + _NAMES + length + 6}" y="{y + 14}">'
            f"{layer.cost:,} ({100 * layer.share:.1f} %)</text></g>"
        )
    return parts


def _arena(profile: Profile, top: int) -> list[str]:
    layers = len(profile.layers)
    placed = rectangles(profile.buffers, layers, profile.arena, _NAMES + _BARS, _ARENA)
    parts = [
        f'<text x="{_MARGIN}" y="{top - 12}" font-weight="bold">arena, {profile.arena:,} bytes, over the '
        f"layers 0 to {layers - 1}; before and after them inputs and outputs</text>",
        f'<rect x="{_MARGIN}" y="{top}" width="{_NAMES + _BARS}" height="{_ARENA}" fill="none" '
        'stroke="#555"/>',
    ]
    for place, one in enumerate(placed):
        colour = _SCRATCH if one.is_scratch else _COLOURS[place % len(_COLOURS)]
        parts.append(
            f"<g><title>{escape(one.told)}</title>"
            f'<rect x="{_MARGIN + one.x:.1f}" y="{top + one.y:.1f}" width="{one.width:.1f}" '
            f'height="{one.height:.1f}" fill="{colour}" fill-opacity="0.8" stroke="#555"/></g>'
        )
    return parts
