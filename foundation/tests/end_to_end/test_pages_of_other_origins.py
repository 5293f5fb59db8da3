"""A page of another origin calls the API, in a real browser: it is let in, or kept out."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from carafe.infrastructure.container import Container
from carafe.testing.api_server import serving
from tests.support.callers import EVERYTHING
from tests.support.devtools import Tab
from tests.support.http_server import TestServer

PAGE = (200, {"Content-Type": "text/html"}, b"<!doctype html><title>A page</title>")

CALL = """
fetch(%s, {method: "POST", headers: {...%s, "Content-Type": "application/json",
  "Idempotency-Key": "page-1"}, body: %s}).then(
    async (answer) => { window.outcome = [answer.status, answer.headers.get("ETag"),
      (await answer.json()).version] },
    (error) => { window.outcome = [0, String(error)] })
"""
PRODUCT = {"sku": "C-1", "name": "Carafe", "price": {"amount": "12.50", "currency": "EUR"}}


@pytest.fixture
def site() -> Iterator[TestServer]:
    """The server of the page: another port is another origin."""
    with TestServer() as server:
        server.pages["/"] = PAGE
        yield server


@pytest.fixture
def page(site: TestServer, empty_tab: Tab) -> Tab:
    empty_tab.open(f"{site.url}/")
    return empty_tab


def _outcome(page: Tab, url: str) -> Any:  # noqa: ANN401 - any JSON
    parts = (f"{url}/products", {**EVERYTHING}, json.dumps(PRODUCT))
    page.value("window.outcome = null")
    page.value(CALL % tuple(json.dumps(each) for each in parts))
    page.wait_for("window.outcome")
    return page.value("window.outcome")


@pytest.mark.parametrize("is_allowed", [True, False])
def test_a_page_is_let_in_if_its_origin_is_allowed(
    page: Tab,
    site: TestServer,
    service: Container[Any],
    environment: Mapping[str, str],
    is_allowed: bool,
) -> None:
    allowed = site.url if is_allowed else "https://app.example.com"
    with serving({**environment, "ALLOWED_ORIGINS": allowed}) as url:
        outcome = _outcome(page, url)
    products = service.database["products"].count_documents({})
    if is_allowed:
        assert (outcome[0], outcome[1], outcome[2]) == (201, '"1"', 1)
        assert products == 1
    else:
        assert outcome[0] == 0
        assert products == 0, "the browser was told no, before it sent anything"
