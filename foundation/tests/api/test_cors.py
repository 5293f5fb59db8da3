"""Pages of other origins may call the API if the setting names them, and no others (CORS)."""

from collections.abc import Mapping
from typing import Any

import pytest
from chalice.test import Client

from carafe.infrastructure.container import Container
from carafe.infrastructure.settings import BadSettings
from tests.support.callers import CUSTOMER

APP, ADMIN, FOREIGN = "https://app.example.com", "https://admin.example.com", "https://evil.example"
ORDER = b'{"lines": []}'


@pytest.fixture
def environment(environment: Mapping[str, str]) -> Mapping[str, str]:
    """An environment that names two origins."""
    return {**environment, "ALLOWED_ORIGINS": f"{APP} {ADMIN}"}


def _ask(api: Client, method: str, path: str, **headers: str) -> tuple[int, dict[str, str]]:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = api.http.request(method, path, headers=sent, body=b"")
    return answer.status_code, {name.lower(): value for name, value in answer.headers.items()}


@pytest.mark.parametrize("origin", [APP, ADMIN])
@pytest.mark.parametrize(
    ("path", "methods"),
    [("/orders", "GET, HEAD, POST"), ("/orders/1/payment", "POST"), ("/health", "GET, HEAD")],
)
def test_a_browser_learns_what_a_page_may_do(
    api: Client, origin: str, path: str, methods: str
) -> None:
    asked = {"Access_Control_Request_Method": "POST", "Access_Control_Request_Headers": "x-other"}
    status, headers = _ask(api, "OPTIONS", path, Origin=origin, **asked)
    assert status == 204
    assert headers["access-control-allow-origin"] == origin
    assert headers["access-control-allow-methods"] == methods
    allowed = headers["access-control-allow-headers"].split(", ")
    assert {"Authorization", "Content-Type", "Idempotency-Key", "If-Match"} <= set(allowed)
    assert headers["vary"] == "Origin"


@pytest.mark.parametrize("origin", [FOREIGN, "null", f"{APP}.evil.example", "*"])
def test_a_browser_learns_that_a_page_may_do_nothing(api: Client, origin: str) -> None:
    status, headers = _ask(api, "OPTIONS", "/orders", Origin=origin)
    assert (status, headers["vary"]) == (204, "Origin")
    assert not any(each.startswith("access-control") for each in headers)


@pytest.mark.parametrize(
    ("path", "status"), [("/health", 200), ("/orders", 401), ("/nothing", 404), ("/products", 200)]
)
def test_a_page_may_read_answers_and_refusals(api: Client, path: str, status: int) -> None:
    signed_in = CUSTOMER if path == "/products" else {}
    found, headers = _ask(api, "GET", path, Origin=APP, **signed_in)
    assert (found, headers["access-control-allow-origin"]) == (status, APP)
    assert "ETag" in headers["access-control-expose-headers"].split(", ")
    assert "Origin" in headers["vary"].split(", ")


@pytest.mark.parametrize("path", ["/health", "/orders", "/products"])
def test_a_page_of_another_origin_may_read_nothing(api: Client, path: str) -> None:
    _, headers = _ask(api, "GET", path, Origin=FOREIGN, **CUSTOMER)
    assert not any(each.startswith("access-control") for each in headers)
    assert "Origin" in headers["vary"].split(", ")


def test_no_cookie_is_ever_allowed_along(api: Client) -> None:
    for method in ("OPTIONS", "GET"):
        _, headers = _ask(api, method, "/health", Origin=APP)
        assert "access-control-allow-credentials" not in headers
        assert headers["access-control-allow-origin"] != "*"


def test_who_is_no_page_notices_nothing(api: Client) -> None:
    _, headers = _ask(api, "GET", "/health")
    assert not {"vary", "access-control-allow-origin"} & headers.keys()


@pytest.mark.parametrize(
    "text", ["*", f"{APP}/", f"{APP}/path", "app.example.com", f"{APP},{ADMIN}", f"{APP}  {ADMIN}"]
)
def test_what_is_no_origin_is_refused(
    service: Container[Any], environment: Mapping[str, str], text: str
) -> None:
    declared = service.service
    with pytest.raises(BadSettings, match="ALLOWED_ORIGINS does not have the form https://host"):
        declared.settings.read({**environment, "ALLOWED_ORIGINS": text}, declared.name)
