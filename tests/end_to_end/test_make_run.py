"""What a person types, on a copy of the checkout: the first order, and a clean end."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import urllib3

from tests.support.processes import ROOT, wait_until

IGNORED = shutil.ignore_patterns(
    ".git", ".venv", ".local", ".env", "__pycache__", ".*_cache", ".hypothesis"
)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the project, with no state of its own."""
    copy = tmp_path / "checkout"
    shutil.copytree(ROOT, copy, ignore=IGNORED)
    return copy


def environment(**settings: str) -> dict[str, str]:
    """Return an environment without any setting of the service but these."""
    inherited = {"PATH", "HOME", "LANG", "USER"}
    kept = {name: value for name, value in os.environ.items() if name in inherited}
    return kept | settings


def up(checkout: Path, *options: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "workflow", "up", *options],
        cwd=checkout,
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


@contextmanager
def serving(checkout: Path, **settings: str) -> Iterator["subprocess.Popen[str]"]:
    """Run `up` until the block ends, then interrupt it as Ctrl-C does."""
    output = checkout / "output.txt"
    with output.open("w") as file:
        child = subprocess.Popen(
            [sys.executable, "-m", "workflow", "up"],
            cwd=checkout,
            env=environment(**settings),
            stdout=file,
            stderr=subprocess.STDOUT,
            text=True,
        )
    try:
        wait_until(lambda: "Ctrl-C" in output.read_text() or child.poll() is not None, 120)
        assert child.poll() is None, output.read_text()
        yield child
    finally:
        if child.poll() is None:
            child.send_signal(signal.SIGINT)
        child.wait(60)


def processes_of(checkout: Path) -> list[str]:
    """Return the command lines of the processes that run in or for a checkout."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            traces = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
        except OSError:
            continue  # it ended, or belongs to somebody else
        if str(checkout).encode() in traces and folder.name != str(os.getpid()):
            found.append(traces.decode(errors="replace").replace("\0", " ")[:100])
    return found


def addresses(checkout: Path) -> dict[str, str]:
    from workflow.environment_file import read  # noqa: PLC0415

    return read(checkout / ".env")


def test_the_first_order_comes_through_and_everything_ends(checkout: Path) -> None:
    done = up(checkout, "--once")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ordering.order.placed.v1" in done.stdout
    order_id = re.search(r"placed order (\S+)", done.stdout)
    assert order_id is not None
    assert f'"subject": "{order_id[1]}"' in done.stdout
    assert processes_of(checkout) == []
    again = up(checkout, "--once", ONCE="1")
    assert again.returncode == 0, again.stdout + again.stderr


def test_the_service_serves_until_interrupted(checkout: Path) -> None:
    with serving(checkout) as child:
        port = addresses(checkout)["PORT"]
        headers = {"X-Local-Caller": "maria"}
        page = urllib3.request("GET", f"http://127.0.0.1:{port}/orders", headers=headers)
        assert len(page.json()["items"]) == 1
        second = up(checkout, "--once")
        assert second.returncode == 1
        assert str(child.pid) in second.stderr
        assert len(second.stderr.strip().splitlines()) == 1
    assert child.returncode == 0
    assert processes_of(checkout) == []


def test_plain_chalice_local_works_beside_it(checkout: Path) -> None:
    from workflow.servers.ports import choose_port  # noqa: PLC0415

    port = choose_port(None)
    chalice = Path(sys.executable).with_name("chalice")
    with serving(checkout):
        local = subprocess.Popen(
            [chalice, "local", "--port", str(port), "--no-autoreload"],
            cwd=checkout,
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            url = f"http://127.0.0.1:{port}/orders"
            page = urllib3.request(
                "GET",
                url,
                headers={"X-Local-Caller": "maria"},
                retries=urllib3.Retry(connect=50, backoff_factor=0.1, backoff_max=0.2),
            )
            assert page.status == 200
            assert len(page.json()["items"]) == 1
        finally:
            local.terminate()
            local.wait(20)


def test_a_killed_run_leaves_nothing_in_the_way(checkout: Path) -> None:
    with serving(checkout) as child:
        child.kill()
        child.wait(10)
    wait_until(lambda: processes_of(checkout) == [])
    done = up(checkout, "--once")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_killed_function_process_is_started_again(checkout: Path) -> None:
    with serving(checkout):
        pid_file = checkout / ".local" / "bridge" / "server.pid"
        before = int(pid_file.read_text())
        os.kill(before, signal.SIGKILL)
        wait_until(lambda: int(pid_file.read_text() or before) != before)
        done = subprocess.run(
            [sys.executable, "-m", "workflow", "demo"],
            cwd=checkout,
            env=environment(PORT=addresses(checkout)["PORT"]),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_in_memory_bus_is_chosen_by_the_environment_alone(checkout: Path) -> None:
    done = up(checkout, "--once", EVENT_BUS_TYPE="base")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ordering.order.placed.v1" in done.stdout
    assert "RabbitMQ" not in done.stdout


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"MONGO_URI": "mongodb://user:hidden@127.0.0.1:1/"}, ["MONGO_URI"]),
        ({"RABBITMQ_URL": "amqp://user:hidden@127.0.0.1:1/"}, ["RABBITMQ_URL"]),
        ({"EVENT_BUS_TYPE": "kafka", "SERVICE_NAME": "No"}, ["EVENT_BUS_TYPE", "SERVICE_NAME"]),
        ({"PORT": "http"}, ["PORT"]),
    ],
)
def test_a_wrong_setting_is_named_before_anything_is_left_behind(
    checkout: Path, settings: dict[str, str], named: list[str]
) -> None:
    done = up(checkout, "--once", **settings)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "hidden" not in done.stdout + done.stderr
    for name in named:
        assert name in done.stderr
    assert processes_of(checkout) == []


def test_what_the_user_wrote_into_env_stays_and_counts(checkout: Path) -> None:
    (checkout / ".env").write_text("# mine\nSERVICE_NAME=tableware\n")
    done = up(checkout, "--once")
    assert done.returncode == 0, done.stdout + done.stderr
    text = (checkout / ".env").read_text()
    assert text.startswith("# mine\nSERVICE_NAME=tableware\n")
    event = json.loads(
        "{" + done.stdout.partition("{")[2].rpartition("}")[0].replace("│", "") + "}"
    )
    assert event["source"] == "/tableware"
