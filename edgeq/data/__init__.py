"""Samples and labels: read from files, images or a function, checked, and matched to a model's inputs."""

from edgeq.data.dataset import Dataset, dequantize, quantize_input, random_data
from edgeq.data.fit import Task
from edgeq.data.load import load_data
from edgeq.data.samples import Samples, load_samples

__all__ = [
    "Dataset",
    "Samples",
    "Task",
    "dequantize",
    "load_data",
    "load_samples",
    "quantize_input",
    "random_data",
]
