"""How `make run` ends: after the first order, by Ctrl-C at any moment, killed; what it leaves."""

import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from carafe.testing.processes import wait_until
from tests.support.checkout import (
    carafe,
    copy_of_project,
    interrupted_at,
    output_of,
    processes_of,
    serving,
    up,
)

OWN_LINES = "# mine\nSERVICE_NAME=tableware\n"


class Ended(NamedTuple):
    """A checkout in which `make run` ended after the first order.

    Attributes:
        checkout: its folder, whose .env had lines of the user's own.
        stdout: what it printed.
        left: the processes that it left.
    """

    checkout: Path
    stdout: str
    left: list[str]


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """A checkout with servers of its own, in which everything ran; tests share it."""
    checkout = copy_of_project(tmp_path_factory.mktemp("ended") / "checkout")
    (checkout / ".env").write_text(OWN_LINES)
    done = up(checkout, "--once")
    assert done.returncode == 0, done.stdout + done.stderr
    return Ended(checkout, done.stdout, processes_of(checkout))


@pytest.fixture
def without_mongodb(given: Mapping[str, str]) -> dict[str, str]:
    """Settings of a service that has a MongoDB of its own, and the other servers of this run."""
    return {name: value for name, value in given.items() if name != "MONGO_URI"}


def test_the_first_order_comes_through_and_everything_ends(ended: Ended) -> None:
    assert "ordering.order.placed.v1" in ended.stdout
    order_id = re.search(r"placed order (\S+)", ended.stdout)
    assert order_id is not None
    assert f'"subject": "{order_id[1]}"' in ended.stdout
    assert ended.left == []


def test_what_the_user_wrote_into_env_stays_and_counts(ended: Ended) -> None:
    assert (ended.checkout / ".env").read_text().startswith(OWN_LINES)
    panel = ended.stdout.partition("{")[2].rpartition("}")[0]
    event = json.loads("{" + panel.replace("│", "") + "}")
    assert event["source"] == "/tableware"


def test_commands_without_servers_name_make_run(checkout: Path, ended: Ended) -> None:
    before = carafe(checkout, "outbox", "status")
    assert before.returncode == 1
    assert "MONGO_URI is missing" in before.stderr
    assert before.stderr.endswith("`make run` starts what is missing, and writes it to .env.\n")
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # the servers of another test may have these ports by now
        here = f"127.0.0.1:{nobody.getsockname()[1]}"
        written = (ended.checkout / ".env").read_text()
        (checkout / ".env").write_text(re.sub(r"127\.0\.0\.1:\d+", here, written))
        for words in (("token", "--subject", "maria"), ("outbox", "status"), ("bus", "check")):
            after = carafe(checkout, *words)
            assert after.returncode == 1
            assert after.stderr.endswith(": is `make run` running?\n")
        assert len(after.stderr.splitlines()) == 1


def test_a_killed_run_leaves_nothing_in_the_way(
    ended: Ended, without_mongodb: dict[str, str]
) -> None:
    """Where an earlier one ended well."""
    with serving(ended.checkout, **without_mongodb) as child:
        child.kill()
        child.wait(10)
    wait_until(lambda: processes_of(ended.checkout) == [])
    done = up(ended.checkout, ONCE="1", **without_mongodb)
    assert done.returncode == 0, done.stdout + done.stderr


def test_an_interrupted_start_ends_at_once_and_leaves_nothing(checkout: Path) -> None:
    with interrupted_at(checkout, "MongoDB    starting") as child:
        pass
    output = output_of(checkout)
    assert child.returncode == 130, output
    assert "Carafe     stopping" in output
    assert "Traceback" not in output
    assert processes_of(checkout) == []


def test_pressing_ctrl_c_again_and_again_disturbs_nothing(checkout: Path) -> None:
    with interrupted_at(checkout, "API        ready") as child:
        wait_until(lambda: "Carafe     stopping" in output_of(checkout))

        def has_ended() -> bool:
            child.send_signal(signal.SIGINT)
            return child.poll() is not None

        wait_until(has_ended)
    assert child.returncode == 130
    assert "Traceback" not in output_of(checkout)
    assert processes_of(checkout) == []


def test_ctrl_c_while_python_still_imports_shows_no_traceback(checkout: Path) -> None:
    # Who starts the tests in the background may have them ignore Ctrl-C, and their children too.
    heeded = "signal.signal(signal.SIGINT, signal.default_int_handler)"
    pressed = "signal.raise_signal(signal.SIGINT)"
    (checkout / "click.py").write_text(f"import signal; {heeded}; {pressed}")
    done = carafe(checkout, "up")
    assert done.returncode == 130
    assert done.stdout + done.stderr == ""


def test_a_killed_make_takes_everything_with_it_and_clean_waits_for_the_end(
    checkout: Path, without_mongodb: dict[str, str]
) -> None:
    make = ["make", "--assume-old=install", f"BIN={Path(sys.executable).parent}"]
    with serving(checkout, [*make, "run"], **without_mongodb) as child:
        clean = subprocess.run(
            [*make, "clean"], cwd=checkout, capture_output=True, text=True, check=False
        )
        assert clean.returncode != 0
        assert "`make run`" in clean.stderr
        assert (checkout / ".local" / "mongodb" / "data").is_dir()
        child.kill()
        child.wait(10)
        wait_until(lambda: processes_of(checkout) == [], 60)
    subprocess.run([*make, "clean"], cwd=checkout, stdout=subprocess.DEVNULL, check=True)
    assert not (checkout / ".local").exists()
