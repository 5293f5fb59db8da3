"""What is checked of the built site: its links lead somewhere, and nothing comes from elsewhere."""

import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADING = {
    "iframe": "src",
    "img": "src",
    "link": "href",
    "object": "data",
    "script": "src",
    "source": "src",
}
"""What a browser loads by itself, and the attribute that says from where."""

NOT_LOADED = {"canonical", "next", "prev"}
"""Kinds of `link` that only tell where something is."""

FOREIGN_STYLE = re.compile(r"(?:url\(|@import)\s*[\"']?((?:https?:)?//[^\s)\"']+)")

OF_THE_SCRIPT = "__"
"""What anchors begin with that the theme's own script makes."""


class _Page(HTMLParser):
    """What a page loads, where its links lead, and what they may lead to."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value for name, value in attrs if value}
        self.anchors |= {values[name] for name in ("id", "name") if name in values}
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        if values.get("rel") not in NOT_LOADED and (url := values.get(LOADING.get(tag, ""))):
            self.loaded.append(url)


def faults(site: Path) -> list[str]:
    """Return the links of a built site that lead nowhere, and what it loads from elsewhere."""
    pages = {
        path: _Page(path.read_text("utf-8")) for path in sorted(site.resolve().rglob("*.html"))
    }
    found = [
        f"{path.relative_to(site.resolve())}: {fault}"
        for path, page in pages.items()
        if path.name != "404.html"  # its links begin where the site is served
        for fault in (*_foreign(page), *_broken(path, page, pages))
    ]
    styles = {path: path.read_text("utf-8") for path in sorted(site.rglob("*.css"))}
    found += [
        f"{path.relative_to(site)}: {url} comes from elsewhere"
        for path, text in styles.items()
        for url in FOREIGN_STYLE.findall(text)
    ]
    return found


def _foreign(page: _Page) -> Iterator[str]:
    for url in page.loaded:
        if urlsplit(url).netloc:
            yield f"{url} comes from elsewhere"


def _broken(path: Path, page: _Page, pages: Mapping[Path, _Page]) -> Iterator[str]:
    for link in (*page.links, *page.loaded):
        parts = urlsplit(link)
        if (
            not parts.scheme
            and not parts.netloc
            and not _leads(path, parts.path, parts.fragment, pages)
        ):
            yield f"the link {link} leads nowhere"


def _leads(path: Path, link: str, fragment: str, pages: Mapping[Path, _Page]) -> bool:
    target = (path.parent / unquote(link)).resolve() if link else path
    if target not in pages:
        return target.is_file()
    anchor = unquote(fragment)
    return not anchor or anchor.startswith(OF_THE_SCRIPT) or anchor in pages[target].anchors
