"""HTTP requests in the words of the tests."""

import gzip
import json
from collections.abc import Mapping

from chalice.test import Client

from .description import Answer, Description

Headers = Mapping[str, str] | None


class Api:
    """Calls the function set through Chalice's test client.

    Every answer is held against what the API says of itself.

    Args:
        client: of the app.
        description: of the API.
        caller: the headers of who calls, where a call names nobody else.
    """

    def __init__(self, client: Client, description: Description, caller: Mapping[str, str]) -> None:
        self._client = client
        self._description = description
        self._caller = caller

    def call(self, method: str, path: str, body: object = None, headers: Headers = None) -> Answer:
        """Send a request; a body that is not bytes goes as JSON."""
        raw = (
            body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        )
        caller = self._caller if headers is None else headers
        sent = {"Content-Type": "application/json", **caller}
        answer = self._client.http.request(method, path, headers=sent, body=raw)
        headers = {name.lower(): value for name, value in answer.headers.items()}
        raw = answer.body
        if headers.get("content-encoding") == "gzip":
            raw = gzip.decompress(raw)
        answered = Answer(answer.status_code, json.loads(raw) if raw else None, headers)
        self._description.require(method, path, answered)
        return answered

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
