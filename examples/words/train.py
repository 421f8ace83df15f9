"""Train the example's network on ``data/train.npz``: a minute on a laptop's processor.

    pip install 'edgeq[sim]' tensorflow-cpu
    edgeq data split recordings --preprocessing sound.toml --test 35% -o data
    python train.py

writes ``words_float.tflite`` beside this file. The network sees features, and gets them from the very stages
that the device computes (``sound.toml``). Everything is seeded.
"""

from __future__ import annotations

import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from edgeq.features import read_declaration

HERE = Path(__file__).parent
SEED, COPIES, EPOCHS, CLASSES = 5, 40, 30, 5


def augment(raw: npt.NDArray[np.int16], chance: np.random.Generator) -> npt.NDArray[np.int16]:
    """Each sound shifted by up to 80 ms, louder or softer, in more noise."""
    made = np.empty_like(raw)
    for place, sound in enumerate(raw):
        shifted = np.roll(sound, chance.integers(-640, 641)) * chance.uniform(0.3, 1.5)
        noisy = shifted + chance.normal(0, chance.uniform(0, 150), len(sound))
        made[place] = np.clip(np.rint(noisy), -32768, 32767)
    return made


def build(shape: tuple[int, ...], batch: int | None = None) -> keras.Model:
    """Convolutions over time and bands, then the mean over both."""
    layers = keras.layers
    x = inputs = keras.Input(shape, batch_size=batch)
    x = layers.Reshape((*shape, 1))(x)
    for filters, strides in ((16, 2), (24, 2), (32, 1)):
        x = layers.Conv2D(filters, 3, strides, "same", use_bias=False)(x)
        x = layers.BatchNormalization()(x)
        x = layers.ReLU()(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.3)(x)
    return keras.Model(inputs, layers.Dense(CLASSES, "softmax")(x))


def main() -> None:
    """Train, say how it does on both parts, write the file."""
    keras.utils.set_random_seed(SEED)
    chance = np.random.default_rng(SEED)
    made = read_declaration(HERE / "sound.toml")
    train, test = (np.load(HERE / "data" / f"{name}.npz") for name in ("train", "test"))
    x = np.concatenate([made.real(augment(train["x"], chance)) for _ in range(COPIES)])
    y = np.tile(train["y"], COPIES)
    model = build(x.shape[1:])
    model.compile(keras.optimizers.Adam(2e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x, y, batch_size=64, epochs=EPOCHS, verbose=2)
    for name, part in (("train", train), ("test", test)):
        right = model.predict(made.real(part["x"]), verbose=0).argmax(1) == part["y"]
        print(f"{name}: {right.mean():.4f} of {len(right)}")
    fixed = build(x.shape[1:], batch=1)  # no open size is left in the file
    fixed.set_weights(model.get_weights())
    (HERE / "words_float.tflite").write_bytes(tf.lite.TFLiteConverter.from_keras_model(fixed).convert())


if __name__ == "__main__":
    main()
