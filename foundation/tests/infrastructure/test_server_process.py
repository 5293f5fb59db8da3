"""A server as a child process: it starts, it ends in time, and nobody else is touched."""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from carafe.development.servers import child
from carafe.development.servers.errors import ServerFailed
from carafe.development.servers.orphans import FOLDER_VARIABLE
from carafe.development.servers.ports import choose_port
from carafe.development.servers.process import ServerProcess
from carafe.testing.processes import wait_until

SLEEP = [sys.executable, "-c", "import time; print('awake', flush=True); time.sleep(600)"]
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True)"

STARTS_ONE_AND_SLEEPS = f"""
import pathlib, sys, time
from carafe.development.servers.process import ServerProcess
server = ServerProcess("Sleeper", pathlib.Path(sys.argv[1]))
server.start({SLEEP}, {{}})
server.wait_until_ready(lambda: "awake" in server.log.read_text(), 10)
print(server.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    one = ServerProcess("Sleeper", tmp_path / "sleeper")
    yield one
    one.kill()


@pytest.fixture
def other_process() -> Iterator["subprocess.Popen[bytes]"]:
    """A process that is none of ours."""
    with subprocess.Popen(SLEEP, env={FOLDER_VARIABLE: "/another/checkout"}) as one:
        yield one
        one.kill()


def wake(server: ServerProcess) -> None:
    """Start a server, and wait until its program runs."""
    server.start(SLEEP, {})
    server.wait_until_ready(lambda: "awake" in server.log.read_text(), 10)


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_it_runs_in_a_session_of_its_own_and_stops(server: ServerProcess) -> None:
    server.start(SLEEP, {})
    pid = server.pid
    assert pid is not None
    assert os.getsid(pid) == pid
    server.stop()
    assert server.pid is None
    assert not is_alive(pid)


def test_one_that_ignores_the_request_is_ended(server: ServerProcess) -> None:
    server.start([sys.executable, "-c", f"{STUBBORN}; import time; time.sleep(600)"], {})
    pid = server.pid
    assert pid is not None
    server.wait_until_ready(lambda: "deaf" in server.log.read_text(), 10)
    server.stop(grace_seconds=0.1)
    assert not is_alive(pid)


def test_each_start_begins_its_log_anew(server: ServerProcess) -> None:
    wake(server)
    server.stop()
    server.start(["true"], {})
    assert server.log.read_text() == ""


SUCCESSOR = """
import os, sys, time
print("loaded", flush=True)
sys.stdin.read()
print("beside" if os.path.exists(f"/proc/{sys.argv[1]}") else "alone", flush=True)
time.sleep(600)
"""


def test_a_successor_takes_its_place_when_it_is_told_to(server: ServerProcess) -> None:
    wake(server)
    first = server.pid
    assert first is not None
    log = server.folder / "successor.log"
    server.start_successor(["false"], {"PATH": os.defpath})
    server.start_successor([sys.executable, "-c", SUCCESSOR, str(first)], {})
    wait_until(lambda: log.read_text() == "loaded\n")
    assert server.pid == first
    assert is_alive(first)
    assert server.output() == "awake\n"
    server.succeed()
    assert not is_alive(first)
    assert server.pid not in {None, first}
    assert (server.folder / "server.pid").read_text() == str(server.pid)
    server.wait_until_ready(lambda: server.output() == "loaded\nalone\n", 10)
    assert (server.folder / "previous.log").read_text() == "awake\n"


def test_a_successor_may_come_after_a_process_that_has_ended(server: ServerProcess) -> None:
    assert server.output() == ""
    server.start_successor(SLEEP, {})
    server.succeed()
    server.wait_until_ready(lambda: server.output() == "awake\n", 10)


def test_why_a_successor_fails_is_what_it_says_itself(server: ServerProcess) -> None:
    taken = "print('address already in use', flush=True); import time; time.sleep(600)"
    server.start([sys.executable, "-c", taken], {})
    server.start_successor([sys.executable, "-c", "raise SystemExit('no room')"], {})
    server.wait_until_ready(lambda: "address" in server.output(), 10)
    server.succeed()
    with pytest.raises(ServerFailed, match="no room") as failure:
        server.wait_until_ready(lambda: False, 10)
    assert type(failure.value) is ServerFailed


def test_it_and_its_successor_get_what_is_passed_to_them(tmp_path: Path) -> None:
    with tempfile.TemporaryFile() as file:
        number = file.fileno()
        write = [sys.executable, "-c", f"import os; os.write({number}, b'here')"]
        server = ServerProcess("writer", tmp_path, pass_fds=[number])
        server.start(write, {})
        server.start_successor(write, {})
        wait_until(lambda: os.pread(number, 9, 0) == b"herehere")
        server.stop()


@pytest.mark.parametrize("end", [ServerProcess.stop, ServerProcess.kill])
def test_a_successor_that_is_not_wanted_ends(
    server: ServerProcess, end: Callable[[ServerProcess], None]
) -> None:
    wake(server)
    first = server.pid
    server.start_successor([*SLEEP, "successor"], {})
    server.dismiss_successor()
    assert server.pid == first
    server.start_successor([*SLEEP, "successor"], {})
    end(server)
    assert server.pid is None
    assert _running("successor", server.folder) == []


def _running(word: str, folder: Path) -> list[str]:
    """Return the processes with a word in their command and a folder in their environment."""
    found = []
    for each in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            is_meant = word in (each / "cmdline").read_text().split("\0")
            if is_meant and str(folder).encode() in (each / "environ").read_bytes():
                found.append(each.name)
    return found


def test_it_outlives_the_thread_that_started_it(server: ServerProcess) -> None:
    starter = threading.Thread(target=wake, args=(server,))
    starter.start()
    starter.join()
    with pytest.raises(ServerFailed, match="not ready"):  # and did not end meanwhile
        server.wait_until_ready(lambda: False, 0.5)


def test_it_ends_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", STARTS_ONE_AND_SLEEPS, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert is_alive(pid)
        parent.kill()
    wait_until(lambda: not is_alive(pid), 5)


def test_it_does_not_begin_when_the_parent_is_gone_already(tmp_path: Path) -> None:
    marker = tmp_path / "start"
    other_pid = str(os.getpid() + 1)
    subprocess.run([sys.executable, child.__file__, other_pid, "touch", marker], check=True)
    assert not marker.exists()


def test_one_that_ends_while_it_starts_is_told_at_once_in_one_line(server: ServerProcess) -> None:
    start = time.monotonic()
    server.start([sys.executable, "-c", "raise SystemExit('no room\\n')"], {})
    with pytest.raises(ServerFailed) as error:
        server.wait_until_ready(lambda: False, 60)
    assert str(error.value) == (
        f"Sleeper ended while it started (exit code 1): no room (log: {server.log})"
    )
    assert time.monotonic() - start < 5


def test_a_stranger_that_answers_in_its_place_does_not_count(server: ServerProcess) -> None:
    server.start(["false"], {"PATH": os.defpath})
    wait_until(lambda: server.pid is None)
    with pytest.raises(ServerFailed, match="ended"):
        server.wait_until_ready(lambda: True, 5)


def test_it_is_told_whether_the_server_itself_holds_a_port(server: ServerProcess) -> None:
    port = choose_port()
    listen = f"import socket, time; s = socket.create_server(('127.0.0.1', {port}))"
    with socket.create_server(("127.0.0.1", 0)) as other_socket:
        server.start([sys.executable, "-c", f"{listen}; time.sleep(600)"], {})
        server.wait_until_ready(lambda: server.is_listening_on(port), 10)
        assert not server.is_listening_on(other_socket.getsockname()[1])
    server.stop()
    assert not server.is_listening_on(port)


def test_one_that_is_abandoned_while_it_starts_ends(server: ServerProcess) -> None:
    wake(server)
    pid = server.pid
    assert pid is not None
    server.cancelled.set()
    with pytest.raises(ServerFailed, match="was cancelled"):
        server.wait_until_ready(lambda: False, 60)
    assert not is_alive(pid)


def test_a_missing_program_is_named(server: ServerProcess) -> None:
    server.start(["/no/such/program"], {})
    with pytest.raises(ServerFailed, match="/no/such/program: No such file"):
        server.wait_until_ready(lambda: False, 5)


def test_a_leftover_of_this_folder_is_ended_before_a_new_start(server: ServerProcess) -> None:
    wake(server)
    pid = server.pid
    assert pid is not None
    ServerProcess("Sleeper", server.folder)
    assert not is_alive(pid)


def test_a_process_that_got_a_leftovers_number_is_not_touched(
    server: ServerProcess, other_process: "subprocess.Popen[bytes]"
) -> None:
    (server.folder / "server.pid").write_text(str(other_process.pid))
    ServerProcess("Sleeper", server.folder)
    with pytest.raises(subprocess.TimeoutExpired):
        other_process.wait(0.5)


@pytest.mark.parametrize("content", ["", "0", "-1", "nonsense", "99999999"])
def test_a_broken_pid_file_is_no_obstacle(server: ServerProcess, content: str) -> None:
    (server.folder / "server.pid").write_text(content)
    ServerProcess("Sleeper", server.folder)


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0"])  # noqa: S104 - another's server
def test_a_port_that_is_taken_is_stepped_around(address: str) -> None:
    with socket.create_server((address, 0)) as other:
        port = other.getsockname()[1]
        assert choose_port(port) != port
    assert choose_port(port) == port


def test_ports_that_are_chosen_together_differ() -> None:
    assert len({choose_port() for _ in range(200)}) == 200
