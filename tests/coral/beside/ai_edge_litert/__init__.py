"""Stands in for ai-edge-litert on a machine with an Edge TPU."""
