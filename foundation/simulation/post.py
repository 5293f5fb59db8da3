"""The post office: a desk for each errand, where pages are printed, mailed, torn and recalled."""

from datetime import datetime

from carafe.domain.errors import InvalidValue
from carafe.domain.model import AggregateRoot, DomainEvent, schema

PRINT, MAIL, TEAR, RECALL = "print", "mail", "tear", "recall"

UNWELCOME = "unwelcome"
"""The mood of an errand whose page is refused when it is to be mailed."""

SILENT = "silent"
"""The mood of an errand of whose mailing nothing is heard."""


@schema()
class Worked(DomainEvent):
    """The post office has done something."""

    label: str
    errand: str
    what: str


@schema(collection="desks")
class Desk(AggregateRoot):
    """The post office's work for one errand: what was done, and the labels of its events."""

    errand: str
    effects: tuple[str, ...] = ()
    history: tuple[str, ...] = ()

    def work(self, what: str, mood: str, *, at: datetime) -> None:
        """Do something; say so unless the errand is one of which nothing is heard.

        Raises:
            InvalidValue: the page is unwelcome.
        """
        if what == MAIL and mood == UNWELCOME:
            raise InvalidValue("page", "is unwelcome")
        self.effects = (*self.effects, what)
        if what == MAIL and mood == SILENT:
            return
        self.history = (*self.history, what)
        event = Worked(label=what, errand=self.errand, what=what, occurred_at=at)
        self.record(event)
