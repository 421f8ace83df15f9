"""TensorFlow Lite Micro as users have it: its tree and static libraries, found, verified, never fetched."""

from edgeq.builder.tflm.library import Library, Needs, find_library, make_command, require_folder
from edgeq.builder.tflm.tree import MADE_FOR, Kernels, Tree, open_tree

__all__ = [
    "MADE_FOR",
    "Kernels",
    "Library",
    "Needs",
    "Tree",
    "find_library",
    "make_command",
    "open_tree",
    "require_folder",
]
