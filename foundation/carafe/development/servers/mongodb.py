"""A local MongoDB: a replica set of one."""

import json
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import OperationFailure, PyMongoError

from .mongod import find_mongod, library_environment
from .ports import choose_port
from .probes import PROBE_SECONDS
from .process import Report, ServerProcess, no_report

REPLICA_SET = "rs0"
START_SECONDS = 60.0
NOT_YET_INITIALIZED = 94

# Three journal files of 100 MB are set aside at the start otherwise, for each server of each test.
SMALL_JOURNAL = "log=(prealloc=false,file_max=32MB)"


class MongoServer:
    """A mongod on 127.0.0.1, with its data in the folder.

    Args:
        folder: its own; kept between starts.
        port: the preferred one; if it is not free, another one is used.
        test_commands: allow failpoints, and drop databases at once.
        cache_gigabytes: the size of its cache. By default, it would use half of the memory.
    """

    name = "MongoDB"

    def __init__(
        self,
        folder: Path,
        port: int | None = None,
        *,
        test_commands: bool = False,
        cache_gigabytes: float = 0.25,
    ) -> None:
        self.process = ServerProcess(self.name, folder, find_reason)
        self.port = choose_port(port)
        self._test_commands = test_commands
        self._cache_gigabytes = cache_gigabytes

    @property
    def uri(self) -> str:
        """The address for clients."""
        return f"mongodb://127.0.0.1:{self.port}/?replicaSet={REPLICA_SET}"

    def start(self, report: Report = no_report) -> None:
        """Start, and wait until it accepts writes.

        Args:
            report: called if a library must be fetched.

        Raises:
            MissingPart: there is no mongod that runs here.
            ServerFailed: it ended, or was not ready in time.
        """
        program = find_mongod()
        environment = library_environment(program, report, self.process.cancelled)
        data = self.process.folder / "data"
        data.mkdir(exist_ok=True)
        self.process.start([str(program), *self._options(data)], environment)
        self.process.wait_until_ready(self._is_ready, START_SECONDS)

    def stop(self) -> None:
        """Shut it down cleanly."""
        self.process.stop()

    def kill(self) -> None:
        """Kill it, as a crash would; `start` brings it back with its data."""
        self.process.kill()

    def _options(self, data: Path) -> list[str]:
        options = ["--dbpath", str(data), "--replSet", REPLICA_SET, "--quiet"]
        options += ["--bind_ip", "127.0.0.1", "--port", str(self.port), "--nounixsocket"]
        options += ["--wiredTigerCacheSizeGB", str(self._cache_gigabytes)]
        options += ["--oplogSize", "256"]  # megabytes; the default is 5 % of the disk
        options += ["--wiredTigerEngineConfigString", SMALL_JOURNAL]
        options += ["--setParameter", "diagnosticDataCollectionEnabled=false"]
        if self._test_commands:
            options += ["--setParameter", "enableTestCommands=1"]
            # What is dropped waits so long for a majority to have that in its journals: 100 ms,
            # unless something else is said. Shorter ones keep an idle server busy (10 ms: 1.5 %,
            # 30 ms: 0.5 %).
            options += ["--journalCommitInterval", "30"]  # milliseconds
        return options

    def _is_ready(self) -> bool:
        if not self.process.is_listening_on(self.port):
            return False
        try:
            with mongo_client(f"mongodb://127.0.0.1:{self.port}/?directConnection=true") as client:
                if client.admin.command("hello").get("isWritablePrimary"):
                    return True
                self._configure(client.admin)
        except PyMongoError:  # not ready yet
            pass
        return False

    def _configure(self, admin: Database[dict[str, Any]]) -> None:
        """Make this address the replica set's only member; an earlier run may have had another."""
        members = [{"_id": 0, "host": f"127.0.0.1:{self.port}"}]
        try:
            config = admin.command("replSetGetConfig")["config"]
        except OperationFailure as failure:
            if failure.code == NOT_YET_INITIALIZED:
                admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
            return
        if [member["host"] for member in config["members"]] != [members[0]["host"]]:
            # Forced: otherwise only a member of the configuration may change it.
            changed = config | {"members": members, "version": config["version"] + 1}
            admin.command("replSetReconfig", changed, force=True)


def mongo_client(uri: str) -> MongoClient[dict[str, Any]]:
    """Return a client that gives up after a few seconds."""
    milliseconds = int(PROBE_SECONDS * 1000)
    return MongoClient(uri, serverSelectionTimeoutMS=milliseconds, connectTimeoutMS=milliseconds)


def is_mongodb_reachable(uri: str) -> bool:
    """Return whether a MongoDB answers and accepts the credentials in its address, if any."""
    try:
        with mongo_client(uri) as client:
            client.admin.command("ping")
    except (PyMongoError, ValueError):
        return False
    return True


def find_reason(line: str) -> str | None:
    """Return the message of a log line of severity error or fatal; None for other lines."""
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    if not isinstance(entry, dict) or entry.get("s") not in {"E", "F"}:
        return None
    error = entry.get("attr", {}).get("error", "")
    return f"{entry.get('msg')} {error.get('errmsg', '') if isinstance(error, dict) else error}"
