"""The processes of a service import what they need: `make run` starts them after each change."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from carafe.development.functions import STARTED
from carafe.development.servers.ports import choose_port
from carafe.testing.api_server import is_healthy
from carafe.testing.processes import wait_until
from tests.support.places import ROOT

NEEDLESS = {"boto3", "botocore", "chalice.cli", "chalice.deploy", "inquirer", "urllib3"}


def imports_of(
    command: list[str], environment: Mapping[str, str], log: Path, is_ready: Callable[[], bool]
) -> set[str]:
    """Return what a process has imported when it is ready."""
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-X", "importtime", "-m", *command],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=output,
            stderr=output,
        )
        try:
            wait_until(lambda: is_ready() or process.poll() is not None)
        finally:
            process.terminate()
            process.wait()
    assert process.returncode == 0, log.read_text()
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
