"""The clinic's service, with a database of its own."""

import json
import re
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

from carafe.development.discovery.names import snake
from tests.support.commands import output_of
from tests.support.places import FOUNDATION
from tests.support.scaffolding import Service, rewritten_files

from . import scripts
from .by_hand import change_by_hand

MODEL = FOUNDATION / "tests/data/clinic.yaml"

Documents = Mapping[str, Mapping[str, Mapping[str, str]]]
"""Attributes of what is stored, by collection and id."""

# On the first day, nobody has asked yet whose the waiting list is.
SHARED = "    description: A patient who wants an earlier time.\n    shared: true\n"
OWNED = SHARED.replace("shared: true", "owner: patient_id")

_VERSION = re.compile(r'(    collection="\w+",\n)(?:    version=(\d+),\n)?')


class Clinic(Service):
    """The clinic's service; its commands work on a database of its own.

    Args:
        folder: where it lies.
        servers: addresses of servers.
    """

    def __init__(self, folder: Path, servers: Mapping[str, str]) -> None:
        super().__init__(folder, json.dumps(dict(servers)))
        name = f"clinic-{secrets.token_hex(4)}"
        self._settings = {
            **servers,
            "SERVICE_NAME": name,
            "MONGO_DATABASE": name,
            "NUDGE_QUEUE_URL": f"{servers['AWS_ENDPOINT_URL']}/nobody/listens",
            "COMMAND_QUEUE_URL": f"{servers['AWS_ENDPOINT_URL']}/nobody/listens",
        }
        self._by_hand: dict[str, list[str]] = {}

    @classmethod
    def new(cls, folder: Path, servers: Mapping[str, str]) -> "Clinic":
        """Make it with `carafe new`."""
        options = ("--name", "Clinic", "--context", "clinic", "--port", "8123", "--yes")
        output_of(folder.parent, sys.executable, "-m", "carafe", "new", str(folder), *options)
        return cls(folder, servers)

    def scaffold_all(self) -> None:
        """Scaffold it from the clinic's model."""
        model = MODEL.read_text()
        assert model.count(OWNED) == 1
        (self.folder / "model.yaml").write_text(model.replace(OWNED, SHARED))
        self.run("carafe", "scaffold")
        self.commit()

    def change_by_hand(self) -> None:
        """Change every kind of file by hand."""
        before = self.code()
        change_by_hand(self.folder)
        for path, text in self.code().items():
            known = before.get(path, "").splitlines()
            self._by_hand[path] = [each for each in text.splitlines() if each not in known]

    def run_every_test(self) -> None:
        """Run all tests of the service, on servers of its own.

        They declare queues that nobody deletes: some ten runs would be too many for one broker.
        """
        command = (sys.executable, "-m", "pytest", "-q", "--numprocesses", "2")
        output_of(self.folder, *command, TEST_SERVERS="{}")

    def scaffold(self, *words: str) -> str:
        """Scaffold, and return what is said; everything that was written by hand stays."""
        output = self.run("carafe", "scaffold", *words)
        assert "left as it is" not in output, output
        code = self.code()
        for path, lines in self._by_hand.items():
            lost = [each for each in lines if each not in code[path].splitlines()]
            assert lost == [], f"{path} lost {lost}"
        return output

    def grow(self, *edits: tuple[str, str]) -> str:
        """Change the model, and scaffold, which only adds; return what is said."""
        before = self.code()
        self.edit("model.yaml", *edits)
        output = self.scaffold()
        after = self.code()
        rewritten = rewritten_files(before, {path: after[path] for path in before})
        assert rewritten == [], rewritten
        return output

    def shrink(self, *edits: tuple[str, str]) -> str:
        """Take something out of the model, and out of the code once it was named."""
        before = self.code()
        self.edit("model.yaml", *edits)
        refusal = self.run("carafe", "scaffold", expected=1)
        assert "the model no longer has what was generated from it before" in refusal
        assert self.code() == before
        return refusal + self.scaffold("--remove")

    def raise_version(self, name: str, *decisions: tuple[str, str]) -> None:
        """Raise the version of an aggregate's form, and decide what its upcaster left open."""
        path = self.folder / f"chalicelib/domain/{snake(name)}.py"
        path.write_text(_VERSION.sub(_with_next_version, path.read_text(), count=1))
        self.run("carafe", "scaffold", "upcaster", name)
        self.edit(f"chalicelib/infrastructure/repositories/{snake(name)}_repository.py", *decisions)

    def store(self) -> None:
        """Store documents with the present code."""
        self.on_database("-m", "carafe", "database", "apply")
        self.on_database("-c", scripts.STORE)

    def documents(self) -> Documents:
        """Return what is stored, as the present code reads it."""
        documents: Documents = json.loads(self.on_database("-c", scripts.READ))
        return documents

    def deploy(self) -> None:
        """Take the steps of a deployment, as `carafe page stored-forms` has them."""
        self.run("carafe", "contracts", "check")
        self.run("carafe", "database", "check")
        self.on_database("-m", "carafe", "database", "apply")
        read = self.documents()
        self.on_database("-m", "carafe", "database", "migrate")
        assert self.documents() == read
        assert "Nothing differs." in self.on_database("-m", "carafe", "database", "plan")
        self.release()

    def release(self) -> None:
        """Release what is there, and commit it."""
        self.run("carafe", "database", "release")
        self.run("carafe", "contracts", "release")
        self.commit()

    def on_database(self, *words: str) -> str:
        """Run Python in the tree, on the service's own database, and return its output."""
        return output_of(self.folder, sys.executable, *words, expected=0, **self._settings)


def _with_next_version(schema: re.Match[str]) -> str:
    return f"{schema[1]}    version={int(schema[2] or 1) + 1},\n"


def changed(documents: Documents, collection: str, **values: str | None) -> Documents:
    """Return documents with other values in one collection; None takes one out."""
    return {
        **documents,
        collection: {
            key: {name: value for name, value in {**each, **values}.items() if value is not None}
            for key, each in documents[collection].items()
        },
    }
