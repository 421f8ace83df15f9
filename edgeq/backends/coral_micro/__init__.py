"""The Coral Dev Board Micro: a compiled model as an out-of-tree project of the vendor's SDK."""
