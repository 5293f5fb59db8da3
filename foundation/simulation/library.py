"""The library: shelves with notes and alarms, and errands that lead through the post office.

An aggregate remembers whatever took effect, so that the promises can be checked by name.
"""

from datetime import datetime, timedelta
from typing import ClassVar

from carafe.domain.errors import RuleBroken
from carafe.domain.model import AggregateRoot, DomainCommand, DomainEvent, schema
from carafe.domain.process import Process
from carafe.domain.steps import Step
from carafe.domain.timers import Timer

from .post import MAIL, PRINT, TEAR

STEP_TIME = timedelta(seconds=90)
UNDO_TIME = timedelta(minutes=10)

MOODY = "b"
"""The key of an alarm that fails to ring for MOODY_SECONDS."""

MOODY_SECONDS = 7


@schema()
class Noted(DomainEvent):
    """Something is noted on a shelf; the label says what."""

    label: str


@schema()
class ErrandWanted(DomainEvent):
    """Somebody wants a page printed and mailed."""

    label: str
    errand: str
    mood: str


@schema()
class CopyNote(DomainCommand):
    """The service asks itself to note the same elsewhere."""

    shelf: str
    name: str


class Alarm(Timer):
    """It rings."""

    name: ClassVar[str] = "alarm"


@schema()
class Ring(DomainEvent):
    """An alarm has rung."""

    label: str


@schema(collection="shelves")
class Shelf(AggregateRoot):
    """Remembers its commands, its alarms, and the labels of its events, in order."""

    notes: tuple[str, ...] = ()
    history: tuple[str, ...] = ()
    rung: tuple[str, ...] = ()
    cancelled: tuple[str, ...] = ()
    alarms: tuple[str, ...] = ()
    untimely: tuple[str, ...] = ()

    def note(self, name: str, events: int, *, at: datetime) -> None:
        """Note a command, and tell it by so many events."""
        self.notes = (*self.notes, name)
        for number in range(events):
            label = self._remember(f"{name}/{number}")
            self.record(Noted(label=label, occurred_at=at))

    def copy_note(self, name: str, shelf: str) -> None:
        """Have the note made on another shelf too."""
        self.send(CopyNote(shelf=shelf, name=f"copy of {name}"))

    def want_errand(self, name: str, mood: str, *, at: datetime) -> None:
        """Tell that an errand is wanted."""
        label = self._remember(f"{name}/errand")
        self.record(ErrandWanted(label=label, errand=name, mood=mood, occurred_at=at))

    def set_alarm(self, key: str, due: timedelta, *, at: datetime) -> None:
        """Set an alarm, or move it."""
        if key in self.rung or key in self.cancelled:
            return
        self.set_timer(Alarm, due, at=at, key=key)
        others = tuple(each for each in self.alarms if each.partition(" ")[0] != key)
        self.alarms = (*others, _alarm(self, key))

    def cancel_alarm(self, key: str) -> None:
        """Cancel an alarm, unless it has rung."""
        if self.timer(Alarm, key) is not None:
            self.cancel_timer(Alarm, key)
            self.cancelled = (*self.cancelled, key)

    def ring(self, key: str, due: datetime, *, at: datetime) -> None:
        """Note that an alarm has rung.

        Raises:
            RuleBroken: it is a moody one, and does not want to ring yet.
        """
        if key == MOODY and due <= at < due + timedelta(seconds=MOODY_SECONDS):
            raise RuleBroken("The alarm does not want to ring yet.", code="moody")
        if at < due or f"{key} {due.isoformat()}" not in self.alarms:
            self.untimely = (*self.untimely, key)
        self.rung = (*self.rung, key)
        self.record(Ring(label=self._remember(f"ring {key}"), occurred_at=at))

    def _remember(self, label: str) -> str:
        self.history = (*self.history, label)
        return label


def _alarm(shelf: Shelf, key: str) -> str:
    """Return an alarm, and when it is due, as a shelf remembers it."""
    timer = shelf.timer(Alarm, key)
    return f"{key} {timer.due.isoformat()}" if timer else key


@schema()
class PrintPage(DomainCommand):
    """A page is to be printed."""

    errand: str
    mood: str


@schema()
class MailPage(DomainCommand):
    """A page is to be mailed."""

    errand: str
    mood: str


@schema()
class TearPage(DomainCommand):
    """A printed page is to be torn up."""

    errand: str
    mood: str


@schema()
class RecallPage(DomainCommand):
    """A mailed page is to be called back."""

    errand: str
    mood: str


class ErrandOverdue(Timer):
    """A step has waited too long."""

    name: ClassVar[str] = "errand_overdue"


PRINTING = Step(
    name="printing",
    within=STEP_TIME,
    undo=lambda errand: TearPage(errand=errand.name, mood=errand.mood),
    undo_within=UNDO_TIME,
)
MAILING = Step(
    name="mailing",
    within=STEP_TIME,
    undo=lambda errand: RecallPage(errand=errand.name, mood=errand.mood),
    undo_within=UNDO_TIME,
)


@schema(collection="errands")
class Errand(Process):
    """A page is printed and mailed by the post office, or both are undone."""

    STEPS: ClassVar = (PRINTING, MAILING)
    DEADLINE = ErrandOverdue

    name: str
    mood: str

    @classmethod
    def of(cls, identifier: str, name: str, mood: str, *, at: datetime) -> "Errand":
        """Begin an errand."""
        errand = cls(id=identifier, name=name, mood=mood, begun_at=at)
        errand.begin(PRINTING, PrintPage(errand=name, mood=mood), at=at)
        return errand

    def done(self, what: str, *, at: datetime) -> None:
        """Go on when the post office has done something."""
        if what == PRINT:
            if self.complete(PRINTING, at=at):
                self.begin(MAILING, MailPage(errand=self.name, mood=self.mood), at=at)
        elif what == MAIL:
            if self.complete(MAILING, at=at):
                self.end(at=at)
        else:
            self.confirm_undo(PRINTING if what == TEAR else MAILING, at=at)
