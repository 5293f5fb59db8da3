"""RabbitMQ's management API, as an administrator uses it.

Part of the code of the platform's function, so it imports the standard library alone.
https://www.rabbitmq.com/docs/http-api-reference
"""

import json
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

TIMEOUT_SECONDS = 10

Json = Mapping[str, Any]


class AccessFailed(Exception):
    """The broker was not changed as it should be; the message says why."""


class Login(NamedTuple):
    """A user and the password."""

    username: str
    password: str


class Administration:
    """The broker's management API, as an administrator uses it.

    Args:
        url: of the API.
        login: of the administrator.
        vhost: in which the services live: each stage has one.

    Attributes:
        url: of the API.
        username: the administrator's.
        vhost: as part of an address.
    """

    def __init__(self, url: str, login: Login, vhost: str = "/") -> None:
        self.url = url.rstrip("/")
        self._login = login
        self.username = login.username
        self.vhost = quote(vhost, safe="")

    def get(self, *path: str) -> Any:  # noqa: ANN401 - JSON
        """Return what is there; None if nothing is."""
        return self._call("GET", path)

    def put(self, *path: str, body: Json) -> None:
        """Create or change something."""
        self._call("PUT", path, body)

    def post(self, *path: str, body: Json) -> None:
        """Create something that the broker names."""
        self._call("POST", path, body)

    def delete(self, *path: str) -> None:
        """Delete something, if it is there."""
        self._call("DELETE", path)

    def accepts(self, login: Login) -> bool:
        """Return whether the broker accepts a user's password."""
        try:
            return Administration(self.url, login).get("whoami") is not None
        except AccessFailed:
            return False

    def _call(self, method: str, path: tuple[str, ...], body: Json | None = None) -> Any:  # noqa: ANN401 - JSON
        request = urllib.request.Request(  # noqa: S310 - the broker's own address
            f"{self.url}/api/{'/'.join(path)}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Authorization": _basic(self._login)},
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - as above
                content = answer.read()
        except urllib.error.HTTPError as error:
            with error:  # holds the connection
                if error.code == 404:  # noqa: PLR2004 - HTTP's
                    return None
                raise AccessFailed(_reason(error)) from None
        except OSError as error:
            raise AccessFailed(
                f"the management API cannot be reached ({type(error).__name__})"
            ) from None
        return json.loads(content) if content else {}


def _basic(login: Login) -> str:
    return "Basic " + b64encode(f"{login.username}:{login.password}".encode()).decode()


def _reason(error: urllib.error.HTTPError) -> str:
    """Return why the broker refuses a request, without what was sent."""
    if error.code == 401:  # noqa: PLR2004 - HTTP's
        return "the broker refuses the administrator's login"
    try:
        reason = json.loads(error.read()).get("reason", "")
    except (ValueError, AttributeError):
        reason = ""
    return f"the broker answered {error.code}: {reason}".rstrip(": ")
