"""The pytest plugin: the third door to the verbs, beside the command line and the Python API (docs/ci.md)."""
