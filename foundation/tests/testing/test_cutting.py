"""The processes that a loop kills are forks of one: they share what it loaded, and nothing open."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from carafe.testing.cutting import killed_at_every_step
from tests.support.places import ROOT

LIST_WHAT_FORKS_SHARE = """
import gc, json, os, sys, threading
from carafe.testing import cut_forks

cut_forks.load()
import pika, pymongo

clients = (pika.BlockingConnection, pymongo.MongoClient)
paths = [f"/proc/self/fd/{each}" for each in os.listdir("/proc/self/fd")]
opened = [os.readlink(each) for each in paths if os.path.exists(each)]
print(json.dumps({
    "threads": threading.active_count(),
    "clients": [repr(each) for each in gc.get_objects() if isinstance(each, clients)],
    "sockets": [each for each in opened if each.startswith("socket:")],
    "modules": sorted({"chalicelib.api.wiring", "pymongo", "pika"} & {*sys.modules}),
}))
"""


def test_nothing_is_open_when_the_service_is_loaded() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIST_WHAT_FORKS_SHARE],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    loaded = json.loads(done.stdout)
    assert loaded.pop("modules") == ["chalicelib.api.wiring", "pika", "pymongo"]
    assert loaded == {"threads": 1, "clients": [], "sockets": []}


def test_a_work_that_fails_says_why() -> None:
    with pytest.raises(AssertionError, match="takes 3 positional arguments but 4 were given"):
        list(killed_at_every_step("bridge", lambda: ["orders", "id", "too many"], {}))


def test_a_service_that_cannot_be_loaded_is_named(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(AssertionError, match="cannot be loaded"):
        list(killed_at_every_step("sweep", list, {}, folder=tmp_path))
    assert "no service's folder" in capfd.readouterr().err
