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
SIMULATED = "simulation/test_simulation.py::test_no_run_breaks_a_promise"

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
            f"{SIMULATED_SERVERS}::TestSimulatedOrders",
            SIMULATED,
        ),
    ),
    Module(
        "idempotency",
        ("carafe/api/idempotency.py", f"{DATABASE}/bookkeeping.py"),
        ("unit/test_remembered_commands.py", "unit/test_refusals.py"),
    ),
]
