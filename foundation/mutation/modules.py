"""What is mutated, and the tests that know it: those that are fast."""

from collections.abc import Iterator
from dataclasses import dataclass

INFRASTRUCTURE = "carafe/infrastructure"
DATABASE = f"{INFRASTRUCTURE}/database"


@dataclass(frozen=True)
class Module:
    """A part of the foundation whose faults would lose, double or reorder something.

    Attributes:
        name: what it is called on the command line.
        files: of the package, below the foundation.
        tests: below `tests`.
    """

    name: str
    files: tuple[str, ...]
    tests: tuple[str, ...]

    @property
    def needs_servers(self) -> bool:
        """Whether there are tests on real servers among them."""
        return not all(each.startswith(("unit/", "simulation/")) for each in self.tests)


def _some_of(file: str, *names: str) -> Iterator[str]:
    """Yield tests of a file that are fast, and start no servers of their own."""
    return (f"{file}::test_{each}" for each in names)


SIMULATED_SERVERS = "simulation/test_promises.py"
SIMULATED_ORDERS = f"{SIMULATED_SERVERS}::TestSimulatedOrders"
SIMULATED_OUTBOX = f"{SIMULATED_SERVERS}::TestSimulatedOutbox"
SIMULATED = "simulation/test_simulation.py::test_no_run_breaks_a_promise"
COMMITS = (
    "unit/test_commits.py",
    "unit/test_commits_refused.py",
    "unit/test_commits_of_versions.py",
)

MODULES = [
    Module(
        "relay",
        tuple(
            f"{INFRASTRUCTURE}/outbox/{each}.py"
            for each in ("relay", "relay_result", "store", "own_commands")
        ),
        (
            "unit/test_relay_bounds.py",
            "unit/test_relay_waves.py",
            "unit/test_own_commands.py",
            *_some_of(
                "infrastructure/test_commands_relayed.py",
                "a_queue_that_cannot_be_reached_holds_commands_back",
                "no_batch_is_larger_than_sqs_accepts",
                "of_a_batch_those_that_were_refused_wait",
                "after_the_deadline_no_batch_is_begun",
            ),
            SIMULATED,
        ),
    ),
    Module(
        "outbox",
        (f"{INFRASTRUCTURE}/outbox/outbox.py", f"{INFRASTRUCTURE}/outbox/cloud_events.py"),
        ("unit/test_outbox.py", "unit/test_outbox_exactly.py", "unit/test_sent_commands.py"),
    ),
    Module(
        "publisher",
        (f"{INFRASTRUCTURE}/event_bus/publisher.py",),
        ("unit/test_publisher_answers.py", "unit/test_publisher_connection.py"),
    ),
    Module(
        "bus",
        (f"{INFRASTRUCTURE}/event_bus/rabbitmq.py",),
        (
            "unit/test_bus_publishing.py",
            "unit/test_bus_nodes.py",
            "unit/test_bus_channels.py",
            "unit/test_rabbitmq_login.py",
        ),
    ),
    Module("confirms", (f"{INFRASTRUCTURE}/event_bus/confirms.py",), ("unit/test_confirms.py",)),
    Module(
        "inbox",
        tuple(
            f"{INFRASTRUCTURE}/cqrs/{each}.py"
            for each in ("inbox", "aside", "delivery", "failures")
        ),
        (
            "unit/test_inbox_settles.py",
            "unit/test_inbox_aside.py",
            "unit/test_queued_settles.py",
            SIMULATED,
        ),
    ),
    Module(
        "execution",
        tuple(f"{INFRASTRUCTURE}/cqrs/{each}.py" for each in ("execution", "queued_commands")),
        (
            "unit/test_changes_once.py",
            "unit/test_queued_settles.py",
            SIMULATED_ORDERS,
            SIMULATED,
        ),
    ),
    Module(
        "idempotency",
        ("carafe/api/idempotency.py", f"{DATABASE}/bookkeeping.py"),
        ("unit/test_remembered_commands.py", "unit/test_refusals.py"),
    ),
    Module(
        "removal",
        (f"{DATABASE}/mongo/outbox_removal.py",),
        ("unit/test_outbox_removal.py", SIMULATED_OUTBOX),
    ),
    Module(
        "pending",
        (f"{DATABASE}/mongo/outbox_store.py", f"{DATABASE}/mongo/faults.py"),
        ("unit/test_outbox_store.py", "unit/test_store_faults.py", SIMULATED_OUTBOX),
    ),
    Module(
        "repository",
        (f"{DATABASE}/mongo/mongo_repository.py",),
        (*COMMITS, SIMULATED_ORDERS, SIMULATED_OUTBOX),
    ),
    Module(
        "writes",
        tuple(f"{DATABASE}/mongo/{each}.py" for each in ("writes", "marks", "documents", "steps")),
        (
            *COMMITS,
            "unit/test_state_forms.py",
            "unit/test_marks.py",
            "unit/test_forgetting.py",
            SIMULATED_ORDERS,
        ),
    ),
    Module(
        "tokens",
        (
            *(
                f"{INFRASTRUCTURE}/authorization/{each}.py"
                for each in ("tokens", "profile", "signatures", "key_set")
            ),
            f"{INFRASTRUCTURE}/cqrs/middleware/scope.py",
            "carafe/api/authorizer.py",
        ),
        (
            "unit/test_tokens.py",
            "unit/test_token_rules.py",
            "unit/test_token_profiles.py",
            "unit/test_signatures.py",
            "unit/test_key_set.py",
            "unit/test_middleware.py",
            "unit/test_authorizer.py",
            "unit/test_issuer_answers.py",
            "unit/test_keys_refused.py",
            *_some_of(
                "infrastructure/test_issuer.py",
                "keys_are_where_the_discovery_document_says",
                "one_key_that_cannot_be_read_does_not_take_the_others_with_it",
                "keys_on_another_host_are_not_asked_for",
                "keys_on_a_host_that_an_operator_names_are_fetched_there_alone",
                "a_redirect_is_not_followed",
                "an_answer_must_be_complete_in_time",
                "keys_are_fetched_over_one_encrypted_connection",
                "an_issuer_whose_certificate_is_not_trusted_is_asked_for_nothing",
                "an_address_that_cannot_be_asked_for_counts_as_unavailable",
                "an_issuer_of_another_name_is_not_believed",
                "nonsense_is_not_taken_for_keys",
            ),
        ),
    ),
    Module("requests", ("carafe/api/requests.py",), ("unit/test_requests.py",)),
]
