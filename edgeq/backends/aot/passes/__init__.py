"""Rewrites of the graph before it is lowered: Graph to Graph, one file each."""
