"""Find what is wrong with a built site without a browser: dead links and anchors, lost or remote parts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# What a page loads by itself, as against what a reader may follow.
LOADED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src", "audio": "src"}
LOADED_RELATIONS = {"stylesheet", "icon", "preload", "modulepreload", "manifest"}


@dataclass
class Page(HTMLParser):
    """What a page offers (anchors), follows (links) and loads (parts)."""

    anchors: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what one tag offers, follows and loads."""
        values = {key: value or "" for key, value in attrs}
        self.anchors |= {values[key] for key in ("id", "name") if key in values and tag != "meta"}
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        if tag == "link" and LOADED_RELATIONS & set(values.get("rel", "").split()):
            self.parts.append(values.get("href", ""))
        if tag in LOADED and values.get(LOADED[tag]):
            self.parts.append(values[LOADED[tag]])


@cache
def read(path: Path) -> Page:
    """Read a page once."""
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def problems(html: Path) -> list[str]:
    """List what is wrong with the pages under `html`, a line each."""
    read.cache_clear()
    found = []
    for path in sorted(html.rglob("*.html")):
        if "_static" not in path.relative_to(html).parts:
            found += [f"{path.relative_to(html)}: {problem}" for problem in _page_problems(path, html)]
    return found


def _page_problems(path: Path, html: Path) -> Iterator[str]:
    page = read(path)
    for part in page.parts:
        if urlsplit(part).netloc:
            yield f"loads {part} from the network; take it from a package"
        elif not part.startswith("data:") and not _target(path, part, html).is_file():
            yield f"loads {part}, which is not there"
    for link in page.links:
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            continue
        target = _target(path, link, html)
        if not target.is_file():
            yield f"links to {link}, which is not there"
        elif (
            parts.fragment
            and target.suffix == ".html"
            and unquote(parts.fragment) not in read(target).anchors
        ):
            yield f"links to {link}, where there is no such anchor"


def _target(path: Path, link: str, html: Path) -> Path:
    """Find the file that a local link leads to."""
    name = unquote(urlsplit(link).path)
    if not name:
        return path
    target = html / name.lstrip("/") if name.startswith("/") else path.parent / name
    return (target / "index.html" if target.is_dir() else target).resolve()
