"""Callers at work: each command is repeated until it is answered, and then once more."""

import random
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple, Self

import urllib3

from carafe.development.tokens import bearer, fetch_token
from carafe.infrastructure.identifiers import new_id
from carafe.testing.examples import AN_ADDRESS
from carafe.testing.tokens import AUDIENCE
from tests.support.inbound import payment_captured
from tests.support.shipping import Shipping

from .messages import Messages

PAUSE_SECONDS = 0.6
REPEAT_SECONDS = 0.1
ANSWER_SECONDS = 30.0
CALLERS = 2

SUBJECT = "maria"
SCOPES = "operations orders:read orders:write catalogue:write"


class Fate(Enum):
    """What becomes of an aggregate that a caller makes."""

    COMPLETED = "completed"  # its process runs to its end
    UNDONE = "undone"  # a step of its process is overdue, and the process takes all of it back
    TIMED_OUT = "timed out"  # nobody does anything, and its own timer ends it


class Answer(NamedTuple):
    """What a command was answered."""

    id: str
    version: int


@dataclass
class Ledger:
    """What the callers sent and were told.

    Attributes:
        answers: of each command that was answered, by its idempotency key.
        answered_at: the times of these answers, in seconds since 1970.
        fates: of each aggregate that was made, by id.
        queued: keys of the commands that were queued.
        announced: events of others, with the id of the aggregate that they are about.
        repeats: attempts after an unknown outcome, or after 503.
        faults: sentences.
    """

    answers: dict[str, Answer] = field(default_factory=dict)
    answered_at: list[float] = field(default_factory=list)
    fates: dict[str, Fate] = field(default_factory=dict)
    queued: list[str] = field(default_factory=list)
    announced: list[tuple[dict[str, Any], str]] = field(default_factory=list)
    repeats: int = 0
    faults: list[str] = field(default_factory=list)


class Unanswered(Exception):
    """A command was refused; the ledger says how."""


class Caller:
    """One of several at once.

    Args:
        addresses: returns where the HTTP functions are, by version.
        ledger: of all callers.
        messages: what others send.
        shipping: may be told to keep silent.
        issuer: of access tokens.
        seed: of its choices.
    """

    def __init__(
        self,
        addresses: Callable[[], dict[str, str]],
        ledger: Ledger,
        messages: Messages,
        shipping: Shipping,
        issuer: str,
        seed: int,
    ) -> None:
        self._addresses = addresses
        self._ledger = ledger
        self._messages = messages
        self._shipping = shipping
        self._headers = bearer(fetch_token(issuer, AUDIENCE, SUBJECT, SCOPES))
        self._choices = random.Random(seed)  # noqa: S311 - a repeatable one
        self._http = urllib3.PoolManager(retries=False, timeout=ANSWER_SECONDS, maxsize=CALLERS)
        self._product = ""
        self._price = 0

    def register(self) -> None:
        """Make the aggregate that this caller changes again and again."""
        body = {"sku": f"C-{new_id()[-12:].upper()}", "name": "Carafe", "price": self._next_price()}
        self._product = self._send("POST", "/products", body).id

    def run(self, stopping: threading.Event, fates: Callable[[], list[Fate]]) -> None:
        """Go on until told to stop; what is under way gets its answer first."""
        while not stopping.is_set():
            with suppress(Unanswered):  # the ledger has it
                self._journey(self._choices.choice(fates()))
            stopping.wait(PAUSE_SECONDS)

    def _journey(self, fate: Fate) -> None:
        self._send("PUT", f"/products/{self._product}/price", {"price": self._next_price()})
        if fate is Fate.TIMED_OUT and self._choices.random() < 0.5:
            self._queue()
            return
        identifier = self.place(fate)
        address = {"shipping_address": {**AN_ADDRESS, "street": new_id()}}
        self._send("PUT", f"/orders/{identifier}/shipping-address", address)
        if fate is Fate.COMPLETED:
            self._announce_payment(identifier)
        elif fate is Fate.UNDONE:
            self._shipping.fail("silent", identifier)
            self._send("POST", f"/orders/{identifier}/payment", {"payment_method": "card"})

    def place(self, fate: Fate) -> str:
        """Make an aggregate, and return its id."""
        identifier = self._send("POST", "/orders", self._wanted()).id
        self._ledger.fates[identifier] = fate
        return identifier

    def _queue(self) -> None:
        """Queue a command, twice, as a producer does that got no answer."""
        key = new_id()
        command = {
            "id": key,
            "command": "ordering.place_order",
            "subject": SUBJECT,
            "scopes": ["orders:write"],
            "data": self._wanted(),
        }
        self._ledger.queued.append(key)
        for _ in range(2):
            self._messages.send_command(command)

    def _announce_payment(self, identifier: str) -> None:
        """Let an event of another service come, twice."""
        event = payment_captured(identifier)
        self._ledger.announced.append((event, identifier))
        for _ in range(2):
            self._messages.announce(event)

    def _wanted(self) -> dict[str, Any]:
        line = {"product_id": self._product, "quantity": 1}
        return {"lines": [line], "shipping_address": AN_ADDRESS}

    def _next_price(self) -> dict[str, str]:
        self._price += 1
        return {"amount": f"{self._price}.00", "currency": "EUR"}

    def _send(self, method: str, path: str, body: object) -> Answer:
        """Send a command until it is answered, and again to the other version, if there is one.

        Raises:
            Unanswered: it was refused.
        """
        key = new_id()
        first, by = self._insist(method, path, body, key, "")
        self._ledger.answers[key] = first
        self._ledger.answered_at.append(time.time())
        second, by_other = self._insist(method, path, body, key, by)
        if second != first:
            self._ledger.faults.append(
                f"doubled: the command with the key {key} was answered {tuple(first)} by {by}, and "
                f"{tuple(second)} by {by_other}: they do not take it for the same command"
            )
        return first

    def _insist(
        self, method: str, path: str, body: object, key: str, not_by: str
    ) -> tuple[Answer, str]:
        """Repeat a command until it is answered; return the answer, and which version gave it."""
        while True:
            addresses = self._addresses()
            names = [each for each in addresses if each != not_by] or [*addresses]
            name = self._choices.choice(names)
            headers = {**self._headers, "Idempotency-Key": key}
            try:
                reply = self._http.request(
                    method, addresses[name] + path, json=body, headers=headers
                )
            except urllib3.exceptions.HTTPError:
                self._ledger.repeats += 1
                time.sleep(REPEAT_SECONDS)
                continue
            if reply.status == 503:
                self._ledger.repeats += 1
                time.sleep(REPEAT_SECONDS)
                continue
            if reply.status >= 300:
                code = reply.json().get("code")
                route = "/".join(
                    each for each in path.split("/") if "-" not in each or "g-" in each
                )
                self._ledger.faults.append(
                    f"refused: {name} answered {reply.status} {code} to {method} {route}"
                )
                raise Unanswered
            answer = reply.json()
            return Answer(answer["id"], answer["version"]), name


class Load:
    """Callers at work, for as long as the block lasts.

    Args:
        callers: that are ready.

    Attributes:
        fates: what they may choose.
    """

    def __init__(self, callers: list[Caller], fates: list[Fate]) -> None:
        self.fates = fates
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=each.run, args=(self._stopping, lambda: self.fates))
            for each in callers
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()
