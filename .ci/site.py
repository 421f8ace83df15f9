"""The hook of mkdocs (.ci/mkdocs.yml): pages that lie outside of docs/, and links as the site wants them.

In the repository a link names a file, in README.md an address of the site, since PyPI shows it, too.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

REPOSITORY = Path(__file__).resolve().parent.parent
API = """# The Python API

Made from the docstrings; [python.md](python.md) says how it is meant.

::: edgeq
"""
OTHERS = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "tests/golden/bad-inputs.md": "messages.md",
}
LINK = re.compile(r"\[([^\]]*)\]\(([^)\s]+)\)|^(\[[^\]]+\]: )(\S+)$", re.MULTILINE)
FENCE = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)


def pages() -> dict[str, str]:
    """The site's pages but the API's: by the file's path in the repository, the source's path in the site."""
    found = {f"docs/{path.name}": path.name for path in sorted((REPOSITORY / "docs").glob("*.md"))}
    for path in sorted((REPOSITORY / "examples").glob("*/README.md")):
        found[f"examples/{path.parent.name}/README.md"] = f"examples/{path.parent.name}.md"
    return found | OTHERS


def relinked(text: str, file: str, address: str) -> str:
    """A page's text with links to the site's own sources; a file that is no page is left as its text.

    Args:
        file: the page's path in the repository.
        address: of the site, with a slash at its end.
    """
    known = pages()
    here = posixpath.dirname(known[file])

    def link(found: re.Match[str]) -> str:
        text, target = found[1] or "", found[2] or found[4]
        name, _, fragment = target.partition("#")
        if name.startswith(address):
            source = name.removeprefix(address).removesuffix(".html") + ".md"
        elif "://" in name or not name:
            return found[0]
        else:
            place = posixpath.normpath(posixpath.join(posixpath.dirname(file), name))
            if place not in known:
                return text if (REPOSITORY / place).exists() else found[0]
            source = known[place]
        source = posixpath.relpath(source, here) + (f"#{fragment}" if fragment else "")
        return f"[{text}]({source})" if found[2] else found[3] + source

    parts = FENCE.split(text)
    return "".join(part if part.startswith("```") else LINK.sub(link, part) for part in parts)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put every example into its section."""
    for section in config.nav or []:
        if isinstance(section, dict) and "Examples" in section:
            section["Examples"] = [source for source in pages().values() if source.startswith("examples/")]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what is not in docs/."""
    from mkdocs.structure.files import File

    for file, source in pages().items():
        if not file.startswith("docs/"):
            content = (REPOSITORY / file).read_text(encoding="utf-8")
            files.append(File.generated(config, source, content=content))
    files.append(File.generated(config, "api.md", content=API))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Turn links."""
    files_of = {source: file for file, source in pages().items()}
    source = page.file.src_uri
    return markdown if source not in files_of else relinked(markdown, files_of[source], str(config.site_url))
