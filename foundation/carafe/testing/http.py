"""HTTP requests for tests."""

import gzip
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from .description import Answer, Description

if TYPE_CHECKING:
    from chalice.test import Client

Headers = Mapping[str, str] | None


class Api:
    """Calls the app through Chalice's test client.

    Every answer is validated against the API's description.

    Args:
        client: the test client of the app.
        description: the description of the API.
        caller: the headers of the default caller.
    """

    def __init__(
        self, client: "Client", description: Description, caller: Mapping[str, str]
    ) -> None:
        self._client = client
        self._description = description
        self._caller = caller

    def call(self, method: str, path: str, body: object = None, headers: Headers = None) -> Answer:
        """Send a request, and return the answer; a body that is not bytes is sent as JSON."""
        raw = (
            body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        )
        caller = self._caller if headers is None else headers
        request_headers = {"Content-Type": "application/json", **caller}
        response = self._client.http.request(method, path, headers=request_headers, body=raw)
        headers = {name.lower(): value for name, value in response.headers.items()}
        raw = response.body
        if headers.get("content-encoding") == "gzip":
            raw = gzip.decompress(raw)
        answer = Answer(response.status_code, json.loads(raw) if raw else None, headers)
        self._description.require(method, path, answer)
        return answer

    def post(self, path: str, body: object = None, headers: Headers = None) -> Answer:
        """Send a POST request, as `call`."""
        return self.call("POST", path, body, headers)

    def put(self, path: str, body: object = None, headers: Headers = None) -> Answer:
        """Send a PUT request, as `call`."""
        return self.call("PUT", path, body, headers)

    def get(self, path: str, headers: Headers = None) -> Answer:
        """Send a GET request, as `call`."""
        return self.call("GET", path, None, headers)

    def delete(self, path: str, headers: Headers = None) -> Answer:
        """Send a DELETE request, as `call`."""
        return self.call("DELETE", path, None, headers)
