"""What was committed, what was answered and what arrived, held against each other by id."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .load import Replies

PAID = "ordering.order.paid.v1"

Event = Mapping[str, Any]


@dataclass
class Verdict:
    """What came out; every list but `duplicates` must be empty.

    Attributes:
        orders: that were committed.
        events: that were committed.
        deliveries: of any kind.
        duplicates: deliveries beyond the first of an event.
        lost: committed, but never delivered.
        phantom: delivered, but never committed.
        reordered: orders whose first deliveries were not in their order.
        doubled: effects that happened twice.
        forgotten: answers that the store does not bear out.
    """

    orders: int = 0
    events: int = 0
    deliveries: int = 0
    duplicates: int = 0
    lost: list[str] = field(default_factory=list)
    phantom: list[str] = field(default_factory=list)
    reordered: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)

    @property
    def faults(self) -> dict[str, list[str]]:
        """What must be empty, by name."""
        return {name: value for name, value in vars(self).items() if isinstance(value, list)}


def reconciled(
    documents: Iterable[Mapping[str, Any]], arrived: Iterable[Event], replies: Replies
) -> Verdict:
    """Hold everything against each other.

    Args:
        documents: all orders, as they are stored in the end.
        arrived: all events, in the order in which the consumer's queue had them.
        replies: what the customers were told.
    """
    by_order: dict[str, list[Event]] = defaultdict(list)
    for event in arrived:
        by_order[event["subject"]].append(event)
    verdict = Verdict(deliveries=sum(map(len, by_order.values())))
    handled: dict[str, tuple[str, int]] = {}
    for document in documents:
        _hold(document, by_order.pop(document["_id"], []), verdict, replies)
        for entry in document["handled"]:
            handled[entry["id"]] = (document["_id"], entry["version"])
    verdict.phantom += list(by_order)
    for command_id, result in replies.answers.items():
        if handled.get(command_id) != (result.id, result.version):
            verdict.forgotten.append(command_id)
    return verdict


def _hold(
    document: Mapping[str, Any], arrived: list[Event], verdict: Verdict, replies: Replies
) -> None:
    order_id, last = document["_id"], document["sequence"]
    verdict.orders += 1
    verdict.events += last
    first = list(dict.fromkeys(event["sequence"] for event in arrived))
    verdict.duplicates += len(arrived) - len(first)
    verdict.lost += [f"{order_id} {n}" for n in range(1, last + 1) if n not in first]
    verdict.phantom += [f"{order_id} {n}" for n in first if n > last]
    if first != sorted(first):
        verdict.reordered.append(f"{order_id} {first}")
    if len({event["id"] for event in arrived}) != len(first):
        verdict.doubled.append(f"{order_id} has one number for several events")
    paid = len({event["id"] for event in arrived if event["type"] == PAID})
    if paid != (1 if order_id in replies.captured else 0):
        verdict.doubled.append(f"{order_id} was paid {paid} times")
    commands = Counter(entry["id"] for entry in document["handled"])
    verdict.doubled += [f"{order_id} handled {each}" for each, n in commands.items() if n > 1]


def event_of(body: bytes) -> Event:
    """Return the event in a message."""
    event: Event = json.loads(body)
    return event
