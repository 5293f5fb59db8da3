"""A load generator in a process of its own: `python -m benchmarks.http.generator`.

It reads a job as JSON, keeps a number of connections busy, and prints what came of it. With
`serve`, it is a server that answers at once, for the generator's own limit.
"""

import asyncio
import gc
import json
import os
import sys
import time
from typing import Any

import msgspec
from msgspec import Struct, field

KEY = b"@KEY@"
CREATED = 201
SUCCESSFUL = range(200, 300)
PAUSE_SECONDS = 0.02
PATIENCE_SECONDS = 30.0

CANNED_ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n"
    b'{"status":"ok"}'
)


class Job(Struct):
    """What is to be sent.

    Attributes:
        port: of the server on 127.0.0.1.
        connections: that are busy at the same time.
        seconds: for which requests are begun.
        requests: complete, sent in turns; `@KEY@` becomes another key in each.
        most: how many requests are sent at most.
    """

    port: int
    connections: int
    seconds: float
    requests: list[str]
    most: int = sys.maxsize


class Outcome(Struct):
    """What came of a job.

    Attributes:
        began: on the clock of `time.monotonic`, which all processes share.
        ended: when the last answer was complete.
        latencies: of the successful requests, in seconds.
        created_ids: of what was created.
        failures: how many requests failed, by the reason.
    """

    began: float = 0.0
    ended: float = 0.0
    latencies: list[float] = field(default_factory=list)
    created_ids: list[str] = field(default_factory=list)
    failures: dict[str, int] = field(default_factory=dict)


class Load:
    """The requests of a job, and their outcome.

    Args:
        job: what is to be sent.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self.outcome = Outcome()
        self._requests = [each.encode() for each in job.requests]
        self._sent = 0
        self._bodies: list[bytes] = []

    async def run(self) -> Outcome:
        """Keep the connections busy until the time is over."""
        self.outcome.began = time.monotonic()
        self._deadline = self.outcome.began + self.job.seconds
        tasks = [self._keep_connected() for _ in range(self.job.connections)]
        await asyncio.wait_for(asyncio.gather(*tasks), self.job.seconds + PATIENCE_SECONDS)
        self.outcome.ended = time.monotonic()
        self.outcome.created_ids = [json.loads(each)["id"] for each in self._bodies]
        return self.outcome

    def next_request(self) -> bytes | None:
        """Return the next request; None when all are sent or the time is over."""
        if self._is_over():
            return None
        request = self._requests[self._sent % len(self._requests)]
        self._sent += 1
        return request.replace(KEY, os.urandom(16).hex().encode())

    def note(self, status: int, body: bytes, seconds: float) -> None:
        """Add an answer."""
        if status not in SUCCESSFUL:
            self.fail(f"status {status}")
            return
        self.outcome.latencies.append(seconds)
        if status == CREATED:
            self._bodies.append(body)

    def fail(self, reason: str) -> None:
        """Add a request that failed."""
        self.outcome.failures[reason] = self.outcome.failures.get(reason, 0) + 1

    def _is_over(self) -> bool:
        return self._sent >= self.job.most or time.monotonic() >= self._deadline

    async def _keep_connected(self) -> None:
        """Use one connection, and another one when it breaks, until the time is over."""
        loop = asyncio.get_running_loop()
        while not self._is_over():
            closed = loop.create_future()
            try:
                await loop.create_connection(
                    lambda closed=closed: Connection(self, closed),  # type: ignore[misc]
                    "127.0.0.1",
                    self.job.port,
                )
                await closed
            except OSError:
                await asyncio.sleep(PAUSE_SECONDS)


class Connection(asyncio.Protocol):
    """Sends a request, reads its answer, and so on.

    Args:
        load: has the requests and receives the answers.
        closed: is set when the connection has ended.
    """

    def __init__(self, load: Load, closed: "asyncio.Future[None]") -> None:
        self._load = load
        self._closed = closed
        self._received = b""
        self._waiting = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        self._transport: Any = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        """Read an answer; when it is complete, send the next request."""
        self._received += data
        head, separator, body = self._received.partition(b"\r\n\r\n")
        if not separator:
            return
        head = head.lower()
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
        if len(body) < length:
            return
        self._received, self._waiting = b"", False
        self._load.note(int(head[9:12]), body, time.monotonic() - self._sent_at)
        if b"connection: close" in head:
            self._transport.close()
        else:
            self._send()

    def connection_lost(self, _error: Exception | None) -> None:
        """Count a request that was not answered."""
        if self._waiting:
            self._load.fail("connection lost")
        self._closed.set_result(None)

    def _send(self) -> None:
        request = self._load.next_request()
        if request is None:
            self._transport.close()
            return
        self._sent_at, self._waiting = time.monotonic(), True
        self._transport.write(request)


class CannedServer(asyncio.Protocol):
    """Answers each request at once."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the connection."""
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        """Answer; a request of the generator is short and comes in one piece."""
        if data.endswith(b"\r\n\r\n"):
            self._transport.write(CANNED_ANSWER)


async def serve() -> None:
    """Answer every request, and print the port."""
    server = await asyncio.get_running_loop().create_server(CannedServer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - read by the parent process
    await server.serve_forever()


def main() -> None:
    """Do one job."""
    job = msgspec.json.decode(sys.stdin.buffer.read(), type=Job)
    gc.disable()
    outcome = asyncio.run(Load(job).run())
    sys.stdout.buffer.write(msgspec.json.encode(outcome))


if __name__ == "__main__":
    asyncio.run(serve()) if sys.argv[1:] == ["serve"] else main()
