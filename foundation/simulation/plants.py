"""Planted bugs: safeguards taken out of the package's code while it is imported.

Most are those that the reliability tests take out too; the others are subtler ones of our own.
"""

import importlib.abc
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType

from tests.support.safeguards import SAFEGUARDS

REMOVAL = "infrastructure/database/mongo/outbox_removal.py"


@dataclass(frozen=True, slots=True)
class Plant:
    """A bug.

    Attributes:
        name: for `make simulate PLANT=NAME`.
        file: where it is planted, in the package.
        text: the code that is replaced.
        without: what stands there instead.
    """

    name: str
    file: str
    text: str
    without: str

    @property
    def module(self) -> str:
        """The name of the module in which it is planted."""
        return "carafe." + self.file.removesuffix(".py").replace("/", ".")


_SAFEGUARDS = {
    "version": "the version match of every write",
    "handled": "the id of a handled command in the aggregate's own commit",
    "removal": "removal by id",
    "majority-reads": "reads of what a majority has",
    "majority-writes": "commits that a majority has",
    "tombstone": "a tombstone that stays until it is drained",
    "hold-back": "the hold-back after a nack",
    "waves": "waves: the next event after the confirm of the one before",
    "sequence": "a sequence that counts events alone",
    "own-queue": "a command stays until SQS has it",
    "returned": "a return that comes before its confirm",
    "mandatory": "mandatory publishing",
    "nack": "a nack that is no confirm",
    "tags": "the map from delivery tags to messages",
    "aside": "confirms of what was put aside",
    "timer-end": "the end of a timer in the commit of its call",
    "too-early": "no call before its time",
    "own-events": "the binding of own events to the own inbox",
    "reverse": "the reverse order of undoing",
}

_OWN = (
    Plant(
        "mark",
        REMOVAL,
        'UpdateOne({"_id": each}, {"$pull": {"pending": {"id": {"$in": ids}}}}),',
        'UpdateOne({"_id": each}, {"$pull": {"pending": {"id": {"$in": ids}}}, '
        '"$unset": {"pending_since": ""}}),',
    ),
    Plant(
        "sent-is-confirmed",
        "infrastructure/outbox/relay.py",
        "each.id: each.confirmed_ids\n",
        'each.id: [event["id"] for event in each.events]\n',
    ),
    Plant(
        "creation-id",
        "infrastructure/cqrs/execution.py",
        "aggregate = make(context.command_id)",
        "from carafe.infrastructure.identifiers import new_id; aggregate = make(new_id())",
    ),
    Plant(
        "false-conflict",
        "infrastructure/database/mongo/mongo_repository.py",
        'if not names and self._find_one(aggregate.id, {"_id": 1}) is None:',
        "if False:",
    ),
    Plant(
        "timer-before-effect",
        "infrastructure/cqrs/execution.py",
        "found.replace_timers(timers)\n",
        "found.replace_timers(timers); commit(found, context)\n",
    ),
)

PLANTS: Sequence[Plant] = (
    *(
        Plant(name, each.file, each.text, each.without)
        for name, safeguard in _SAFEGUARDS.items()
        for each in SAFEGUARDS
        if each.name == safeguard
    ),
    *_OWN,
)


def plant(bug: Plant) -> None:
    """Let the module be imported with the bug.

    Raises:
        ValueError: it is imported already, or the text is not in it.
    """
    if bug.module in sys.modules:
        raise ValueError(f"{bug.module} is imported already")
    sys.meta_path.insert(0, _Finder(bug))


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, bug: Plant) -> None:
        self._bug = bug

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self._bug.module:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.origin is not None:
            spec.loader = _Loader(self._bug, fullname, spec.origin)
        return spec


class _Loader(SourceFileLoader):
    def __init__(self, bug: Plant, fullname: str, path: str) -> None:
        super().__init__(fullname, path)
        self._bug = bug

    def get_code(self, fullname: str) -> CodeType:
        """Compile the text with the bug, past the cache."""
        path = self.get_filename(fullname)
        text = self.get_data(path).decode()
        if self._bug.text not in text:
            raise ValueError(f"{path} has changed: it does not say {self._bug.text!r}")
        return compile(text.replace(self._bug.text, self._bug.without), path, "exec")
