"""Preprocessing as a part of the model: raw samples to features, in numpy and in C, by the same integers."""

from edgeq.features.declaration import read_declaration
from edgeq.features.form import Form
from edgeq.features.preprocessing import METADATA, Preprocessing, Steps
from edgeq.features.raw import RESIZE, Colour, ImageForm, Raw, Sensor, Sound
from edgeq.features.stage import Kernel, Stage

__all__ = [
    "METADATA",
    "RESIZE",
    "Colour",
    "Form",
    "ImageForm",
    "Kernel",
    "Preprocessing",
    "Raw",
    "Sensor",
    "Sound",
    "Stage",
    "Steps",
    "read_declaration",
]
