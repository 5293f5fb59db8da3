"""The page at /docs, in a real browser, on the functions and servers as they are."""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import urllib3

from carafe.api import docs
from carafe.infrastructure.container import Container
from carafe.testing.api_server import serving
from carafe.testing.contexts import a_context
from carafe.testing.processes import wait_until
from chalicelib.domain.product import Product
from tests.support.callers import EVERYTHING
from tests.support.devtools import Tab
from tests.support.operations import BY_NAME
from tests.support.products import a_product

PICTURES = os.environ.get("PICTURES")

ANSWER = "#placeOrder output"

WIDTHS = (390, 820, 1440)


@pytest.fixture
def url(service: Container[Any], environment: Mapping[str, str]) -> Iterator[str]:
    del service
    with serving(environment) as url:
        yield url


@pytest.fixture
def page(url: str, empty_tab: Tab) -> Tab:
    empty_tab.show(1280)
    empty_tab.open(f"{url}/docs")
    empty_tab.wait_for("document.querySelectorAll('details').length > 0")
    return empty_tab


def sign_in(page: Tab) -> None:
    page.click("#token")
    page.write(EVERYTHING["Authorization"].removeprefix("Bearer "))


def unfold(page: Tab, operation: str) -> None:
    page.click(f"#{operation} > summary")
    page.wait_for(f"document.querySelector('#{operation} form')")


def focused(page: Tab, wanted: str) -> None:
    """Press Tab until an element has the focus, as somebody without a mouse does."""
    for _ in range(200):
        if page.value(f"document.activeElement.matches({json.dumps(wanted)})"):
            return
        page.press("Tab")
    raise AssertionError(f"no way to {wanted} with the keyboard")


def send(page: Tab, operation: str) -> str:
    """Send what a form holds, and return the answer."""
    page.click(f"#{operation} button")
    page.wait_for(f"document.querySelector('#{operation} output pre')")
    return str(page.value(f"document.querySelector('#{operation} output').innerText"))


def test_an_order_is_placed_with_the_mouse(page: Tab, service: Container[Any]) -> None:
    """Examples are accepted as they stand: what was created here is named in those that need it."""
    sign_in(page)
    unfold(page, "placeOrder")
    unfold(page, "registerProduct")
    assert "201" in send(page, "registerProduct")
    page.click("#placeOrder .headers > summary")
    page.click("#placeOrder-Idempotency-Key")
    page.write("from-the-page")
    page.click("#placeOrder button")
    page.wait_for(f"document.querySelector('{ANSWER} pre')")
    (document,) = service.database["orders"].find()
    shown = page.value(f"document.querySelector('{ANSWER}').innerText")
    assert "201" in shown
    assert document["_id"] in shown
    assert document["customer_id"] == "maria"
    assert f"/orders/{document['_id']}" in shown, "the header Location is shown"
    page.click("#placeOrder button")
    page.wait_for(f"document.querySelector('{ANSWER}').innerText.includes('replayed')")
    assert service.database["orders"].count_documents({}) == 1
    unfold(page, "changeShippingAddress")
    assert '"version": 2' in send(page, "changeShippingAddress")
    assert page.complaints == []


def test_what_somebody_wrote_into_a_form_stays_there(page: Tab) -> None:
    sign_in(page)
    for operation in ("getProduct", "placeOrder", "registerProduct"):
        unfold(page, operation)
    page.click("#getProduct-id")
    page.write("mine")
    page.value("document.querySelector('#placeOrder-body').select()")
    page.write("{}")
    send(page, "registerProduct")
    assert page.value("document.querySelector('#getProduct-id').value") == "mine"
    assert page.value("document.querySelector('#placeOrder-body').value") == "{}"


def test_the_schema_stands_beside_the_form(page: Tab) -> None:
    unfold(page, "placeOrder")
    corners = "(({x, y}) => [x, y])(document.querySelector('#placeOrder .beside > %s').%s)"
    body, schema = (
        page.value(corners % (each, "getBoundingClientRect()")) for each in (".field", ".schema")
    )
    assert schema[0] > body[0]
    assert abs(schema[1] - body[1]) < 20
    fields = "[...document.querySelectorAll('#placeOrder form .fields .fields code')]"
    names = page.value(f"{fields}.map(each => each.innerText)")
    assert {"product_id", "quantity", "country"} <= set(names)


def test_an_order_is_placed_with_the_keyboard_alone(page: Tab, service: Container[Any]) -> None:
    product = a_product()
    service.repository(Product).add(product, a_context())
    focused(page, "#token")
    page.write(EVERYTHING["Authorization"].removeprefix("Bearer "))
    focused(page, "#placeOrder > summary")
    page.press("Enter")
    focused(page, "#placeOrder-body")
    example = json.loads(page.value("document.querySelector('#placeOrder-body').value"))
    example["lines"][0]["product_id"] = product.id
    page.value("document.querySelector('#placeOrder-body').select()")
    page.write(json.dumps(example))
    focused(page, "#placeOrder button")
    page.press(" ")
    page.wait_for(f"document.querySelector('{ANSWER} pre')")
    assert service.database["orders"].count_documents({}) == 1


def test_parameters_go_where_the_document_says(page: Tab, service: Container[Any]) -> None:
    product = a_product()
    service.repository(Product).add(product, a_context())
    sign_in(page)
    unfold(page, "getProduct")
    page.click("#getProduct-id")
    page.write(product.id)
    page.click("#getProduct .headers > summary")
    page.click("#getProduct-If-None-Match")
    page.write('"1"')
    page.click("#getProduct button")
    page.wait_for("document.querySelector('#getProduct output dl')")
    assert "304" in page.value("document.querySelector('#getProduct output').innerText")
    unfold(page, "listProducts")
    page.click("#listProducts-limit")
    page.write("0")
    page.click("#listProducts button")
    page.wait_for("document.querySelector('#listProducts output pre')")
    problem = json.loads(page.value("document.querySelector('#listProducts output pre').innerText"))
    assert [each["pointer"] for each in problem["errors"]] == ["/limit"]


def test_every_operation_can_be_read_and_tried(page: Tab) -> None:
    page.value("document.querySelectorAll('details').forEach((each) => { each.open = true })")
    page.wait_for(f"document.querySelectorAll('main form').length === {len(BY_NAME)}")
    for width in WIDTHS:
        for dark in (False, True):
            page.show(width, dark=dark)
            assert page.value("document.documentElement.scrollWidth") <= width, width
            keep(page, f"docs-{width}-{'dark' if dark else 'light'}")
    unlabelled = "[...document.querySelectorAll('input, textarea')].filter((e) => !e.labels.length)"
    assert page.value(f"{unlabelled}.length") == 0
    assert page.complaints == []


def test_the_page_asks_no_other_host_and_runs_no_other_script(url: str) -> None:
    answer = urllib3.request("GET", f"{url}/docs", retries=False)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    policy = dict(
        each.split(" ", 1) for each in answer.headers["Content-Security-Policy"].split("; ")
    )
    assert policy["default-src"] == "'none'"
    assert policy["connect-src"] == "'self'"
    assert "unsafe" not in str(policy)
    html = answer.data.decode()
    assert "http://" not in html
    assert "https://" not in html
    assert len(answer.data) < 32_000


def test_the_page_leads_to_where_a_person_signs_in() -> None:
    html, headers = docs.page('https://id.example.com/login?to="lending"&all')
    assert 'href="https://id.example.com/login?to=&quot;lending&quot;&amp;all"' in html
    assert "example.com" not in headers["Content-Security-Policy"]
    assert "Sign in" not in docs.page()[0]


def test_what_is_slipped_into_the_page_does_not_run_and_tells_nobody(page: Tab) -> None:
    with pytest.raises(RuntimeError, match="TrustedHTML"):
        page.value("document.body.innerHTML = '<img src=x onerror=alert(1)>'")
    page.value("void fetch('http://127.0.0.1:9/').catch(() => null)")
    wait_until(lambda: page.value("1") and any("connect-src" in each for each in page.complaints))


def keep(page: Tab, name: str) -> None:
    """Keep a picture for somebody to look at, in the folder PICTURES."""
    if PICTURES:
        Path(PICTURES, f"{name}.png").write_bytes(page.picture())
