"""Make the example's pictures: hands before cluttered backgrounds, as a small camera sees them.

    pip install pillow numpy
    python make_pictures.py

writes ``pictures/<class>/<number>.jpg`` beside this file: 96 x 72 pixels. Replace them by pictures of your
own: nothing else here knows where they are from.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT, FINER, EACH = 96, 72, 4, 50
FINGERS = {"0_fist": (), "1_point": (1,), "2_victory": (1, 2), "3_open": (0, 1, 2, 3, 4)}
"""Which are stretched: the thumb, 0, to the little finger."""
SPREAD = (-68, -24, -3, 17, 38)
"""Of each finger, in degrees from the hand's direction."""
LENGTHS = (0.8, 1.25, 1.35, 1.25, 1.0)
"""Of each finger, in palms."""

Colour = tuple[int, int, int]


def shade(colour: Colour, by: float) -> Colour:
    """Lighter or darker."""
    red, green, blue = (max(0, min(255, round(part * by))) for part in colour)
    return red, green, blue


def background(chance: np.random.Generator) -> Image.Image:
    """A room: light from one side, and things that stand about."""
    size = (WIDTH * FINER, HEIGHT * FINER)
    one, other = chance.uniform(30, 220, (2, 3))
    ramp = np.linspace(0, 1, size[0])[None, :, None]
    room = np.broadcast_to(one * (1 - ramp) + other * ramp, (size[1], size[0], 3))
    picture = Image.fromarray(room.astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    for _ in range(chance.integers(2, 7)):
        x, y = chance.integers(0, size[0]), chance.integers(0, size[1])
        wide, high = chance.integers(15, 110, 2)
        colour = tuple(int(part) for part in chance.integers(20, 235, 3))
        kind = chance.integers(3)
        if kind == 0:
            draw.rectangle((x, y, x + wide, y + high), fill=colour)
        elif kind == 1:
            draw.ellipse((x, y, x + wide, y + high), fill=colour)
        else:
            draw.line((x, y, x + 2 * wide, y - 2 * high), fill=colour, width=int(chance.integers(4, 16)))
    return picture.filter(ImageFilter.GaussianBlur(chance.uniform(6, 14)))  # out of focus


def hand(picture: Image.Image, stretched: tuple[int, ...], chance: np.random.Generator) -> None:
    """A palm, an arm below it, and fingers: stretched, or bent before the palm."""
    draw = ImageDraw.Draw(picture)
    skins = ((236, 188, 160), (214, 160, 124), (176, 120, 84), (120, 78, 54), (84, 54, 40))
    skin = shade(skins[chance.integers(len(skins))], chance.uniform(0.8, 1.15))
    edge = shade(skin, 0.6)
    palm = FINER * chance.uniform(12, 15)
    x = FINER * (WIDTH / 2 + chance.uniform(-6, 6))
    y = FINER * (HEIGHT * 0.7 + chance.uniform(-5, 5))
    turn, mirror = math.radians(chance.uniform(-18, 18)), chance.choice((-1, 1))

    def bone(degrees: float, start: float, end: float, width: float) -> None:
        angle = turn + mirror * math.radians(degrees)
        there = [(x + r * palm * math.sin(angle), y - r * palm * math.cos(angle)) for r in (start, end)]
        for colour, wide in ((edge, width * palm + 0.16 * palm), (skin, width * palm)):
            draw.line(there, fill=colour, width=round(wide))
            for at, up in there:
                draw.ellipse((at - wide / 2, up - wide / 2, at + wide / 2, up + wide / 2), fill=colour)

    bone(180, 0.4, 5.0, 1.2)
    draw.ellipse((x - palm, y - palm, x + palm, y + palm), fill=skin, outline=edge, width=round(0.08 * palm))
    for finger, (degrees, length) in enumerate(zip(SPREAD, LENGTHS, strict=True)):
        bent = finger not in stretched
        reach = 1.0 if bent else 0.85 + length * chance.uniform(0.9, 1.1)
        bone(degrees + chance.uniform(-4, 4), 0.5, reach, 0.36)


def taken(stretched: tuple[int, ...], chance: np.random.Generator) -> Image.Image:
    """The picture as the camera gives it: blurred, of some brightness, noisy."""
    picture = background(chance)
    hand(picture, stretched, chance)
    soft = picture.filter(ImageFilter.GaussianBlur(FINER * 0.4))
    small = soft.resize((WIDTH, HEIGHT), Image.Resampling.BOX)
    light = np.asarray(small, np.float64) * chance.uniform(0.7, 1.2)
    noisy = light + chance.normal(0, chance.uniform(1, 4), light.shape)
    return Image.fromarray(np.clip(np.rint(noisy), 0, 255).astype(np.uint8))


def main() -> None:
    """Write them all; the same pictures on every run."""
    home = Path(__file__).parent / "pictures"
    for place, (name, stretched) in enumerate(FINGERS.items()):
        chance = np.random.default_rng(place)
        (home / name).mkdir(parents=True, exist_ok=True)
        for number in range(EACH):
            taken(stretched, chance).save(home / name / f"{name[2:]}_{number:02}.jpg", quality=80)


if __name__ == "__main__":
    main()
