"""Train the example's network on the healthy windows of ``data/train.npz``: half a minute on a laptop.

    pip install 'edgeq[sim]' tensorflow-cpu
    edgeq data split readings --preprocessing vibration.toml --test 40% -o data
    python train.py

writes ``vibration_float.tflite`` beside this file. An autoencoder learns to give back the spectra of a
healthy motor. What it cannot give back is not healthy: the mean error, held against a limit, becomes the two
classes in the network itself. The limit, too, is a matter of healthy windows; no fault is ever seen.
Everything is seeded.
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
SEED, COPIES, EPOCHS, HELD_OUT = 7, 40, 60, 4
STEEP = 100.0
"""How sure the network is: of an error by 0.02 beyond the limit 98 %."""


def augment(raw: npt.NDArray[np.int16], chance: np.random.Generator) -> npt.NDArray[np.int16]:
    """Each window begun elsewhere, up to a fifth weaker or stronger, in more of the sensor's noise."""
    made = np.empty_like(raw)
    for place, window in enumerate(raw):
        rest = window.mean(axis=0)
        moved = (np.roll(window, chance.integers(len(window)), axis=0) - rest) * chance.uniform(0.8, 1.2)
        made[place] = np.rint(moved + rest + chance.normal(0, chance.uniform(0, 3), window.shape))
    return made


def build(shape: tuple[int, ...], batch: int | None = None) -> tuple[keras.Model, keras.Model]:
    """The autoencoder, and the whole network: classes by its mean error."""
    layers = keras.layers
    inputs = keras.Input(shape, batch_size=batch)
    x = flat = layers.Reshape((shape[0] * shape[1],))(inputs)
    for width in (48, 8, 48):
        x = layers.Dense(width, "relu")(x)
    back = layers.Dense(flat.shape[-1])(x)
    away = keras.ops.mean(keras.ops.square(keras.ops.clip(flat - back, -1, 1)), axis=1, keepdims=True)
    classes = layers.Dense(2, "softmax", name="limit")(away)
    return keras.Model(inputs, [flat, back]), keras.Model(inputs, classes)


def main() -> None:
    """Train, find the limit, say how it does on both parts, write the file."""
    keras.utils.set_random_seed(SEED)
    chance = np.random.default_rng(SEED)
    made = read_declaration(HERE / "vibration.toml")
    train, test = (np.load(HERE / "data" / f"{name}.npz") for name in ("train", "test"))
    healthy = train["x"][train["y"] == 0]
    kept = np.arange(len(healthy)) % HELD_OUT == 0  # for the limit
    x = np.concatenate([made.real(augment(healthy[~kept], chance)) for _ in range(COPIES)])
    coder, network = build(x.shape[1:])
    flat, back = coder.outputs
    trainer = keras.Model(coder.inputs, flat - back)
    trainer.compile(keras.optimizers.Adam(1e-3), lambda _, wrong: keras.ops.mean(keras.ops.square(wrong)))
    trainer.fit(x, np.zeros((len(x), 1)), batch_size=64, epochs=EPOCHS, verbose=2)
    errors = np.square(trainer.predict(made.real(healthy[kept]), verbose=0)).mean(axis=1)
    limit = float(errors.mean() + 3 * errors.std())
    print(f"limit: {limit:.4f}; healthy windows kept aside: {errors.min():.4f} to {errors.max():.4f}")
    judge = [np.array([[-STEEP, STEEP]]), np.array([STEEP * limit, -STEEP * limit])]
    network.get_layer("limit").set_weights(judge)
    for name, part in (("train", train), ("test", test)):
        right = network.predict(made.real(part["x"]), verbose=0).argmax(1) == part["y"]
        print(f"{name}: {right.mean():.4f} of {len(right)}")
    _, fixed = build(x.shape[1:], batch=1)  # no open size is left in the file
    fixed.set_weights(network.get_weights())
    (HERE / "vibration_float.tflite").write_bytes(tf.lite.TFLiteConverter.from_keras_model(fixed).convert())


if __name__ == "__main__":
    main()
