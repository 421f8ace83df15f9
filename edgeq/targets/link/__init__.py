"""The link between device and host: the text protocol of MLPerf Tiny, and the bulk mode beside it."""

from edgeq.targets.link.client import Client, DeviceInfo, Inference
from edgeq.targets.link.text import TextInference, TextLink
from edgeq.targets.link.transcript import TranscriptStream
from edgeq.targets.link.wire import Wire

__all__ = ["Client", "DeviceInfo", "Inference", "TextInference", "TextLink", "TranscriptStream", "Wire"]
