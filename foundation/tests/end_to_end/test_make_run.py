"""What a person types while `make run` runs, on a copy of the checkout."""

import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import urllib3

from carafe.development.servers.ports import choose_port
from carafe.testing.processes import wait_until
from tests.support.checkout import (
    Run,
    addresses,
    carafe,
    copy_of_project,
    output_of,
    processes_of,
    serving,
    up,
)
from tests.support.commands import environment
from tests.support.places import ROOT


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """Everything runs in it, with settings of its command line; tests share it."""
    checkout = copy_of_project(tmp_path_factory.mktemp("running") / "checkout")
    with serving(checkout, SERVICE_NAME="tableware", MONGO_DATABASE="other") as child:
        yield Run(checkout, child.pid)


@pytest.fixture(scope="module")
def in_memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A checkout in which everything runs, with the in-memory bus."""
    checkout = copy_of_project(tmp_path_factory.mktemp("in-memory") / "checkout")
    with serving(checkout, EVENT_BUS_TYPE="base"):
        yield checkout


def signed_in(checkout: Path) -> dict[str, str]:
    """Return the headers of maria, with a token from `carafe token`."""
    done = carafe(checkout, "token", "--subject", "maria")
    assert done.returncode == 0, done.stderr
    return {"Authorization": f"Bearer {done.stdout.strip()}"}


def first_order(checkout: Path) -> str:
    """Return the id of the order that `make run` placed."""
    placed = re.search(r"placed order (\S+)", output_of(checkout))
    assert placed
    return placed[1]


def test_the_first_order_is_served_to_whom_placed_it(running: Run) -> None:
    url = f"http://127.0.0.1:{addresses(running.checkout)['PORT']}/orders"
    page = urllib3.request("GET", url, headers=signed_in(running.checkout))
    assert first_order(running.checkout) in [each["id"] for each in page.json()["items"]]
    assert urllib3.request("GET", url).status == 401


def test_a_second_run_names_the_first_in_one_line(running: Run) -> None:
    second = up(running.checkout, "--once")
    assert second.returncode == 1
    assert str(running.pid) in second.stderr
    assert len(second.stderr.strip().splitlines()) == 1


def test_settings_of_the_command_line_count_in_another_terminal(running: Run) -> None:
    done = carafe(running.checkout, "demo")
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"source": "/tableware"' in done.stdout
    assert addresses(running.checkout)["MONGO_DATABASE"] == "other"


def test_plain_chalice_local_works_beside_it(running: Run) -> None:
    port = str(choose_port())
    local = subprocess.Popen(
        shlex.split(readme_line("chalice local").replace("8001", port), comments=True),
        cwd=running.checkout,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        page = urllib3.request(
            "GET",
            f"http://127.0.0.1:{port}/orders",
            headers=signed_in(running.checkout),
            retries=urllib3.Retry(connect=50, backoff_factor=0.1, backoff_max=0.2),
        )
        assert page.status == 200
        assert first_order(running.checkout) in [each["id"] for each in page.json()["items"]]
    finally:
        local.terminate()
        local.wait(20)


def readme_line(words: str) -> str:
    """Return the command of the README that has these words, with the tests' own programs."""
    lines = (ROOT / "README.md").read_text().splitlines()
    [line] = [line for line in lines if line.startswith("$ ") and words in line]
    return line.removeprefix("$ ").replace(".venv/bin", str(Path(sys.executable).parent))


def test_what_is_wrong_with_a_token_is_told_in_one_line(running: Run) -> None:
    words = ("token", "--subject", "maria")
    misspelt = carafe(running.checkout, *words, "--scope", "orders:raed")
    refused = carafe(running.checkout, *words, "--scope", "orders:read\n")
    away = carafe(running.checkout, *words, TOKEN_ISSUER="http://127.0.0.1:1")
    for done in (refused, away):
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("error: TOKEN_ISSUER gave no token")
        assert len(done.stderr.strip().splitlines()) == 1
    assert (misspelt.returncode, misspelt.stdout.count(".")) == (0, 2)
    assert " has no scope orders:raed; it has catalogue:write, operations, " in misspelt.stderr


def test_a_killed_function_process_is_started_again(running: Run) -> None:
    pid_file = running.checkout / ".local" / "bridge" / "server.pid"
    before = int(pid_file.read_text())
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: int(pid_file.read_text() or before) != before)
    done = carafe(running.checkout, "demo")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_in_memory_bus_is_chosen_by_the_environment_alone(in_memory: Path) -> None:
    printed = output_of(in_memory)
    assert "ordering.order.placed.v1" in printed
    assert "RabbitMQ" not in printed
    assert "EVENT_BUS_TYPE=base: nothing comes to the inbox" in printed


def test_demo_says_where_the_in_memory_bus_lives(in_memory: Path) -> None:
    done = carafe(in_memory, "demo")
    assert done.returncode == 1
    assert "the bus lives inside `make run`" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_changed_code_is_loaded_without_a_gap_and_broken_code_is_not(
    checkout: Path, given: Mapping[str, str]
) -> None:
    declaration = checkout / "chalicelib/infrastructure/bootstrap.py"
    text = declaration.read_text()
    with serving(checkout, **given):
        url = f"http://127.0.0.1:{addresses(checkout)['PORT']}/openapi.json"

        def version() -> str:
            """Return the version that the API says it has; it answers also while it is replaced."""
            answer = urllib3.request("GET", url, retries=False)
            return str(answer.json()["info"]["version"])

        number = version()
        declaration.write_text(text + "def (")
        broken = "the old one still runs: chalicelib/infrastructure/bootstrap.py, line "
        wait_until(lambda: broken in output_of(checkout), 30)
        assert version() == number
        declaration.write_text(text.replace(f'"{number}"', '"9.9.9"'))
        wait_until(lambda: version() == "9.9.9", 30)
        wait_until(lambda: "the new code runs" in output_of(checkout), 30)
        assert version() == "9.9.9"
        config = checkout / ".chalice/config.json"
        config.rename(aside := checkout / "config.json")  # nothing but the API's process reads it
        declaration.write_text(text)
        wait_until(lambda: "the new code does not run: API ended" in output_of(checkout), 30)
        with pytest.raises(urllib3.exceptions.HTTPError, match="refused"):
            version()
        declaration.write_text(text + "def (")
        wait_until(lambda: "nothing runs: chalicelib" in output_of(checkout), 30)
        with pytest.raises(urllib3.exceptions.HTTPError, match="refused"):
            version()
        aside.rename(config)
        declaration.write_text(text.replace(f'"{number}"', '"9.9.10"'))
        wait_until(lambda: output_of(checkout).count("the new code runs") > 1, 30)
        assert version() == "9.9.10"


def test_a_service_whose_examples_do_not_suffice_is_served_all_the_same(
    checkout: Path, given: Mapping[str, str]
) -> None:
    """Its first command needs an aggregate that no example makes, and it has no demo yet."""
    (checkout / "local/demo.py").unlink()
    wiring = checkout / "chalicelib/api/wiring.py"
    ours = "(*products.operations, *orders.operations)"
    assert ours in wiring.read_text()
    wiring.write_text(wiring.read_text().replace(ours, "(*orders.operations,)"))
    settings = {**given, "EVENT_BUS_TYPE": "base"}  # without a process for each function
    with serving(checkout, **settings):
        [line] = [each for each in output_of(checkout).splitlines() if "local/demo.py" in each]
        assert "the example of PlaceOrder is refused: POST /orders answered 4" in line
        port = addresses(checkout)["PORT"]
        assert urllib3.request("GET", f"http://127.0.0.1:{port}/health").status == 200
    once = up(checkout, "--once", **settings)
    assert once.returncode == 1
    [line] = once.stderr.splitlines()
    assert line.startswith("error: the example of PlaceOrder is refused: ")
    assert line.endswith("local/demo.py")


def test_ctrl_c_while_it_serves_ends_everything(checkout: Path, given: Mapping[str, str]) -> None:
    with serving(checkout, **given, EVENT_BUS_TYPE="base") as child:
        pass
    assert child.returncode == 130
    assert processes_of(checkout) == []
