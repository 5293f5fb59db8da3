"""The processes of a service: they import what they need, and end however often they are told to.

`make run` starts them after each change.
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from carafe.development.api_server import SERVED
from carafe.development.functions import STARTED
from carafe.development.servers.ports import choose_port
from carafe.testing.api_server import is_healthy
from carafe.testing.processes import wait_until
from tests.support.places import ROOT

NEEDLESS = {"boto3", "botocore", "chalice.cli", "chalice.deploy", "inquirer", "urllib3"}


@contextmanager
def running(
    command: list[str], environment: Mapping[str, str], log: Path, is_ready: Callable[[], bool]
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a module, from when it is ready until the block ends."""
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=output,
            stderr=output,
        )
        try:
            wait_until(lambda: is_ready() or process.poll() is not None)
            yield process
        finally:
            process.kill()
            process.wait()


def imports_of(
    command: list[str], environment: Mapping[str, str], log: Path, is_ready: Callable[[], bool]
) -> set[str]:
    """Return what a process has imported when it is ready."""
    with running(["-X", "importtime", "-m", *command], environment, log, is_ready) as process:
        process.terminate()
        assert process.wait(20) == 0, log.read_text()
    return set(re.findall(r"^import time: .* ([\w.]+)$", log.read_text(), re.MULTILINE))


def test_the_server_of_the_http_functions(environment: Mapping[str, str], tmp_path: Path) -> None:
    port = choose_port()
    command = ["carafe.development.api_server", "--port", str(port)]
    imported = imports_of(
        command, environment, tmp_path / "log", lambda: is_healthy(f"http://127.0.0.1:{port}")
    )
    assert imported & {"chalice.local", *NEEDLESS} == {"chalice.local"}


def test_a_function_that_is_fed(environment: Mapping[str, str], tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = ["carafe.development.functions", "bridge", "consume"]
    imported = imports_of(command, environment, log, lambda: STARTED in log.read_text())
    assert imported & {"pika", "pymongo", *NEEDLESS} == {"pika", "pymongo"}


@pytest.mark.parametrize("command", [["api_server", "--processes", "2"], ["functions", "bridge"]])
def test_it_ends_however_often_it_is_told_to(
    environment: Mapping[str, str], tmp_path: Path, command: list[str]
) -> None:
    """As when `make run` is killed: the kernel then sends a signal for each of its threads."""
    log, port = tmp_path / "log", choose_port()
    options = ["--port", str(port)] if command[0] == "api_server" else []
    words = ["-m", f"carafe.development.{command[0]}", *command[1:], *options]

    def is_ready() -> bool:
        return any(each in log.read_text() for each in (STARTED, SERVED))

    with running(words, environment, log, is_ready) as process:

        def has_ended() -> bool:
            for _ in range(100):
                process.terminate()
            return process.poll() is not None

        wait_until(has_ended)
        assert process.returncode == 0, log.read_text()
