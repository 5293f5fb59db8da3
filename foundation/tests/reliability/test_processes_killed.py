"""Every function is killed at every step of a compensation, which then goes on where it was (F60).

What was cut comes again, as from a queue. Then the commands that arrived are reconciled by their
ids: each once, in reverse, and nothing is stuck.
"""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from carafe.domain.process_state import ProcessStatus
from carafe.testing.cutting import killed_at_every_step
from tests.support.reminding import SendLetter, reminding_id
from tests.support.reminding_app import library_in
from tests.support.reminding_world import Document, World, words

# The functions have the time of this machine: what is due within this time is due for them.
AGO = timedelta(days=4)
LETTER_OVERDUE = timedelta(days=3, seconds=1)

BEGUN = ["card block", "letter send"]
RECALLED = [*BEGUN, "letter recall", "card unblock"]
REFUSED = [*BEGUN, "card unblock"]


class Compensation:
    """Compensations, one after another, and what other services tell of them.

    Args:
        world: the library.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._began = world.clock()
        self._number = 0
        self._events: list[Document] = []
        world.let_pass(-AGO)

    @property
    def loan_id(self) -> str:
        return f"l-{self._number}"

    def begin(self) -> None:
        """Lead another process to where its letter is to be sent."""
        self._number += 1
        self._events = []
        self._world.let_pass(self._began - AGO - self._world.clock())
        self._world.send_letter(self.loan_id)

    def refused(self) -> list[str]:
        """Let the letter be refused."""
        self.begin()
        return self._told(self._world.refusing(SendLetter, loan_id=self.loan_id))

    def unblocked(self) -> list[str]:
        """Let the card be unblocked, after a refusal."""
        self.refused()
        self._world.tell(self._events[0])
        self._world.relay()
        return self._told(self._world.about(self._world.told.unblocked, self.loan_id))

    def overdue(self) -> list[str]:
        """Let nobody confirm the letter."""
        self.begin()
        nudge = {"timers_of": [reminding_id(self.loan_id)], "collection": "remindings"}
        return [json.dumps(nudge)]

    def pending(self) -> list[str]:
        """Let all commands wait, those that undo among them."""
        self.overdue()
        self._call_overdue()
        return ["remindings", reminding_id(self.loan_id)]

    def waiting(self) -> list[str]:
        """Let commands wait, and a timer."""
        self.begin()
        return []

    def end(self) -> list[str]:
        """Let come again what was cut, and what follows; return the commands as they came."""
        if self._events:
            for each in self._events:
                self._world.tell(each)
        else:
            self._call_overdue()
        self._world.relay()
        self._world.tell(self._world.about(self._world.told.unblocked, self.loan_id))
        self._world.relay()
        published = [each for each in self._world.published() if self._is_own(each)]
        ids = dict.fromkeys((each["id"], each["type"]) for each in published)
        return [words(each) for _, each in ids]

    def require_undone(self) -> None:
        """Require that nothing is left to do."""
        assert self._world.process(self.loan_id).status is ProcessStatus.UNDONE
        document = self._world.document(self.loan_id)
        assert (document["pending"], "pending_since" in document) == ([], False)
        assert document.get("timers", []) == []

    def _told(self, event: Document) -> list[str]:
        self._events.append(event)
        return [json.dumps(event)]

    def _call_overdue(self) -> None:
        self._world.let_pass(LETTER_OVERDUE)
        self._world.call_timers(self.loan_id)

    def _is_own(self, message: Document) -> bool:
        return bool(message["source"] == f"/{self._world.name}")


@pytest.mark.parametrize(
    ("work", "prepare", "commands"),
    [
        ("consume", Compensation.refused, REFUSED),
        ("consume", Compensation.unblocked, REFUSED),
        ("execute", Compensation.overdue, RECALLED),
        ("bridge", Compensation.pending, RECALLED),
        ("sweep", Compensation.waiting, RECALLED),
    ],
)
def test_compensation_killed_at_any_step_undoes_each_step_once(
    world: World,
    environment: Mapping[str, str],
    tmp_path: Path,
    work: str,
    prepare: Callable[[Compensation], list[str]],
    commands: list[str],
) -> None:
    compensation = Compensation(world)
    library = {**environment, **library_in(tmp_path, world.told)}

    def another() -> list[str]:
        return prepare(compensation)

    steps = 0
    for steps in killed_at_every_step(work, another, library, folder=tmp_path):  # noqa: B007 - the last
        assert compensation.end() == commands
        compensation.require_undone()
    assert steps > 2, "the steps are not counted any more"
