"""The safeguards of the foundation, how to switch each of them off, and the tests that notice."""

from dataclasses import dataclass

INFRASTRUCTURE = "infrastructure"
CQRS = "infrastructure/cqrs"
MONGO = "infrastructure/database/mongo"
PROMISES = "tests/infrastructure/repositories/test_promises.py::TestOrdersInMongo"


@dataclass(frozen=True)
class Safeguard:
    """A safeguard, and how to switch it off.

    Attributes:
        name: what it is.
        file: where it stands in the package.
        text: the code that keeps it.
        without: what stands there without it.
        guarded_by: tests, as pytest names them.
    """

    name: str
    file: str
    text: str
    without: str
    guarded_by: str


SAFEGUARDS = [
    Safeguard(
        "the version match of every write",
        f"{MONGO}/mongo_repository.py",
        '"version": aggregate.version,',
        "",
        f"{PROMISES} -k at_once",
    ),
    Safeguard(
        "the id of a handled command in the aggregate's own commit",
        f"{MONGO}/mongo_repository.py",
        '"$push": {"handled": entry}',
        '"$push": {"pending": {"$each": []}}',
        "tests/infrastructure/test_inbox.py::test_a_repeated_event_takes_effect_once",
    ),
    Safeguard(
        "a command's id that is not handled yet",
        f"{MONGO}/mongo_repository.py",
        '"handled.id": {"$ne": context.command_id},',
        "",
        f"{PROMISES} -k newest_state",
    ),
    Safeguard(
        "the cap of the outbox",
        f"{MONGO}/mongo_repository.py",
        'unchanged[f"pending.{MOST_PENDING - len(events)}"] = {"$exists": False}',
        "pass",
        f"{PROMISES} -k full_outbox",
    ),
    Safeguard(
        "the limit of an event",
        f"{INFRASTRUCTURE}/outbox/outbox.py",
        "LARGEST_EVENT = 256 * 1024",
        "LARGEST_EVENT = 1 << 40",
        "tests/reliability/test_broker_refusals.py -k too_large",
    ),
    Safeguard(
        "removal by id",
        f"{MONGO}/outbox_store.py",
        '{"$set": {"pending": remaining}}',
        '{"$set": {"pending": []}}',
        "tests/infrastructure/test_relay.py -k survives",
    ),
    Safeguard(
        "the map from delivery tags to messages",
        f"{INFRASTRUCTURE}/event_bus/confirms.py",
        "for each in list(self._up_to(tag)) if multiple else [tag]:",
        "for each in list(self._up_to(tag)):",
        "tests/unit/test_confirms.py",
    ),
    Safeguard(
        "a return that comes before its confirm",
        f"{INFRASTRUCTURE}/event_bus/confirms.py",
        "return Outcome.RETURNED if message_id in self._returned else Outcome.CONFIRMED",
        "return Outcome.CONFIRMED",
        "tests/reliability/test_broker_refusals.py -k returned",
    ),
    Safeguard(
        "mandatory publishing",
        f"{INFRASTRUCTURE}/event_bus/publisher.py",
        "mandatory=True",
        "mandatory=False",
        "tests/reliability/test_broker_refusals.py -k returned",
    ),
    Safeguard(
        "a nack that is no confirm",
        f"{INFRASTRUCTURE}/event_bus/confirms.py",
        "return Outcome.NACKED",
        "return Outcome.CONFIRMED",
        "tests/reliability/test_broker_refusals.py -k refuses",
    ),
    Safeguard(
        "the hold-back after a nack",
        f"{INFRASTRUCTURE}/outbox/relay.py",
        "document.held_back = True\n                    result.returned",
        "document.confirmed_ids.append(message.id)\n                    result.returned",
        "tests/infrastructure/test_relay.py -k holds_back",
    ),
    Safeguard(
        "waves: the next event after the confirm of the one before",
        f"{INFRASTRUCTURE}/outbox/store.py",
        "return self.events[len(self.confirmed_ids)]",
        "return self.events[-1 - len(self.confirmed_ids)]",
        "tests/infrastructure/test_relay.py -k in_order",
    ),
    Safeguard(
        "the deadline before each wave",
        f"{INFRASTRUCTURE}/outbox/relay.py",
        "return deadline - time.monotonic() > SHORTEST_WAVE_SECONDS",
        "return True",
        "tests/infrastructure/test_relay.py -k too_little_time",
    ),
    Safeguard(
        "the parking of what cannot be published",
        f"{INFRASTRUCTURE}/outbox/relay.py",
        "self._stores[document.collection].park(document.id)",
        "pass",
        "tests/infrastructure/test_parked.py -k cannot_be_published",
    ),
    Safeguard(
        "clocks that go wrong",
        f"{MONGO}/outbox_store.py",
        '"$not": young}',
        '"$lte": now() - grace}',
        "tests/reliability/test_relays_at_work.py -k clocks",
    ),
    Safeguard(
        "the alternate exchange",
        f"{INFRASTRUCTURE}/event_bus/topology.py",
        '{"alternate-exchange": unrouted}',
        "{}",
        "tests/infrastructure/test_event_bus.py -k nobody_wants",
    ),
    Safeguard(
        "the second attempt after a connection died unseen",
        f"{INFRASTRUCTURE}/event_bus/rabbitmq.py",
        "if unanswered and is_reused and",
        "if False and",
        "tests/reliability/test_broker_stalls.py -k died_unseen",
    ),
    Safeguard(
        "the batch that comes again while the store is away",
        f"{CQRS}/inbox.py",
        "except StoreUnavailable:\n                raise\n",
        "except StoreUnavailable as e:\n                return self._held_back(delivery, e)\n",
        "tests/infrastructure/test_inbox.py -k store_is_away",
    ),
    Safeguard(
        "confirms of what was put aside",
        f"{CQRS}/inbox.py",
        "            if lost:",
        "            if False:",
        "tests/infrastructure/test_inbox.py -k missing",
    ),
    Safeguard(
        "the broker's notes, which would make it drop a message",
        f"{INFRASTRUCTURE}/event_bus/port.py",
        "if not name.startswith(_DELIVERY_HISTORY)",
        "if True",
        "tests/infrastructure/test_inbox.py -k held_back_for_longer",
    ),
    Safeguard(
        "the end of retries",
        f"{CQRS}/failures.py",
        "return hopeless or failures >= len(RETRY_DELAYS_SECONDS)",
        "return hopeless",
        "tests/infrastructure/test_inbox.py -k held_back_for_longer",
    ),
    Safeguard(
        "parking at once of what can never succeed",
        f"{CQRS}/failures.py",
        "return hopeless or failures",
        "return failures",
        "tests/infrastructure/test_inbox.py -k poison",
    ),
    Safeguard(
        "commands that stay while the store is away",
        f"{CQRS}/queued_commands.py",
        "if isinstance(error, StoreUnavailable):",
        "if error is None:",
        "tests/infrastructure/test_queued_commands.py -k store_is_away",
    ),
    Safeguard(
        "the partial answer of the bridge",
        "api/functions.py",
        "failed += nudged[collection][identifier]",
        "pass",
        "tests/infrastructure/test_relay.py -k unfinished_document",
    ),
]
