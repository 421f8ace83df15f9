"""Make the example's readings: what an accelerometer on a motor's bearing gives, by the motor's mechanics.

    python make_readings.py

writes ``readings/<class>/<fault>_<number>.csv`` beside this file: 512 readings of x, y and z, 1,600 a second,
in an ADXL345's counts (256 a g). Replace them by readings of your own: nothing else here knows where they
are from.

The motor turns 24 to 25 times a second, by its load. Its shaft carries a little imbalance, its bearing of 9
balls rolls, mains hum at 50 and 100 Hz, the mounting rings at 310 Hz and the bearing's housing at 560 Hz. A
fault adds what it adds in a machine:

- imbalance: a force that turns with the shaft, across it
- misalignment: twice a turn, mostly along the shaft
- looseness: knocks as the shaft is lifted and falls, at all multiples of a turn
- outer race: an impact each time that a ball rolls over the damage, 3.58 times a turn, and the housing rings
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

Signal = npt.NDArray[np.float64]

RATE, READINGS, COUNTS = 1600, 512, 256
HEALTHY, FAULTY = 72, 12
"""Files of a healthy motor, and of each fault."""
RACE = 3.58
"""Balls over one spot of the outer race in a turn: 9 / 2 (1 - d / D cos a), of a usual bearing."""
FAULTS = ("imbalance", "misalignment", "looseness", "outer-race")


def ringing(force: Signal, hertz: float, damping: float) -> Signal:
    """What a mass on a spring makes of a force: its impulse response, folded with it."""
    t = np.arange(200) / RATE
    response = np.exp(-damping * 2 * np.pi * hertz * t) * np.sin(2 * np.pi * hertz * t)
    return np.convolve(force, response)[: len(force)]


def knocks(angle: Signal, each_turn: float, chance: np.random.Generator) -> Signal:
    """One whenever so many parts of a turn are over, each of another strength."""
    passed = np.floor(angle / (2 * np.pi) * each_turn)
    struck = np.diff(passed, prepend=passed[0]) > 0
    return struck * chance.uniform(0.6, 1.4, len(angle))


def motor(fault: str | None, chance: np.random.Generator) -> npt.NDArray[np.int16]:
    """Counts [readings, 3]: x and y across the shaft, z along it. A fault is worse in some files."""
    before = 200  # until all rings
    t = np.arange(READINGS + before) / RATE
    speed = chance.uniform(24.0, 25.0)
    angle = 2 * np.pi * (speed * t + chance.uniform(0, 1) + 0.01 * np.sin(2 * np.pi * 1.3 * t))
    load = chance.uniform(0.7, 1.3)
    turning = 0.12 * chance.uniform(0.8, 1.2)
    axial = 0.04 * chance.uniform(0.7, 1.3)
    struck = 0.1 * chance.normal(0, 1, len(t))  # balls that roll
    loose = np.zeros(len(t))
    bad = chance.uniform(1.0, 2.0)
    if fault == "imbalance":
        turning *= 1 + 3 * bad
    elif fault == "misalignment":
        axial *= 1 + 5 * bad
    elif fault == "looseness":
        loose = 0.55 * bad * knocks(angle, 1, chance)
    elif fault == "outer-race":
        struck = struck + 0.7 * bad * knocks(angle, RACE, chance)
    hum = 2 * np.pi * 50 * t + chance.uniform(0, 2 * np.pi)
    mains = load * (0.03 * np.sin(hum) + 0.05 * np.sin(2 * hum))
    housing = ringing(struck, 560, 0.06)
    mounting = ringing(0.1 * chance.normal(0, 1, len(t)) + 2 * loose, 310, 0.08)
    across, up, along = chance.normal(0, 0.02, (3, len(t)))  # the sensor's own noise
    across += turning * np.cos(angle) + 0.5 * mains + 0.6 * housing + 0.5 * mounting
    up += turning * np.sin(angle) + mains + housing + mounting + 1.0  # it stands in gravity
    along += axial * np.cos(2 * angle + 0.5) + 0.3 * axial * np.cos(angle) + 0.2 * mains + 0.3 * housing
    counts = np.rint(np.stack([across, up, along], axis=1)[before:] * COUNTS)
    return np.clip(counts, -4096, 4095).astype(np.int16)


def main() -> None:
    """Write them all; the same files on every run."""
    home = Path(__file__).parent / "readings"
    chance = np.random.default_rng(16)
    wanted = [("0_healthy", None, HEALTHY), *(("1_faulty", fault, FAULTY) for fault in FAULTS)]
    for folder, fault, count in wanted:
        (home / folder).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            file = home / folder / f"{fault or 'motor'}_{number:02}.csv"
            rows = "".join(f"{x},{y},{z}\n" for x, y, z in motor(fault, chance))
            file.write_text("x,y,z\n" + rows, encoding="utf-8")


if __name__ == "__main__":
    main()
