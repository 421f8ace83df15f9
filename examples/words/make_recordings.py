"""Make the example's recordings: words spoken by eSpeak NG, each by many voices, speeds and pitches.

    sudo apt install espeak-ng sox
    python3 examples/words/make_recordings.py

writes ``recordings/<class>/<voice>.wav`` beside this file: PCM of 16 bits, 8,000 samples a second, 0.6 s.
Replace them by recordings of your own: nothing else here knows where they are from.
"""

from __future__ import annotations

import itertools
import random
import subprocess
import tempfile
import wave
from pathlib import Path

import numpy as np

RATE, SAMPLES, EACH = 8000, 4800, 24
WORDS = {
    "0_other": ("left", "right", "house", "seven", "bird", "wow", "three", "happy"),
    "1_go": ("go",),
    "2_no": ("no",),
    "3_stop": ("stop",),
    "4_yes": ("yes",),
}
VOICES = ("en-gb", "en-us", "en-gb-scotland", "en-gb-x-rp", "en-gb-x-gbclan", "en-029")
VARIANTS = ("m1", "m2", "m3", "m4", "m5", "m6", "m7", "f1", "f2", "f3", "f4")


def speak(word: str, voice: str, speed: int, pitch: int) -> np.ndarray:
    """The word, int16 [n], as loud as it was spoken."""
    with tempfile.TemporaryDirectory() as folder:
        said, there = Path(folder, "said.wav"), Path(folder, "there.wav")
        espeak = ("espeak-ng", "-v", voice, "-s", str(speed), "-p", str(pitch), "-w", str(said), word)
        subprocess.run(espeak, check=True)
        trim = ("silence", "1", "0.01", "1%", "reverse", "silence", "1", "0.01", "1%", "reverse")
        sox = ("sox", "-R", str(said), "-r", str(RATE), "-b", "16", "-c", "1", str(there))
        subprocess.run((*sox, *trim), check=True, stderr=subprocess.DEVNULL)
        with wave.open(str(there)) as file:
            return np.frombuffer(file.readframes(file.getnframes()), np.int16)


def place(spoken: np.ndarray, chance: random.Random) -> np.ndarray:
    """Somewhere within 0.6 s, of another loudness, in a little noise."""
    spoken = spoken[:SAMPLES]
    start = chance.randint(0, SAMPLES - len(spoken))
    noise = np.random.default_rng(chance.getrandbits(32)).normal(0, 40, SAMPLES)
    noise[start : start + len(spoken)] += spoken * chance.uniform(0.3, 0.9)
    return np.clip(np.rint(noise), -32768, 32767).astype(np.int16)


def main() -> None:
    """Write them all; the same files on every run with the same versions of both programs."""
    home = Path(__file__).parent / "recordings"
    for name, words in WORDS.items():
        chance = random.Random(name)  # noqa: S311  # nothing is secret here
        speakers = list(itertools.product(VOICES, VARIANTS))
        chance.shuffle(speakers)
        for number, (voice, variant) in enumerate(speakers[:EACH]):
            word = words[number % len(words)]
            spoken = speak(word, f"{voice}+{variant}", chance.randint(130, 200), chance.randint(25, 75))
            file = home / name / f"{word}_{voice}_{variant}.wav"
            file.parent.mkdir(parents=True, exist_ok=True)
            with wave.open(str(file), "wb") as out:
                out.setparams((1, 2, RATE, 0, "NONE", ""))
                out.writeframes(place(spoken, chance).tobytes())


if __name__ == "__main__":
    main()
