"""Models times boards times compilers as one table, and what others' code takes beside it."""

from edgeq.judge.bench.peers import Peer, peers, ram_goals
from edgeq.judge.bench.rows import Row, row_of

__all__ = ["Peer", "Row", "peers", "ram_goals", "row_of"]
