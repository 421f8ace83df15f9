"""The page in a real browser: no message in its console, nothing wider than the screen, in every light."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from edgeq.judge.page import Run, page
from tests.unit.judge.page.reports import LADDER, LAYERS, classifier, coral, regression

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium (Debian: apt install chromium)"),
]
MEASURE = """<script>addEventListener("load", () => {
  const wide = document.scrollingElement.scrollWidth, screen = document.documentElement.clientWidth;
  const colours = getComputedStyle(document.body);
  document.title = JSON.stringify([wide, screen, colours.backgroundColor, colours.color]);
});</script>"""
"""What a test adds to the page, to learn what the browser made of it."""


def browse(place: Path, *options: str) -> tuple[str, str]:
    """The document as the browser has it, and what it said."""
    assert CHROMIUM is not None
    done = subprocess.run(
        [
            CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--v=0",
            f"--user-data-dir={place.parent / 'profile'}", *options, "--dump-dom", place.as_uri(),
        ],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    return done.stdout, done.stderr


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    runs = [Run(classifier(), classifier(code=900), LAYERS, LADDER), Run(regression()), Run(coral())]
    place = tmp_path_factory.mktemp("page")
    whole = page(runs)
    (place / "page.html").write_bytes(whole)
    policy = whole.partition(b"<meta http-equiv")[2].partition(b">")[0]
    open_ = whole.replace(b"<meta http-equiv" + policy + b">", MEASURE.encode())
    (place / "measured.html").write_bytes(open_)
    return place


def test_the_console_stays_empty(pages: Path) -> None:
    dom, said = browse(pages / "page.html")
    assert "Changed since" in dom and "Error by layer" in dom
    assert "CONSOLE" not in said, said


@pytest.mark.parametrize("width", [1280, 500])
@pytest.mark.parametrize("dark", [False, True])
def test_it_is_as_wide_as_the_screen_in_light_and_dark(pages: Path, width: int, dark: bool) -> None:
    options = [f"--window-size={width},900"]
    if dark:
        options.append("--blink-settings=preferredColorScheme=0")
    dom, _ = browse(pages / "measured.html", *options)
    import json
    from html import unescape

    wide, screen, ground, ink = json.loads(unescape(dom.partition("<title>")[2].partition("</title>")[0]))
    assert wide <= screen <= width
    brightness = [sum(map(int, colour[4:-1].split(","))) for colour in (ground, ink)]
    assert (brightness[0] < brightness[1]) == dark
    assert abs(brightness[0] - brightness[1]) > 500
