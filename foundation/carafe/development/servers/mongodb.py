"""A MongoDB of our own: a replica set of one."""

import json
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import OperationFailure, PyMongoError

from .mongod import find_mongod, working_environment
from .ports import choose_port
from .probes import PROBE_SECONDS
from .process import ServerProcess, Tell, silent

REPLICA_SET = "rs0"
START_SECONDS = 60.0
NOT_YET_INITIALIZED = 94


class MongoServer:
    """A mongod of our own on 127.0.0.1, with its data in the folder.

    Args:
        folder: its own; kept from one start to the next.
        port: the preferred one; another is taken if it is not free.
        test_commands: allow failpoints.
        cache_gigabytes: what it keeps of its data in memory. Left alone it takes half of that.
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
        self.process = ServerProcess(self.name, folder, explain)
        self.port = choose_port(port)
        self._test_commands = test_commands
        self._cache_gigabytes = cache_gigabytes

    @property
    def uri(self) -> str:
        """Where clients find it."""
        return f"mongodb://127.0.0.1:{self.port}/?replicaSet={REPLICA_SET}"

    def start(self, tell: Tell = silent) -> None:
        """Start, and wait until it accepts writes.

        Args:
            tell: told when something must be fetched first.

        Raises:
            MissingPart: there is no mongod that runs here.
            ServerFailed: it ended, or was not ready in time.
        """
        program = find_mongod()
        environment = working_environment(program, tell, self.process.abandoned)
        data = self.process.folder / "data"
        data.mkdir(exist_ok=True)
        self.process.start([str(program), *self._options(data)], environment)
        self.process.wait_until_ready(self._is_ready, START_SECONDS)

    def stop(self) -> None:
        """Shut down in order."""
        self.process.stop()

    def kill(self) -> None:
        """End it as a crash would; `start` brings it back with its data."""
        self.process.kill()

    def _options(self, data: Path) -> list[str]:
        options = ["--dbpath", str(data), "--replSet", REPLICA_SET, "--quiet"]
        options += ["--bind_ip", "127.0.0.1", "--port", str(self.port), "--nounixsocket"]
        options += ["--wiredTigerCacheSizeGB", str(self._cache_gigabytes)]
        options += ["--oplogSize", "256"]  # megabytes; left alone, 5 % of the disk
        options += ["--setParameter", "diagnosticDataCollectionEnabled=false"]
        if self._test_commands:
            options += ["--setParameter", "enableTestCommands=1"]
        return options

    def _is_ready(self) -> bool:
        if not self.process.listens(self.port):
            return False
        try:
            with mongo_client(f"mongodb://127.0.0.1:{self.port}/?directConnection=true") as client:
                if client.admin.command("hello").get("isWritablePrimary"):
                    return True
                self._configure(client.admin)
        except PyMongoError:  # not yet: it asks again
            pass
        return False

    def _configure(self, admin: Database[dict[str, Any]]) -> None:
        """Make this address the replica set's only member, whatever it was before."""
        members = [{"_id": 0, "host": f"127.0.0.1:{self.port}"}]
        try:
            config = admin.command("replSetGetConfig")["config"]
        except OperationFailure as failure:
            if failure.code == NOT_YET_INITIALIZED:
                admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
            return
        if [member["host"] for member in config["members"]] != [members[0]["host"]]:
            # Forced: who is not in the configuration may not change it otherwise.
            changed = config | {"members": members, "version": config["version"] + 1}
            admin.command("replSetReconfig", changed, force=True)


def mongo_client(uri: str) -> MongoClient[dict[str, Any]]:
    """Open a client that gives up after seconds."""
    milliseconds = int(PROBE_SECONDS * 1000)
    return MongoClient(uri, serverSelectionTimeoutMS=milliseconds, connectTimeoutMS=milliseconds)


def mongodb_answers(uri: str) -> bool:
    """Say whether a MongoDB is there and accepts the credentials, if there are some."""
    try:
        with mongo_client(uri) as client:
            client.admin.command("ping")
    except (PyMongoError, ValueError):
        return False
    return True


def explain(line: str) -> str | None:
    """Take the reason from a log line of severity error or fatal."""
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    if not isinstance(entry, dict) or entry.get("s") not in {"E", "F"}:
        return None
    error = entry.get("attr", {}).get("error", "")
    return f"{entry.get('msg')} {error.get('errmsg', '') if isinstance(error, dict) else error}"
