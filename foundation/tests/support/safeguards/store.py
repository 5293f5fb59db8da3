"""The safeguards of the store: commits, outboxes in documents, tombstones."""

from .safeguard import INFRASTRUCTURE, MONGO, PROMISES, STORE_CONNECTION, Safeguard

STORE = [
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
        'pushed: Document = {"handled": handled_entry(context, version, at)}',
        "pushed: Document = {}",
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
        'unchanged[_last_place(len(events))] = {"$exists": False}',
        "pass",
        f"{PROMISES} -k full_outbox",
    ),
    Safeguard(
        "removal by id",
        f"{MONGO}/outbox_removal.py",
        "_ALIVE | _nothing_but(every_id)",
        "_ALIVE",
        "tests/infrastructure/test_relay.py -k survives",
    ),
    Safeguard(
        "the settling of documents without events",
        f"{MONGO}/outbox_store.py",
        """        if drained:
            self.remove(drained)
""",
        "",
        "tests/reliability/test_outbox_removal.py -k settled",
    ),
    Safeguard(
        "the repetition of a removal",
        f"{MONGO}/outbox_removal.py",
        "except ConnectionFailure as error:",
        "except ZeroDivisionError as error:",
        "tests/reliability/test_outbox_removal.py -k breaks",
    ),
    Safeguard(
        "clocks that go wrong",
        f"{MONGO}/outbox_store.py",
        ', {"$gt": at + grace, "$lt": PARKED_SINCE}]',
        "]",
        "tests/reliability/test_relays_at_work.py -k clocks",
    ),
    Safeguard(
        "reads of what a majority has",
        f"{INFRASTRUCTURE}/database/mongo/connection.py",
        'readConcernLevel="majority",',
        "",
        f"{STORE_CONNECTION} -k not_read",
    ),
    Safeguard(
        "reads from the primary",
        f"{INFRASTRUCTURE}/database/mongo/connection.py",
        'readPreference="primary",',
        "",
        "tests/infrastructure/test_container.py -k primary",
    ),
    Safeguard(
        "commits that a majority has",
        f"{INFRASTRUCTURE}/database/mongo/connection.py",
        'w="majority",',
        "w=1,",
        f"{STORE_CONNECTION} -k not_acknowledged",
    ),
    Safeguard(
        "the time limit of a database operation",
        f"{INFRASTRUCTURE}/database/mongo/connection.py",
        "timeoutMS=OPERATION_MS,",
        "",
        f"{STORE_CONNECTION} -k given_up",
    ),
    Safeguard(
        "the bound of events that are swept at once",
        f"{MONGO}/outbox_store.py",
        "MOST_EVENTS_SWEPT = 5_000",
        "MOST_EVENTS_SWEPT = 1 << 40",
        "tests/reliability/test_relays_at_work.py -k full_of_events",
    ),
    Safeguard(
        "a tombstone that stays until it is drained",
        f"{MONGO}/outbox_removal.py",
        "only_these | _DELETED",
        '{"_id": each} | _DELETED',
        "tests/reliability/test_tombstones.py -k event_waits",
    ),
    Safeguard(
        "the version match of a migration",
        f"{MONGO}/mongo_repository.py",
        'for name in ("_id", "version", "schema_version")',
        'for name in ("_id", "schema_version")',
        "tests/reliability/test_old_code_beside_new.py",
    ),
    Safeguard(
        "the parking of nothing but what waits",
        f"{MONGO}/outbox_store.py",
        '{"_id": identifier, "pending_since": {"$exists": True}}',
        '{"_id": identifier}',
        "tests/reliability/test_relays_at_work.py -k not_parked",
    ),
    Safeguard(
        "the end of tombstones",
        f"{MONGO}/indexes.py",
        ', name="expires_at", expireAfterSeconds=0',
        ', name="expires_at"',
        "tests/reliability/test_tombstones.py -k deletes",
    ),
    Safeguard(
        "a transaction whose write is not repeated outside",
        f"{MONGO}/writes.py",
        """            if session is not None:
                raise
""",
        "",
        f"{STORE_CONNECTION} -k inside_a_transaction",
    ),
]
