"""A run as a page for people: one HTML file that needs nothing else, or Markdown for a summary in CI."""

from edgeq.judge.page.html import page
from edgeq.judge.page.markdown import markdown
from edgeq.judge.page.run import Run

__all__ = ["Run", "markdown", "page"]
