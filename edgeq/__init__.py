"""edgeq: take a neural network to a microcontroller or an Edge TPU, and prove that it runs there as it should."""

__version__ = "0.1.0"
