"""What a nudge costs, by boto3 and by the functions' own client: `make bench-nudge`.

A server that answers at once stands in for SQS, in a process of its own. Warm, both send in turns;
cold, each sends its first nudge in new processes that have loaded what every command needs.
"""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).parents[1]
SENDERS = ("boto3", "Carafe")
NUDGES = 2_000
WARM_UP = 200
PROCESSES = 10
SECONDS = 1

QUEUE_URL = "https://sqs.eu-central-1.amazonaws.com/123456789012/nudges"
NUDGE = {"collection": "orders", "id": "01929b5e-6a3c-7d4e-8f00-0123456789ab"}

BODY = json.dumps(
    {"MessageId": "219f8380-5770-4cc2-8c3e-5c715e145f5e", "MD5OfMessageBody": "f" * 32}
)
ANSWER = (
    "HTTP/1.1 200 OK\r\nDate: Thu, 26 Nov 2026 09:00:00 GMT\r\nx-amzn-RequestId: 5466bdb0\r\n"
    f"Content-Type: application/x-amz-json-1.0\r\nContent-Length: {len(BODY)}\r\n\r\n{BODY}"
).encode()


def main() -> None:
    """Measure, and print two lines for each sender, then the ratios."""
    with answering_server() as url:
        os.environ |= {
            "AWS_ENDPOINT_URL": url,
            "AWS_DEFAULT_REGION": "eu-central-1",
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_SESSION_TOKEN": "token" * 100,
        }
        warm, cold = warm_seconds(), cold_seconds()
    for name in SENDERS:
        report(f"warm nudge by {name}", warm[name], 1e6, "µs")
        report(f"first nudge by {name}", cold[name], 1e3, "ms")
    for kind, seconds in (("nudge", warm), ("first_nudge", cold)):
        boto3, ours = (statistics.median(seconds[name]) for name in SENDERS)
        print(f"RATIO {kind}_vs_boto3 {ours / boto3:.2f}")  # noqa: T201 - a benchmark's result


def report(title: str, seconds: list[float], factor: float, unit: str) -> None:
    """Print the median and the quickest."""
    median, quickest = statistics.median(seconds) * factor, min(seconds) * factor
    print(f"{title}: median {median:.0f} {unit}, quickest {quickest:.0f} {unit}")  # noqa: T201 - the same


def warm_seconds() -> dict[str, list[float]]:
    """Return what each nudge took, sent in turns by one process."""
    nudges = {name: sender(name) for name in SENDERS}
    seconds: dict[str, list[float]] = {name: [] for name in SENDERS}
    for _ in range(WARM_UP + NUDGES):
        for name, nudge in nudges.items():
            seconds[name].append(timed(nudge))
    return {name: each[WARM_UP:] for name, each in seconds.items()}


def cold_seconds() -> dict[str, list[float]]:
    """Return what the first nudge took, imports included, each in a process of its own."""
    seconds: dict[str, list[float]] = {name: [] for name in SENDERS}
    for _ in range(1 + PROCESSES):
        for name in SENDERS:
            command = [sys.executable, "-m", "benchmarks.nudge", name]
            output = subprocess.run(command, cwd=HERE, stdout=subprocess.PIPE, check=True).stdout  # noqa: S603 - this module
            seconds[name].append(float(output))
    return {name: each[1:] for name, each in seconds.items()}  # the first one compiled


def timed(nudge: Callable[[], None]) -> float:
    """Return how long a nudge took, in seconds."""
    began = time.perf_counter()
    nudge()
    return time.perf_counter() - began


def sender(name: str) -> Callable[[], None]:
    """Return what sends a nudge, and raises if that fails."""
    client = _boto3() if name == "boto3" else _own()
    return lambda: client.send_message(QueueUrl=QUEUE_URL, MessageBody=json.dumps(NUDGE))


def _own() -> Any:  # noqa: ANN401 - as boto3's
    from carafe.infrastructure.aws.client import AwsClient  # noqa: PLC0415 - this is what is measured
    from carafe.infrastructure.aws.configuration import SQS  # noqa: PLC0415 - the same
    from carafe.infrastructure.aws.services import Sqs  # noqa: PLC0415 - the same

    return Sqs(AwsClient(SQS, SECONDS, SECONDS))


def _boto3() -> Any:  # noqa: ANN401 - boto3's client has no type
    import boto3  # noqa: PLC0415 - the same
    from botocore.config import Config  # noqa: PLC0415 - the same

    limits = Config(
        connect_timeout=SECONDS, read_timeout=SECONDS, retries={"total_max_attempts": 1}
    )
    return boto3.client("sqs", config=limits)


def first_nudge(name: str) -> None:
    """Send one nudge, and print what it took; the commit before it loaded the driver."""
    import pymongo  # noqa: F401, PLC0415 - not measured

    began = time.perf_counter()
    sender(name)()
    print(time.perf_counter() - began)  # noqa: T201 - read by the parent process


@contextmanager
def answering_server() -> Iterator[str]:
    """Run the server for the block, and yield its address."""
    command = [sys.executable, "-m", "benchmarks.nudge", "serve"]
    with subprocess.Popen(command, cwd=HERE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - this module
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.terminate()


async def serve() -> None:
    """Answer every request of every connection, and print the port."""
    server = await asyncio.get_running_loop().create_server(_Connection, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - the same
    await server.serve_forever()


class _Connection(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport
        self._received = b""

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, _, body = self._received.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or -1)
        if len(body) == length:
            self._received = b""
            self._transport.write(ANSWER)


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        asyncio.run(serve())
    elif sys.argv[1:]:
        first_nudge(sys.argv[1])
    else:
        main()
