"""Train the example's model: a small CNN on scikit-learn's 1,797 handwritten digits.

    python3 -m venv /tmp/train && /tmp/train/bin/pip install -r examples/digits/requirements-train.txt
    /tmp/train/bin/python examples/digits/train.py

writes, beside this file, ``digits_float.tflite``, ``calibration.npz`` (images of the train half) and
``test.npz`` (the test half with labels). Everything is seeded. Choices were made on a validation part of the
train half (``--validate``); the test half is only looked at when everything is chosen.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf
from scipy.ndimage import affine_transform
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

Floats = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]

SEED = 7
EPOCHS = 120
BATCH = 32
CALIBRATION_SAMPLES = 200


def load() -> tuple[Floats, Floats, Labels, Labels]:
    """Train and test half, stratified by digit: x [n, 8, 8, 1] float32 in [0, 1], y [n] int64."""
    digits = load_digits()
    x = (digits.images / 16.0).astype(np.float32)[..., np.newaxis]
    y = digits.target.astype(np.int64)
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.5, random_state=SEED, stratify=y)
    return x_train, x_test, y_train, y_test


def augment(x: Floats, rng: np.random.Generator) -> Floats:
    """Shift each image by up to half a pixel, turn it by up to 8 degrees, scale it by up to 7 %."""
    out = np.empty_like(x)
    centre = np.array([3.5, 3.5])
    for i, image in enumerate(x[..., 0]):
        angle = np.deg2rad(rng.uniform(-8, 8))
        zoom = rng.uniform(0.93, 1.07, size=2)
        cos, sin = np.cos(angle), np.sin(angle)
        matrix = np.array([[cos, -sin], [sin, cos]]) * zoom
        offset = centre - matrix @ centre + rng.uniform(-0.5, 0.5, size=2)
        out[i, ..., 0] = affine_transform(image, matrix, offset, order=1)
    return out


def build(batch: int | None = None) -> keras.Model:
    """The network: convolution, two depthwise-separable blocks, both kinds of pooling, dense, softmax."""
    layers = keras.layers

    def normalized(x: keras.KerasTensor) -> keras.KerasTensor:
        return layers.ReLU()(layers.BatchNormalization()(x))

    inputs = layers.Input((8, 8, 1), batch_size=batch, name="image")
    x = normalized(layers.Conv2D(24, 3, padding="same", use_bias=False)(inputs))
    x = normalized(layers.DepthwiseConv2D(3, padding="same", use_bias=False)(x))
    x = normalized(layers.Conv2D(48, 1, use_bias=False)(x))
    x = layers.MaxPooling2D(2)(x)
    x = normalized(layers.DepthwiseConv2D(3, padding="same", use_bias=False)(x))
    x = normalized(layers.Conv2D(64, 1, use_bias=False)(x))
    x = layers.AveragePooling2D(2)(x)
    x = layers.Dropout(0.2)(layers.Flatten()(x))
    return keras.Model(inputs, layers.Dense(10, activation="softmax", name="digit")(x), name="digits")


def fit(x: Floats, y: Labels, seed: int) -> keras.Model:
    """Train a fresh network for EPOCHS on freshly augmented images, with a cosine learning rate."""
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    model = build()
    steps = EPOCHS * -(-len(x) // BATCH)
    model.compile(
        optimizer=keras.optimizers.AdamW(
            keras.optimizers.schedules.CosineDecay(4e-3, steps), weight_decay=1e-3
        ),
        loss=keras.losses.SparseCategoricalCrossentropy(),
    )
    for _ in range(EPOCHS):
        model.fit(augment(x, rng), y, batch_size=BATCH, epochs=1, verbose=0)
    return model


def accuracy(model: keras.Model, x: Floats, y: Labels) -> float:
    """Top-1 accuracy, 0 to 1."""
    return float(np.mean(np.argmax(model.predict(x, verbose=0), axis=1) == y))


def validate(x: Floats, y: Labels) -> list[float]:
    """Accuracy on a held-out fifth of the train half, for five seeds of the division and of the network."""
    scores = []
    for seed in range(5):
        x_fit, x_held, y_fit, y_held = train_test_split(x, y, test_size=0.2, random_state=seed, stratify=y)
        scores.append(accuracy(fit(x_fit, y_fit, seed), x_held, y_held))
    return scores


def export(model: keras.Model) -> bytes:
    """The model as a plain float .tflite, its batch fixed to one: no dynamic shape is left in the file."""
    fixed = build(batch=1)
    fixed.set_weights(model.get_weights())
    converter = tf.lite.TFLiteConverter.from_keras_model(fixed)
    return bytes(converter.convert())


def main() -> None:
    """Train, write the three files, print what was reached."""
    parser = argparse.ArgumentParser(description="Train the digits example again.")
    parser.add_argument("--validate", action="store_true", help="only print accuracies inside the train half")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    arguments = parser.parse_args()
    tf.config.experimental.enable_op_determinism()

    x_train, x_test, y_train, y_test = load()
    if arguments.validate:
        scores = validate(x_train, y_train)
        print("validation:", " ".join(f"{score:.4f}" for score in scores), f"mean {np.mean(scores):.4f}")
        return
    model = fit(x_train, y_train, SEED)
    (arguments.out / "digits_float.tflite").write_bytes(export(model))
    picked = np.sort(np.random.default_rng(SEED).choice(len(x_train), CALIBRATION_SAMPLES, replace=False))
    np.savez_compressed(arguments.out / "calibration.npz", x=x_train[picked])
    np.savez_compressed(arguments.out / "test.npz", x=x_test, y=y_test)
    print(f"{model.count_params():,} parameters")
    print(f"train half {len(x_train)}: {accuracy(model, x_train, y_train):.4f}")
    print(f"test half {len(x_test)}: {accuracy(model, x_test, y_test):.4f}")


if __name__ == "__main__":
    main()
