"""The link between device and host: the text protocol of MLPerf Tiny, and the bulk mode beside it."""

from edgeq.targets.link.answers import Inference
from edgeq.targets.link.client import Client
from edgeq.targets.link.interface import InterfaceStream
from edgeq.targets.link.pace import Quality
from edgeq.targets.link.profile import DeviceInfo
from edgeq.targets.link.text import TextInference, TextLink
from edgeq.targets.link.transcript import TranscriptStream
from edgeq.targets.link.wire import Wire

__all__ = [
    "Client",
    "DeviceInfo",
    "Inference",
    "InterfaceStream",
    "Quality",
    "TextInference",
    "TextLink",
    "TranscriptStream",
    "Wire",
]
