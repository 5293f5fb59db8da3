"""The server of the HTTP functions: several processes on one port, one end."""

import contextlib
import functools
import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import pytest
import urllib3

from carafe.development.draining_server import SILENCE_SECONDS
from carafe.development.project import project
from carafe.development.servers.listening import is_listening
from carafe.development.servers.ports import choose_port, listen
from carafe.development.tokens import fetch_token
from carafe.testing.api_server import is_healthy
from carafe.testing.processes import running, wait_until
from carafe.testing.tokens import AUDIENCE

HEAD_THAT_WAITS = (
    b"POST /orders HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
)
PERMISSION = b"HTTP/1.1 100 Continue\r\n\r\n"

SERVER = [sys.executable, "-m", "carafe.development.api_server"]


def _children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(each) for each in text.split()]


@pytest.mark.parametrize("count", [1, 3])
def test_processes_share_the_port_and_end_together(
    environment: Mapping[str, str], count: int
) -> None:
    port = choose_port(None)
    variables = {**environment, "API_PROCESSES": str(count)}
    with running(
        "carafe.development.api_server", "--port", str(port), environment=variables
    ) as process:
        wait_until(lambda: is_healthy(f"http://127.0.0.1:{port}"))
        children = _children(process.pid)
        assert len(children) == count - 1
        assert all(is_healthy(f"http://127.0.0.1:{port}") for _ in range(20))
    assert [each for each in children if Path(f"/proc/{each}").exists()] == []


def test_a_process_on_standby_loads_the_service_and_serves_when_its_input_ends(
    environment: Mapping[str, str],
) -> None:
    port = choose_port(None)
    url = f"http://127.0.0.1:{port}"
    command = ("carafe.development.api_server", "--port", str(port))
    with running(*command, environment=environment) as first:
        wait_until(lambda: is_healthy(url))
        with running(*command, environment=environment) as refused:
            assert refused.wait(timeout=20) == 1
        second = _standby(environment, "--port", str(port))
        try:
            wait_until(lambda: _has_loaded(second.pid))
            first.terminate()
            assert first.wait(timeout=20) == 0
            assert not is_listening(second.pid, port)
            _end_input(second)
            wait_until(lambda: is_listening(second.pid, port))
            assert is_healthy(url)
        finally:
            _end_input(second)
            second.terminate()
            second.wait(timeout=20)


def _standby(
    environment: Mapping[str, str], *options: str, pass_fds: Sequence[int] = ()
) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [*SERVER, "--standby", *options],
        cwd=project().root,
        env={**os.environ, **environment},
        stdin=subprocess.PIPE,
        pass_fds=pass_fds,
    )


def _has_loaded(pid: int) -> bool:
    """Return whether a process has the service's compiled packages in its memory."""
    return "msgspec" in Path(f"/proc/{pid}/maps").read_text()


@pytest.mark.parametrize("count", [1, 2])
def test_no_client_notices_that_another_process_takes_over(
    environment: Mapping[str, str], count: int
) -> None:
    with contextlib.closing(listen(choose_port(None))) as listening, ThreadPoolExecutor(8) as pool:
        port, ended = listening.getsockname()[1], threading.Event()

        def start() -> "subprocess.Popen[bytes]":
            options = ("--fd", str(listening.fileno()), "--processes", str(count))
            return _standby(environment, *options, pass_fds=[listening.fileno()])

        process = start()
        try:
            _end_input(process)
            clients = [pool.submit(_ask_until, ended, port, kept) for kept in (True, False) * 4]
            for _ in range(3):
                wait_until(lambda: is_healthy(f"http://127.0.0.1:{port}"))
                before, process = process, start()
                wait_until(functools.partial(_has_loaded, process.pid))
                before.terminate()
                assert before.wait(timeout=20) == 0
                _end_input(process)
        finally:
            ended.set()
            wait(clients, timeout=20)
            _end_input(process)
            process.terminate()
            process.wait(timeout=20)
        assert min(each.result() for each in clients) > 3


def _end_input(process: "subprocess.Popen[bytes]") -> None:
    assert process.stdin
    process.stdin.close()


def _ask_until(ended: threading.Event, port: int, kept: bool) -> int:
    """Ask again and again, on one connection if it may be kept; return how often.

    Raises:
        HTTPException, OSError: an answer did not come.
        AssertionError: it was a wrong one.
    """
    count = 0
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    answered = time.monotonic()
    while not ended.is_set():
        try:
            connection.request("GET", "/health")
            answer = connection.getresponse()
        except ConnectionError:
            # On a busy machine, a client may be silent for so long that it is given up.
            if not kept or time.monotonic() - answered < SILENCE_SECONDS / 2:
                raise
            connection.close()
            answered = time.monotonic()
            continue
        assert (answer.status, answer.read()[:1]) == (200, b"{")
        count += 1
        answered = time.monotonic()
        if not kept:
            connection.close()
    connection.close()
    return count


def test_a_request_that_has_begun_is_answered_before_the_end(
    environment: Mapping[str, str],
) -> None:
    port = choose_port(None)
    command = ("carafe.development.api_server", "--port", str(port))
    with running(*command, environment=environment) as process:
        wait_until(lambda: is_healthy(f"http://127.0.0.1:{port}"))
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
            connection.sendall(HEAD_THAT_WAITS)
            assert connection.recv(4096) == PERMISSION
            process.terminate()
            wait_until(lambda: not is_listening(process.pid, port))
            connection.sendall(b"{}")
            with http.client.HTTPResponse(connection) as answer:
                answer.begin()
                assert (answer.status, answer.getheader("Connection")) == (401, "close")
        assert process.wait(timeout=20) == 0


def test_the_first_requests_may_come_at_the_same_time(environment: Mapping[str, str]) -> None:
    """Each has a thread, and pymongo, whose modules import each other, is not loaded yet."""
    port = choose_port(None)
    token = fetch_token(environment["TOKEN_ISSUER"], AUDIENCE, "maria", "orders:read")
    headers = {"Authorization": f"Bearer {token}"}

    def status(path: str) -> int:
        return urllib3.request("GET", f"http://127.0.0.1:{port}{path}", headers=headers).status

    with running(
        "carafe.development.api_server", "--port", str(port), environment=environment
    ) as process:
        wait_until(lambda: is_listening(process.pid, port))
        with ThreadPoolExecutor(8) as pool:
            statuses = [*pool.map(status, ["/ready", "/orders"] * 4)]
    assert statuses == [200] * 8


def test_a_client_that_waits_for_permission_may_send_its_body(
    environment: Mapping[str, str],
) -> None:
    """With `Expect: 100-continue`, as curl sends it for a large body."""
    port = choose_port(None)
    with running("carafe.development.api_server", "--port", str(port), environment=environment):
        wait_until(lambda: is_healthy(f"http://127.0.0.1:{port}"))
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(HEAD_THAT_WAITS)
            assert connection.recv(4096) == PERMISSION
            connection.sendall(b"{}")
            assert connection.recv(4096).startswith(b"HTTP/1.1 401")


@pytest.mark.parametrize("count", ["0", "-1", "many", "1000"])
def test_an_impossible_number_of_processes_is_refused(
    environment: Mapping[str, str], count: str
) -> None:
    variables = {**environment, "API_PROCESSES": count}
    with running("carafe.development.api_server", environment=variables) as process:
        assert process.wait(timeout=20) == 2
