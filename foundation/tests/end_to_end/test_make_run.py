"""What a person types, on a copy of the checkout: the first order, and a clean end."""

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import urllib3

from carafe.development.servers.ports import choose_port
from carafe.testing.processes import wait_until
from tests.support.checkout import (
    addresses,
    carafe,
    interrupted_at,
    output_of,
    processes_of,
    serving,
    up,
)
from tests.support.commands import environment
from tests.support.places import ROOT


def signed_in(checkout: Path, **settings: str) -> dict[str, str]:
    """Return the headers of maria, with a token from `carafe token`."""
    done = carafe(checkout, "token", "--subject", "maria", **settings)
    assert done.returncode == 0, done.stderr
    return {"Authorization": f"Bearer {done.stdout.strip()}"}


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
        headers = signed_in(checkout)
        page = urllib3.request("GET", f"http://127.0.0.1:{port}/orders", headers=headers)
        assert len(page.json()["items"]) == 1
        assert urllib3.request("GET", f"http://127.0.0.1:{port}/orders").status == 401
        second = up(checkout, "--once")
        assert second.returncode == 1
        assert str(child.pid) in second.stderr
        assert len(second.stderr.strip().splitlines()) == 1
    assert child.returncode == 130
    assert processes_of(checkout) == []


def test_changed_code_is_loaded_and_broken_code_is_not(
    checkout: Path, given: Mapping[str, str]
) -> None:
    declaration = checkout / "chalicelib/infrastructure/bootstrap.py"
    text = declaration.read_text()
    with serving(checkout, **given):
        port = addresses(checkout)["PORT"]

        def version() -> str:
            """Return the version that the API says it has; empty while it restarts."""
            try:
                answer = urllib3.request(
                    "GET", f"http://127.0.0.1:{port}/openapi.json", retries=False
                )
            except urllib3.exceptions.HTTPError:
                return ""
            return str(answer.json()["info"]["version"])

        number = version()
        declaration.write_text(text.replace(f'"{number}"', '"9.9.9"'))
        wait_until(lambda: version() == "9.9.9", 30)
        wait_until(lambda: "the new code runs" in output_of(checkout), 30)
        declaration.write_text(text + "def (")
        broken = "the old one still runs: chalicelib/infrastructure/bootstrap.py, line "
        wait_until(lambda: broken in output_of(checkout), 30)
        assert version() == "9.9.9"
        declaration.write_text(text)
        wait_until(lambda: version() == number, 30)


def test_a_service_whose_examples_do_not_suffice_is_served_all_the_same(
    checkout: Path, given: Mapping[str, str]
) -> None:
    """Its first command needs an aggregate that no example makes, and it has no demo yet."""
    (checkout / "local/demo.py").unlink()
    wiring = checkout / "chalicelib/api/wiring.py"
    ours = "(*products.operations, *orders.operations)"
    assert ours in wiring.read_text()
    wiring.write_text(wiring.read_text().replace(ours, "(*orders.operations,)"))
    with serving(checkout, **given):
        [line] = [each for each in output_of(checkout).splitlines() if "local/demo.py" in each]
        assert "the example of PlaceOrder is refused: POST /orders answered 4" in line
        port = addresses(checkout)["PORT"]
        assert urllib3.request("GET", f"http://127.0.0.1:{port}/health").status == 200
    once = up(checkout, "--once", **given)
    assert once.returncode == 1
    [line] = once.stderr.splitlines()
    assert line.startswith("error: the example of PlaceOrder is refused: ")
    assert line.endswith("local/demo.py")


def test_plain_chalice_local_works_beside_it(checkout: Path) -> None:
    port = str(choose_port())
    typed = readme_line("chalice local").replace("8001", port)
    with serving(checkout):
        local = subprocess.Popen(
            shlex.split(typed, comments=True),
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
                headers=signed_in(checkout),
                retries=urllib3.Retry(connect=50, backoff_factor=0.1, backoff_max=0.2),
            )
            assert page.status == 200
            assert len(page.json()["items"]) == 1
        finally:
            local.terminate()
            local.wait(20)


def readme_line(words: str) -> str:
    """Return the command of the README that has these words, with the tests' own programs."""
    lines = (ROOT / "README.md").read_text().splitlines()
    [line] = [line for line in lines if line.startswith("$ ") and words in line]
    return line.removeprefix("$ ").replace(".venv/bin", str(Path(sys.executable).parent))


def test_what_is_wrong_with_a_token_is_told_in_one_line(
    checkout: Path, given: Mapping[str, str]
) -> None:
    with serving(checkout, **given):
        misspelt = carafe(checkout, "token", "--subject", "m", "--scope", "orders:raed", **given)
        scope = ("--scope", "orders:read\n")
        refused = carafe(checkout, "token", "--subject", "maria", *scope, **given)
        nowhere = {**given, "TOKEN_ISSUER": "http://127.0.0.1:1"}
        away = carafe(checkout, "token", "--subject", "maria", **nowhere)
    for done in (refused, away):
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("error: TOKEN_ISSUER gave no token")
        assert len(done.stderr.strip().splitlines()) == 1
    assert (misspelt.returncode, misspelt.stdout.count(".")) == (0, 2)
    assert " has no scope orders:raed; it has catalogue:write, operations, " in misspelt.stderr


def test_commands_without_servers_name_make_run(checkout: Path) -> None:
    before = carafe(checkout, "outbox", "status")
    assert before.returncode == 1
    assert "MONGO_URI is missing" in before.stderr
    assert before.stderr.endswith("`make run` starts what is missing, and writes it to .env.\n")
    assert up(checkout, "--once").returncode == 0
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # the servers of another test may have these ports by now
        here = f"127.0.0.1:{nobody.getsockname()[1]}"
        file = checkout / ".env"
        file.write_text(re.sub(r"127\.0\.0\.1:\d+", here, file.read_text()))
        for words in (("token", "--subject", "maria"), ("outbox", "status"), ("bus", "check")):
            after = carafe(checkout, *words)
            assert after.returncode == 1
            assert after.stderr.endswith(": is `make run` running?\n")
        assert len(after.stderr.splitlines()) == 1


def test_a_killed_run_leaves_nothing_in_the_way(checkout: Path) -> None:
    with serving(checkout) as child:
        child.kill()
        child.wait(10)
    wait_until(lambda: processes_of(checkout) == [])
    done = up(checkout, "--once")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_killed_function_process_is_started_again(
    checkout: Path, given: Mapping[str, str]
) -> None:
    with serving(checkout, **given):
        pid_file = checkout / ".local" / "bridge" / "server.pid"
        before = int(pid_file.read_text())
        os.kill(before, signal.SIGKILL)
        wait_until(lambda: int(pid_file.read_text() or before) != before)
        done = carafe(checkout, "demo", **given)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_in_memory_bus_is_chosen_by_the_environment_alone(checkout: Path) -> None:
    done = up(checkout, "--once", EVENT_BUS_TYPE="base")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ordering.order.placed.v1" in done.stdout
    assert "RabbitMQ" not in done.stdout
    assert "EVENT_BUS_TYPE=base: nothing comes to the inbox" in done.stdout


def test_an_interrupted_start_ends_at_once_and_leaves_nothing(checkout: Path) -> None:
    for sign in ("MongoDB    starting", "API        ready"):
        with interrupted_at(checkout, sign) as child:
            pass
        output = output_of(checkout)
        assert child.returncode == 130, output
        assert "Carafe     stopping" in output
        assert "Traceback" not in output
        assert processes_of(checkout) == []


def test_pressing_ctrl_c_again_and_again_disturbs_nothing(checkout: Path) -> None:
    with interrupted_at(checkout, "API        ready") as child:
        wait_until(lambda: "stopping" in output_of(checkout))

        def ended() -> bool:
            child.send_signal(signal.SIGINT)
            return child.poll() is not None

        wait_until(ended)
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
    checkout: Path,
) -> None:
    make = ["make", "--assume-old=install", f"BIN={Path(sys.executable).parent}"]
    with serving(checkout, [*make, "run"]) as child:
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
