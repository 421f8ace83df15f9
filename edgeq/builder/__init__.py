"""From a project folder to a firmware image: toolchains, compiling, sizes, and whether it fits the board."""

from edgeq.builder.build import build
from edgeq.builder.image import Image, Sizes, load_image

__all__ = ["Image", "Sizes", "build", "load_image"]
