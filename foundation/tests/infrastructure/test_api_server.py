"""The server of the HTTP functions: several processes on one port, one end."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from carafe.development.servers.ports import choose_port
from carafe.testing.api_server import is_healthy
from carafe.testing.processes import running, wait_until


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


@pytest.mark.parametrize("count", ["0", "-1", "many", "1000"])
def test_an_impossible_number_of_processes_is_refused(
    environment: Mapping[str, str], count: str
) -> None:
    variables = {**environment, "API_PROCESSES": count}
    with running("carafe.development.api_server", environment=variables) as process:
        assert process.wait(timeout=20) == 2
