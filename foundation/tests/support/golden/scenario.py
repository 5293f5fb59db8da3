"""What the library stores and sends in one scenario, with the same ids and times in each run."""

from collections.abc import Mapping
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from chalice.app import AuthRequest

from carafe.api import authorizer
from carafe.api.functions import Functions
from carafe.api.preconditions import tag_of_version
from carafe.contracts.integration_events import IntegrationEvent
from carafe.contracts.outgoing_commands import OutgoingCommand
from carafe.development.contracts import snapshot as contracts
from carafe.development.stored_forms.snapshot import snapshot_of
from carafe.domain.timers import Occurrence
from carafe.infrastructure.authorization.tokens import Grant
from carafe.infrastructure.container import Container
from carafe.infrastructure.cqrs.queued_commands import QueuedMessage
from carafe.infrastructure.event_bus.names import (
    parked_queue,
    retry_queue,
    unrouted_queue,
)
from carafe.infrastructure.identifiers import (
    command_id,
    digest_of,
    event_command_id,
    timer_command_id,
)
from carafe.infrastructure.outbox.outbox import envelope_of
from carafe.infrastructure.timers.nudges import TimerNudge
from carafe.testing.clock import AdvanceableClock, StoppedClock
from carafe.testing.examples import NOON
from carafe.testing.inbound import Broker, a_delivery
from tests.support.settling import soon

from . import contracts as con
from . import library as lib
from .recorded_sqs import RecordedSqs
from .service import library_on
from .values import (
    CHARGE,
    MARIA,
    QUESTIONS,
    a_context,
    a_loan,
    a_queued_command,
    same_each_time,
    told,
)
from .versions import text_of

Files = dict[str, str]
"""Names and texts of the files of one version."""


class Scenario:
    """The library at work.

    Args:
        container: the library, empty.
        functions: its functions.
        clock: its time.
    """

    def __init__(
        self, container: Container[Any], functions: Functions, clock: AdvanceableClock
    ) -> None:
        self.container, self.functions, self.clock = container, functions, clock
        self.sqs = RecordedSqs()
        container.sqs = self.sqs  # type: ignore[assignment]
        self.broker = Broker(container)
        self.loans = container.repository(lib.Loan)

    def files(self) -> Files:
        """Let it work, and return what it has stored and sent."""
        self._store()
        documents = self._documents()
        answers = self._answers()
        messages = {"published": self._published(), "put_aside": self._put_aside()}
        self._fail_commands()
        texts = {
            "documents": documents,
            "messages": messages,
            "queue": self.sqs.sent,
            "answers": answers,
            "released_forms": snapshot_of(self.container.service.repositories),
            "released_contracts": contracts_of_the_library(),
        }
        return {f"{name}.json": text_of(each) for name, each in texts.items()}

    def open(self, identifier: str, **changes: Any) -> lib.Loan:  # noqa: ANN401 - any attribute
        """Store an open loan."""
        loan = a_loan(identifier, **changes)
        loan.open(at=self.clock())
        self.loans.add(loan, a_context(f"open {identifier}"))
        return loan

    def relay(self, collection: str, identifier: str) -> None:
        """Relay what waits of one aggregate."""
        self.container.relay.relay({collection: [identifier]}, soon())

    def tell(self, message: Mapping[str, Any], **headers: Any) -> None:  # noqa: ANN401 - any AMQP value
        """Deliver a message to the inbox, past the broker."""
        self.functions.inbox().settle([a_delivery(dict(message), **headers)], soon())

    def _store(self) -> None:
        self.open("loan-open")
        asking = self.open("loan-asking", way=lib.Desk(number=7), note="quiet")
        asking.remind(at=self.clock())
        self.loans.save(asking, a_context("remind"))
        unsendable = self.open("loan-unsendable")
        self.loans.collection.update_one({"_id": unsendable.id}, {"$unset": {"pending.0.body": ""}})
        self.relay("loans", unsendable.id)
        self.loans.delete(self.open("loan-deleted"), a_context("delete"))
        self.loans.delete(self.open("loan-drained"), a_context("delete drained"))
        self.relay("loans", "loan-drained")
        self._remind()
        self._fail_timers()

    def _remind(self) -> None:
        for member in ("running", "undoing", "stuck", "completed"):
            self.tell(told(con.MemberReportedV1, f"reported {member}", member=member))
        for member in ("undoing", "stuck", "completed"):
            self.tell(told(con.CardBlockedV1, f"blocked {member}", member=member))
        for member in ("undoing", "stuck"):
            self.tell(self._refusal(con.LetterRefused, member))
        self.tell(self._refusal(con.CardRefused, "stuck"))
        self.tell(told(con.LetterSentV1, "sent completed", member="completed"))

    def _refusal(self, contract: type[IntegrationEvent], member: str) -> dict[str, Any]:
        """Return the refusal of the last command that a process has sent to another service."""
        collection = self.container.database["remindings"]
        document = collection.find_one({"_id": lib.reminding_id(member)})
        assert document is not None
        sent = envelope_of(document["pending"][-1])["id"]
        return told(contract, f"refused {member}", command_id=sent, code="not_found")

    def _fail_timers(self) -> None:
        failing = [self.open(f"loan-{each}", note="refuse") for each in ("failing", "parked-timer")]
        self.clock.advance(timedelta(minutes=11))
        ids = [each.id for each in failing]
        for delay in (5, 60, 600, 0):
            assert self.functions.call_timers(TimerNudge(ids, "loans"), soon())
            self.clock.advance(timedelta(seconds=delay))
            ids = ids[-1:]

    def _documents(self) -> list[dict[str, Any]]:
        return [
            {"collection": name, "document": each}
            for name in ("loans", "remindings")
            for each in self.container.database[name].find().sort("_id", 1)
        ]

    def _answers(self) -> dict[str, Any]:
        occurrence = Occurrence(id="loan_due:final", version=3, due=NOON)
        grant = Grant(caller=MARIA, expires_at=4_000_000_000)
        tokens = SimpleNamespace(verify=lambda _token: grant)
        request = AuthRequest("TOKEN", "Bearer x", "arn:aws:execute-api:r:1:a/stage/GET/loans")
        return {
            "etag": tag_of_version(3),
            "authorizer": authorizer.authorize(request, SimpleNamespace(tokens=tokens)),  # type: ignore[arg-type]
            "cursors": {
                name: self.loans.find(*criteria, order=order, limit=2).next_cursor
                for name, (criteria, order) in QUESTIONS.items()
            },
            "ids": {
                "of a request": command_id("maria", "key-1"),
                "of a received event": event_command_id("/golden_post", "e-1"),
                "of a timer's call": timer_command_id("loans", "loan-open", occurrence),
                "of a process": lib.reminding_id("maria"),
            },
            "digests": {
                "of a command": digest_of(con.ChargeLoan.wire_name, CHARGE),
                "of a received event": digest_of("a.b.c.v1", {"b": 1, "a": None}),
            },
        }

    def _published(self) -> list[dict[str, Any]]:
        """Relay everything, and return what came to the broker, oldest first."""
        for each in self._documents():
            self.relay(each["collection"], each["document"]["_id"])
        return self._taken(unrouted_queue(lib.NAME))

    def _put_aside(self) -> dict[str, list[dict[str, Any]]]:
        """Let messages fail, and return those that wait for later, or for a person."""
        early = told(con.LetterSentV1, "early", member="nobody")
        self.tell(early, tenant="t-1")
        held_back = self._taken(retry_queue(lib.NAME, 5))
        self.tell(early, tenant="t-1", **{"x-attempts": 1})
        held_back += self._taken(retry_queue(lib.NAME, 60))
        self.tell(told(con.LetterSentV1, "unheard of", member="x") | {"type": "golden_post.a.b.v9"})
        self.tell(told(con.ExtendLoanV1, "no number", loan_id="loan-open", days="many"))
        return {
            "held back": held_back,
            "parked": self._taken(parked_queue(lib.NAME)),
            "refusals": self._taken(unrouted_queue(lib.NAME)),
        }

    def _fail_commands(self) -> None:
        """Let commands from the queue fail: one that comes too early, one that nobody knows."""
        queued = self.functions.queued_commands()
        for name, wire_name in (("early", con.ChargeLoan.wire_name), ("unknown", "golden.a")):
            body = a_queued_command(name, wire_name, loan_id="nobody", amount="1.00")
            queued.settle([QueuedMessage(name, "receipt", "commands", body)], soon())

    def _taken(self, queue: str) -> list[dict[str, Any]]:
        return [
            {
                "properties": {
                    name: getattr(properties, name)
                    for name in ("content_type", "delivery_mode", "message_id", "type")
                }
                | {"headers": _own_headers(properties.headers)},
                "body": body.decode(),
            }
            for properties, body in self.broker._take(queue)  # noqa: SLF001 - properties and body
        ]


def files_of(environment: Mapping[str, str]) -> Files:
    """Return what the present code stores and sends, as the files of a version have it."""
    clock = StoppedClock(NOON)
    with same_each_time(), library_on(environment, clock) as (container, functions):
        return Scenario(container, functions, clock).files()


def contracts_of_the_library() -> dict[str, Any]:
    events: list[type[IntegrationEvent]] = [con.LoanOpenedV1, con.LoanOverdueV1]
    sent: list[type[OutgoingCommand]] = [con.SendReminderV1, con.BlockCardV1, con.UnblockCardV1]
    return contracts.snapshot_of(events, [con.ChargeLoan], sent, [con.ExtendLoanV1])


def _own_headers(headers: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return a message's headers without those that the broker adds."""
    added = ("x-delivery-count", "x-death", "x-first-death", "x-last-death")
    return {name: each for name, each in (headers or {}).items() if not name.startswith(added)}
