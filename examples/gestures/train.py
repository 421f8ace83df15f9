"""Train the example's network on ``data/train.npz``: a minute on a laptop's processor.

    pip install 'edgeq[sim,images]' tensorflow-cpu
    edgeq data split pictures --preprocessing camera.toml --test 30% -o data
    python train.py

writes ``gestures_float.tflite`` beside this file. The network sees what the very stages that the
device computes make of a camera's frame (``camera.toml``). Everything is seeded.
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
from PIL import Image

from edgeq.features import read_declaration

HERE = Path(__file__).parent
SEED, COPIES, EPOCHS, CLASSES = 3, 40, 16, 4


def augment(raw: npt.NDArray[np.uint8], chance: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Each frame turned by up to 15 degrees, moved by 6 pixels, half of them mirrored, in other light."""
    made = np.empty_like(raw)
    for place, frame in enumerate(raw):
        padded = Image.fromarray(np.pad(frame, ((16, 16), (16, 16), (0, 0)), "edge"))
        turned = np.asarray(padded.rotate(chance.uniform(-15, 15), Image.Resampling.BILINEAR))
        down, right = chance.integers(10, 23, 2)
        moved = turned[down : down + frame.shape[0], right : right + frame.shape[1]]
        moved = moved[:, ::-1] if chance.random() < 0.5 else moved
        lit = moved * chance.uniform(0.7, 1.3, 3) + chance.uniform(-25, 25)
        made[place] = np.clip(np.rint(lit), 0, 255)
    return made


def build(shape: tuple[int, ...], batch: int | None = None) -> keras.Model:
    """Convolutions, each of which halves the picture, as MobileNet has them."""
    layers = keras.layers
    x = inputs = keras.Input(shape, batch_size=batch)
    x = layers.Conv2D(16, 3, 2, "same", use_bias=False)(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    for filters in (32, 48, 64):
        x = layers.DepthwiseConv2D(3, 1, "same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization()(x))
        x = layers.Conv2D(filters, 1, use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization()(x))
        x = layers.MaxPooling2D(2)(x)
    x = layers.Dropout(0.3)(layers.Flatten()(x))
    return keras.Model(inputs, layers.Dense(CLASSES, "softmax")(x))


def main() -> None:
    """Train, say how it does on both parts, write the file."""
    keras.utils.set_random_seed(SEED)
    chance = np.random.default_rng(SEED)
    made = read_declaration(HERE / "camera.toml")
    train, test = (np.load(HERE / "data" / f"{name}.npz") for name in ("train", "test"))
    x = np.concatenate([made.real(augment(train["x"], chance)) for _ in range(COPIES)])
    y = np.tile(train["y"], COPIES)
    model = build(x.shape[1:])
    steps = len(x) // 64 * EPOCHS
    rate = keras.optimizers.schedules.CosineDecay(3e-3, steps)
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x, y, batch_size=64, epochs=EPOCHS, verbose=2)
    for name, part in (("train", train), ("test", test)):
        right = model.predict(made.real(part["x"]), verbose=0).argmax(1) == part["y"]
        print(f"{name}: {right.mean():.4f} of {len(right)}")
    fixed = build(x.shape[1:], batch=1)  # no open size is left in the file
    fixed.set_weights(model.get_weights())
    (HERE / "gestures_float.tflite").write_bytes(tf.lite.TFLiteConverter.from_keras_model(fixed).convert())


if __name__ == "__main__":
    main()
