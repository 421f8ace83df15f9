"""Samples and labels: read from files, images or a function, checked, and matched to a model's inputs."""

from edgeq.data.dataset import Dataset, dequantize, quantize_input, random_data
from edgeq.data.load import load_data

__all__ = ["Dataset", "dequantize", "load_data", "quantize_input", "random_data"]
