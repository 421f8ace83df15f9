"""A profile as a picture: what each layer costs, and the arena over time. An SVG that needs nothing else."""

from __future__ import annotations

from html import escape

from edgeq.judge.profile.layers import Buffer, Profile

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
    """Every buffer as a rectangle: when it lives from left to right, where it lies from below."""
    layers = len(profile.layers)
    step = (_NAMES + _BARS) / (layers + 2)
    scale = _ARENA / max(profile.arena, 1)
    parts = [
        f'<text x="{_MARGIN}" y="{top - 12}" font-weight="bold">arena, {profile.arena:,} bytes, over the '
        f"layers 0 to {layers - 1}; before and after them inputs and outputs</text>",
        f'<rect x="{_MARGIN}" y="{top}" width="{_NAMES + _BARS}" height="{_ARENA}" fill="none" '
        'stroke="#555"/>',
    ]
    for place, buffer in enumerate(profile.buffers):
        x = _MARGIN + (buffer.first + 1) * step
        wide = (buffer.last - buffer.first + 1) * step
        y = top + _ARENA - (buffer.offset + buffer.size) * scale
        colour = _SCRATCH if buffer.tensor is None else _COLOURS[place % len(_COLOURS)]
        parts.append(
            f"<g><title>{escape(_told(buffer))}</title>"
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{max(1.0, buffer.size * scale):.1f}" '
            f'fill="{colour}" fill-opacity="0.8" stroke="#555"/></g>'
        )
    return parts


def _told(buffer: Buffer) -> str:
    what = "scratch" if buffer.tensor is None else f"tensor {buffer.tensor}"
    return f"{what}: {buffer.size:,} bytes at {buffer.offset:,}"
