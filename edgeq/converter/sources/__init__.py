"""Models as they were trained (Keras, SavedModel, ONNX, PyTorch), made float .tflite models."""

from edgeq.converter.sources.environments import FRAMEWORKS, Environments, Framework, Probe, probe
from edgeq.converter.sources.kinds import source_kind, source_name
from edgeq.converter.sources.load import Loaded, load_source

__all__ = [
    "FRAMEWORKS",
    "Environments",
    "Framework",
    "Loaded",
    "Probe",
    "load_source",
    "probe",
    "source_kind",
    "source_name",
]
