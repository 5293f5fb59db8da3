"""The documentation site is whole, needs no other host, and can be read on every screen."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from documentation import ROOT, built, included, model_language
from release.document import surface_of
from tests.support.chromium import find_chromium
from tests.support.commands import output_of
from tests.support.devtools import Tab, tab
from tests.support.places import FOUNDATION
from tests.support.public_names import in_documents

WIDTHS = (390, 820, 1280)

SHOWN = (
    "index",
    "tutorial",
    "how-to/operations",
    "cookbook/index",
    "cookbook/by-hand",
    "reference/model",
    "reference/commands",
    "reference/api/infrastructure",
    "reference/public-surface",
    "explanation/measurements/api",
    "explanation/decisions/index",
)

NOWHERE = "http://127.0.0.1:9"
"""A proxy that is not there: a request to another host would fail."""

WRITTEN = FOUNDATION / "docs/site/pages"

SURFACE = surface_of(ROOT)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, as `make docs` builds it: strictly, and with its links checked."""
    folder = tmp_path_factory.mktemp("site")
    command = (sys.executable, "-m", "documentation", "--into", str(folder))
    said = output_of(FOUNDATION, *command, http_proxy=NOWHERE, https_proxy=NOWHERE)
    assert re.search(r"has \d+ pages", said)
    return folder


@pytest.fixture(scope="module")
def page() -> Iterator[Tab]:
    """A browser that finds no other host."""
    with tab(find_chromium()) as opened:
        yield opened


def html(site: Path, page: str) -> str:
    return (site / f"{page}.html").read_text(encoding="utf-8")


def test_every_key_of_the_model_language_is_explained(site: Path) -> None:
    schema = json.loads(model_language.SCHEMA.read_text(encoding="utf-8"))
    parts = [schema, *schema["$defs"].values()]
    keys = {key for part in parts for key in part.get("properties", ())}
    shown = html(site, "reference/model")
    assert {each for each in keys if f"<code>{each}</code>" not in shown} == set()


@pytest.mark.parametrize("module", SURFACE.names)
def test_every_public_name_has_its_place(site: Path, module: str) -> None:
    part = module.split(".")[1] if "." in module else "carafe"
    shown = html(site, f"reference/api/{part}")
    names = SURFACE.names[module]
    assert [each for each in names if f'id="{module}.{each}"' not in shown] == []


def test_every_command_is_shown_with_its_options(site: Path) -> None:
    shown = html(site, "reference/commands")
    headings = set(re.findall(r'<h[23] id="([^"]+)"', shown))
    promised = SURFACE.words["Commands"]
    commands = {each for each in promised if "--" not in each and not each.isdigit()}
    assert {each for each in commands if each.replace(" ", "-") not in headings} == set()
    options = {each.split()[-1] for each in promised if "--" in each}
    assert {each for each in options if each not in shown} == set()


def test_every_decision_and_every_page_of_the_command_is_there(site: Path) -> None:
    places = [place for place in included.places().values() if place.endswith(".md")]
    assert [each for each in places if not (site / each).with_suffix(".html").exists()] == []


def test_the_pages_import_only_what_is_public() -> None:
    texts = [path.read_text(encoding="utf-8") for path in WRITTEN.rglob("*.md")]
    imported = set(in_documents(texts))
    assert imported
    assert {each for each in imported if each[1] not in SURFACE.names.get(each[0], ())} == set()


@pytest.mark.parametrize("name", SHOWN)
def test_nothing_is_wider_than_the_screen(site: Path, page: Tab, name: str) -> None:
    page.open((site / f"{name}.html").as_uri())
    for width in WIDTHS:
        page.show(width)
        # Not at once: the menu slides into its place.
        page.wait_for(f"document.documentElement.scrollWidth <= {width}")
    assert page.complaints == []


def test_the_search_works_in_pages_that_are_opened_as_files(site: Path, page: Tab) -> None:
    page.show(1280)
    page.open((site / "index.html").as_uri())
    page.click("input.md-search__input")
    page.wait_for("document.activeElement.matches('input.md-search__input')")
    page.write("ownership")
    # The search waits for a key to be released, if its index was there before the word.
    page.value("document.activeElement.dispatchEvent(new KeyboardEvent('keyup')) && 1")
    page.wait_for("document.querySelector('.md-search-result__link')")
    links = "[...document.querySelectorAll('.md-search-result__link')].map(each => each.href)"
    assert any("how-to/ownership.html" in each for each in page.value(links))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('<a href="nothing.html">', "the link nothing.html leads nowhere"),
        ('<a href="#nothing">', "the link #nothing leads nowhere"),
        ('<a href="other.html#nothing">', "the link other.html#nothing leads nowhere"),
        ('<img src="nothing.png">', "the link nothing.png leads nowhere"),
        (
            '<script src="https://example.com/a.js">',
            "https://example.com/a.js comes from elsewhere",
        ),
        ('<link rel="stylesheet" href="//example.com/a.css">', "//example.com/a.css comes from"),
    ],
)
def test_a_fault_of_a_built_page_is_found(tmp_path: Path, text: str, fault: str) -> None:
    (tmp_path / "other.html").write_text('<p id="here"><a href="page.html">')
    (tmp_path / "page.html").write_text(text)
    (found,) = built.faults(tmp_path)
    assert found.startswith(f"page.html: {fault}")


def test_what_is_right_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "other.html").write_text('<p id="here"><a href="https://example.com">')
    (tmp_path / "page.html").write_text('<a href="other.html#here"><a href="#__top">')
    assert built.faults(tmp_path) == []


def test_a_style_from_elsewhere_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("@font-face { src: url(https://example.com/font.woff2) }")
    assert built.faults(tmp_path) == ["a.css: https://example.com/font.woff2 comes from elsewhere"]
