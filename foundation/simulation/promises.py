"""What must be true when a run has come to its end, whatever has happened in it."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from carafe.domain.process import process_id
from carafe.infrastructure.event_bus.names import events_exchange, parked_queue

from .contracts import LIBRARY, POST
from .library import Errand
from .post import MAIL, PRINT, RECALL, TEAR, UNWELCOME
from .services import desk_id

if TYPE_CHECKING:
    from .run import World

Document = dict[str, Any]

UNDOES = {TEAR: PRINT, RECALL: MAIL}
ENDS = {"completed", "undone", "stuck"}


def broken_promises(world: "World") -> list[str]:
    """Return the promises that a run has broken, one sentence for each."""
    checks = (_unrest, _events, _commands, _alarms, _errands, _refused)
    return list(dict.fromkeys(sentence for check in checks for sentence in check(world)))


def _unrest(world: "World") -> Iterator[str]:
    if world.is_at_rest:
        return
    yield "nothing comes to rest (G2, G8): after six hours there is still something to do"
    for each in world.documents():
        if world.is_waiting(each):
            yield f"G2/G10: {each['_id'][-6:]} has events that wait, or a timer that does not call"


def _events(world: "World") -> Iterator[str]:
    """Check that events are published as they were committed: all, no others, in order."""
    for service, store in world.stores.items():
        published = _published(world, service)
        documents = [each for every in store.latest.values() for each in every.values()]
        for document in documents:
            yield from _events_of(document, published.pop(document["_id"], []))
        for identifier in published:
            yield f"G1 phantom: events of {identifier[-6:]}, which was never committed"


def _published(world: "World", service: str) -> dict[str, list[Document]]:
    """Return the events that a service published about its aggregates, each as often as it was."""
    published: dict[str, list[Document]] = {}
    for message in world.broker.stored:
        if message.exchange == events_exchange(service) and "refused" not in message.routing_key:
            event = json.loads(message.body)
            published.setdefault(event["subject"], []).append(event)
    return published


def _events_of(document: Document, published: Sequence[Document]) -> Iterator[str]:
    name = document["_id"][-6:]
    first: dict[str, Document] = {}
    for event in published:
        if first.setdefault(event["id"], event) != event:
            yield f"G1: the event {event['id'][-6:]} of {name} was published with two contents"
    sequences = [event["sequence"] for event in first.values()]
    committed = list(range(1, document["sequence"] + 1))
    for number in committed:
        if number not in sequences:
            yield f"G2 lost: event {number} of {name} was committed, but never published"
    for number, count in Counter(sequences).items():
        if number not in committed or count > 1:
            yield f"G1 phantom: event {number} of {name} was published, but never committed"
    if sequences != sorted(sequences):
        yield f"G3 order: events of {name} were first delivered as {sequences}"
    history = document.get("history")
    labels = [each["data"]["label"] for each in sorted(first.values(), key=lambda e: e["sequence"])]
    if history is not None and history != labels and sequences == committed:
        yield f"G1: {name} tells {labels}, but has committed {history}"
    if document.get("pending"):
        yield f"G2 lost: {name} still has events"


def _commands(world: "World") -> Iterator[str]:
    """Check that each command took effect once, whatever its client heard."""
    clients = world.clients
    shelves = world.stores[LIBRARY].latest.get("shelves", {})
    for wish in clients.wishes:
        outcome, name = clients.outcomes[wish.number], wish.act.name
        if outcome.error:
            yield f"G6 lost: {outcome.error}"
        if len(set(outcome.results)) > 1:
            yield f"G5: {name} was answered differently when it was repeated: {outcome.results}"
        shelf = shelves.get(clients.shelves.get(wish.shelf, ""))
        if shelf is not None and "deleted_at" not in shelf and outcome.results:
            count = sum(each.get("notes", []).count(name) for each in shelves.values())
            if count != 1 or name not in shelf["notes"]:
                yield f"G5/G6: {name} was answered, and took effect {count} times"
    versions = [
        (result.id, result.version)
        for outcome in clients.outcomes.values()
        for result in dict.fromkeys(outcome.results)
    ]
    for (_, version), count in Counter(versions).items():
        if count > 1:
            yield f"G6: two commands were answered with version {version}"
    yield from _copies(world, shelves)


def _copies(world: "World", shelves: dict[str, Document]) -> Iterator[str]:
    """Check that what the service asked itself took effect once, or waits for a person."""
    is_excused = bool(world.queues["library-commands-dead"].messages) or any(
        each.act.is_last for each in world.clients.wishes
    )
    for wish in world.clients.wishes:
        outcome = world.clients.outcomes[wish.number]
        if wish.act.copy_to and outcome.results:
            name = f"copy of {wish.act.name}"
            count = sum(each.get("notes", []).count(name) for each in shelves.values())
            if count > 1 or (count == 0 and not is_excused):
                yield f"G2/G5: the {name}, which a commit has sent, took effect {count} times"


def _alarms(world: "World") -> Iterator[str]:
    """Check that each alarm has rung once, or was cancelled."""
    for shelf in world.stores[LIBRARY].latest.get("shelves", {}).values():
        name = shelf["_id"][-6:]
        for alarm in shelf.get("alarms", ()):
            key = alarm.partition(" ")[0]
            rung, cancelled = shelf["rung"].count(key), shelf["cancelled"].count(key)
            if rung + cancelled != 1:
                yield f"G10: alarm {key} of {name} rang {rung} times, cancelled {cancelled} times"
        for key in shelf.get("untimely", ()):
            yield f"G10: alarm {key} of {name} rang early, or at a time from which it was moved"
        if "timers_parked_since" in shelf:
            yield f"G10: an alarm of {name} was given up"


def _errands(world: "World") -> Iterator[str]:
    """Check that each errand has come to an end, and that what was undone was undone once."""
    for message in world.broker.queues[parked_queue(LIBRARY)].messages:
        yield f"G2: the library has parked {message.routing_key}"
    errands = world.stores[LIBRARY].latest.get("errands", {})
    desks = world.stores[POST].latest.get("desks", {})
    for wish in world.clients.wishes:
        if not (wish.act.errand and world.clients.outcomes[wish.number].results):
            continue
        name = wish.act.name
        errand = errands.get(process_id(Errand, name))
        if errand is None:
            yield f"G2/G11: the errand {name} has never begun"
            continue
        desk = desks.get(desk_id(name), {"effects": []})
        yield from _ending(name, errand, desk["effects"])


def _refused(world: "World") -> Iterator[str]:
    """Check that commands that the post office refuses are kept for a person."""
    parked = [each.body for each in world.broker.queues[parked_queue(POST)].messages]
    for message in world.broker.stored:
        is_unwelcome = (
            message.routing_key == "post.desk.mail" and UNWELCOME.encode() in message.body
        )
        if is_unwelcome and message.body not in parked:
            yield f"G7: the refused command {message.properties.message_id} is not parked"


def _ending(name: str, errand: Document, effects: Sequence[str]) -> Iterator[str]:
    status = errand["status"]
    if status not in ENDS:
        yield f"G11: the errand {name} waits for ever, {status}"
    for effect, count in Counter(effects).items():
        if count > 1:
            yield f"G5: the post office did {effect} {count} times for {name}"
    if status == "completed" and sorted(effects) != sorted([PRINT, MAIL]):
        yield f"G11: the errand {name} is completed, with the effects {effects}"
    if status == "undone":
        # What was called back without need, since it was refused, is no concern.
        undone = [UNDOES[each] for each in effects if UNDOES.get(each) in effects]
        for effect in effects:
            if effect not in UNDOES and effect not in undone:
                yield f"G11: the errand {name} is undone, but {effect} is not: {effects}"
        if undone != sorted(undone, key=[MAIL, PRINT].index):
            yield f"G11: the errand {name} was not undone in reverse: {effects}"
