"""Runs the load generator."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from .generator import Job, Outcome

FOLDER = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "benchmarks.http.generator"]


class LoadFailed(Exception):
    """Requests failed, so that the figures would mean nothing."""


def run(job: Job) -> Outcome:
    """Do a job in a process of its own; failed requests are part of the outcome."""
    process = subprocess.run(  # noqa: S603 - this package
        COMMAND, cwd=FOLDER, input=msgspec.json.encode(job), stdout=subprocess.PIPE, check=True
    )
    return msgspec.json.decode(process.stdout, type=Outcome)


def run_without_failures(job: Job) -> Outcome:
    """Do a job, as `run`.

    Raises:
        LoadFailed: not every request was successful.
    """
    outcome = run(job)
    if outcome.failures or not outcome.latencies:
        raise LoadFailed(f"requests failed: {outcome.failures or 'there was no answer'}")
    return outcome


def request(
    method: str, path: str, token: str, body: object = None, headers: Sequence[str] = ()
) -> str:
    """Return a request as it is sent.

    Args:
        method: of HTTP.
        path: with its query.
        token: an access token.
        body: sent as JSON; None for no body.
        headers: further lines.
    """
    content = "" if body is None else json.dumps(body)
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "User-Agent: benchmark",
        "Accept: application/json",
        f"Authorization: Bearer {token}",
        *headers,
    ]
    if content:
        lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
    return "\r\n".join([*lines, "", content])


def limit(connections: int, seconds: float) -> float:
    """Return how many requests a second the generator sends to a server that answers at once."""
    with _canned_server() as port:
        job = Job(port, connections, seconds, [request("GET", "/", "t" * 300)])
        outcome = run_without_failures(job)
    return len(outcome.latencies) / (outcome.ended - outcome.began)


@contextmanager
def _canned_server() -> Iterator[int]:
    with subprocess.Popen(  # noqa: S603 - this package
        [*COMMAND, "serve"], cwd=FOLDER, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        yield int(process.stdout.readline())
        process.terminate()
