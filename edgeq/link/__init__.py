"""The link between device and host: the text protocol of MLPerf Tiny, and the bulk mode beside it."""

from edgeq.link.client import Client, DeviceInfo, Inference
from edgeq.link.text import TextInference, TextLink
from edgeq.link.transcript import TranscriptStream
from edgeq.link.wire import Wire

__all__ = ["Client", "DeviceInfo", "Inference", "TextInference", "TextLink", "TranscriptStream", "Wire"]
