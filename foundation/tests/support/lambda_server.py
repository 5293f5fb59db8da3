"""A stand-in for AWS Lambda: functions are called by what `aws lambda invoke` sends."""

import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any, cast

from .http_server import LocalServer

CALLER = "arn:aws:sts::123456789012:assumed-role/operators/maria"

IDENTITY = f"""<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<GetCallerIdentityResult><Arn>{CALLER}</Arn><UserId>maria</UserId><Account>123456789012</Account>
</GetCallerIdentityResult></GetCallerIdentityResponse>"""

Function = Callable[[Any], Any]


class FunctionFailed(Exception):
    """The function raises; its answer is the error, as Lambda reports it."""


class Refused(Exception):
    """Lambda refuses the call: status and code."""


class LambdaServer(LocalServer):
    """Calls functions, and tells who the caller is.

    Attributes:
        functions: by their names in AWS.
        limits: of the account's concurrency: in all, and what is not reserved.
        variables: of the environments of functions, by their names.
    """

    def __init__(self) -> None:
        super().__init__(_Handler)
        self.functions: dict[str, Function] = {}
        self.limits = (1_000, 1_000)
        self.variables: dict[str, dict[str, str]] = {}

    @property
    def environment(self) -> dict[str, str]:
        """What leads a command to this server."""
        return {
            "AWS_ENDPOINT_URL_LAMBDA": self.url,
            "AWS_ENDPOINT_URL_STS": self.url,
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_DEFAULT_REGION": "us-east-1",
        }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        server = cast("LambdaServer", self.server)
        if self.path.endswith("/configuration"):
            self._configuration(server.variables.get(self.path.split("/")[3]))
            return
        most, unreserved = server.limits
        limits = {"ConcurrentExecutions": most, "UnreservedConcurrentExecutions": unreserved}
        self._answer(200, json.dumps({"AccountLimit": limits}).encode(), {})

    def _configuration(self, variables: dict[str, str] | None) -> None:
        if variables is None:
            self._answer(404, b"{}", {"X-Amzn-ErrorType": "ResourceNotFoundException"})
            return
        configuration = {"Environment": {"Variables": variables}}
        self._answer(200, json.dumps(configuration).encode(), {})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/":
            self._answer(200, IDENTITY.encode(), {"Content-Type": "text/xml"})
            return
        name = self.path.split("/")[3]
        function = cast("LambdaServer", self.server).functions.get(name, _missing)
        try:
            answer, headers = function(json.loads(body)), {}
        except FunctionFailed as error:
            answer, headers = error.args[0], {"X-Amz-Function-Error": "Unhandled"}
        except Refused as error:
            status, code = error.args
            self._answer(status, b"{}", {"X-Amzn-ErrorType": code})
            return
        self._answer(200, json.dumps(answer).encode(), headers)

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Print no requests among the tests' output."""


def _missing(_event: object) -> None:
    raise Refused(404, "ResourceNotFoundException")
