"""A replica set of MongoDB: writes are first the primary's alone, and a majority's somewhat later.

Whatever a majority does not have yet, a stepdown takes back.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from .matching import Document
from .network import Network


@dataclass(slots=True, eq=False)
class Write:
    """One change of one document, in the primary's log."""

    collection: str
    identifier: str
    before: Document | None
    after: Document
    majority_at: float = 0.0
    is_undone: bool = False


class ReplicaSet:
    """The documents of a service.

    Attributes:
        latest: as the primary has them, by collection and id.
        majority: as a majority has them.
        log: what no majority has yet, the oldest first.
        lag_until: when a majority will have all that is written by now.
        term: how often the primary has stepped down.
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        self.latest: dict[str, dict[str, Document]] = {}
        self.majority: dict[str, dict[str, Document]] = {}
        self.log: list[Write] = []
        self.lag_until = 0.0
        self.term = 0

    def put(self, collection: str, before: Document | None, after: Document, lag: float) -> Write:
        """Write a document on the primary; a majority has it after the lag."""
        write = Write(collection, after["_id"], before, after)
        self.lag_until = write.majority_at = max(self.lag_until, self.network.loop.now + lag)
        self.latest.setdefault(collection, {})[write.identifier] = after
        self.log.append(write)
        return write

    def documents(self, collection: str, *, is_majority: bool) -> Mapping[str, Document]:
        """Return the documents as the primary, or a majority, has them."""
        self.replicate()
        return (self.majority if is_majority else self.latest).get(collection, {})

    def replicate(self) -> None:
        """Let a majority have what it should have by now."""
        log, now = self.log, self.network.loop.now
        while log and log[0].majority_at <= now:
            write = log.pop(0)
            self.majority.setdefault(write.collection, {})[write.identifier] = write.after

    def step_down(self) -> None:
        """Take back what no majority has."""
        self.replicate()
        for write in reversed(self.log):
            write.is_undone = True
            self.network.tell(f"takes back the write to {write.identifier[-6:]}", "the store")
            if write.before is None:
                del self.latest[write.collection][write.identifier]
            else:
                self.latest[write.collection][write.identifier] = write.before
        self.log.clear()
        self.term += 1
        self.lag_until = 0.0
