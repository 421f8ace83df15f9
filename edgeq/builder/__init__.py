"""From a project folder to a firmware image: toolchains, compiling, sizes, and whether it fits the board."""

from edgeq.builder.build import build
from edgeq.builder.fit import DoesNotFitError
from edgeq.builder.image import Image, load_image
from edgeq.builder.sizes import Sizes

__all__ = ["DoesNotFitError", "Image", "Sizes", "build", "load_image"]
