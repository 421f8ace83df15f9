"""Make the example's models in Keras: small networks of shapes that people build, untrained but for a seed.

    python3 -m venv /tmp/train && /tmp/train/bin/pip install tensorflow==2.21.0
    /tmp/train/bin/python examples/shapes/make.py

writes, beside this file, a float .tflite of each. What they compute means nothing; what they are made of
and how large they are is what they are for.
"""

from __future__ import annotations

import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras
import tensorflow as tf

FOLDER = Path(__file__).resolve().parent
layers = keras.layers


def transformer() -> keras.Model:
    """An encoder block on 16 tokens of 32 features: attention of two heads, layer norms, a GELU between."""
    x = source = layers.Input((16, 32), batch_size=1)
    attended = layers.MultiHeadAttention(2, 16)(x, x)
    x = layers.LayerNormalization()(layers.Add()([x, attended]))
    wide = layers.Dense(64, activation="gelu")(x)
    x = layers.LayerNormalization()(layers.Add()([x, layers.Dense(32)(wide)]))
    x = layers.GlobalAveragePooling1D()(x)
    return keras.Model(source, layers.Dense(6, activation="softmax")(x))


def gru() -> keras.Model:
    """A GRU of 16 units over 12 steps, unrolled."""
    source = layers.Input((12, 8), batch_size=1)
    x = layers.GRU(16, unroll=True)(source)
    return keras.Model(source, layers.Dense(4, activation="softmax")(x))


def unet() -> keras.Model:
    """Two levels down and up on 32 x 32 pixels, by transposed convolutions, with connections across."""

    def pair(x: tf.Tensor, channels: int) -> tf.Tensor:
        for _ in range(2):
            x = layers.Conv2D(channels, 3, padding="same", activation="relu")(x)
        return x

    source = layers.Input((32, 32, 1), batch_size=1)
    first = pair(source, 4)
    second = pair(layers.MaxPooling2D()(first), 8)
    x = pair(layers.MaxPooling2D()(second), 12)
    for across, channels in ((second, 8), (first, 4)):
        x = layers.Conv2DTranspose(channels, 2, strides=2, padding="same")(x)
        x = pair(layers.Concatenate()([across, x]), channels)
    return keras.Model(source, layers.Conv2D(1, 1, activation="sigmoid")(x))


def superresolution() -> keras.Model:
    """16 x 16 pixels to 48 x 48: convolutions, then depth to space, and the input resized added to it."""
    source = layers.Input((16, 16, 1), batch_size=1)
    x = layers.Conv2D(12, 5, padding="same", activation="relu")(source)
    x = layers.Conv2D(12, 3, padding="same", activation="relu")(x)
    x = layers.Conv2D(9, 3, padding="same")(x)
    x = layers.Lambda(lambda image: tf.nn.depth_to_space(image, 3))(x)
    large = layers.Resizing(48, 48, interpolation="bilinear")(source)
    return keras.Model(source, layers.Add()([x, large]))


MODELS = {"transformer": transformer, "gru": gru, "unet": unet, "superresolution": superresolution}


def main() -> None:
    """Writes them all."""
    for name, build in MODELS.items():
        keras.utils.set_random_seed(7)
        model = build()
        (FOLDER / f"{name}_float.tflite").write_bytes(
            tf.lite.TFLiteConverter.from_keras_model(model).convert()
        )


if __name__ == "__main__":
    main()
