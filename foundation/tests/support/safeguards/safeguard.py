"""What a safeguard is, and where the safeguards and their tests are."""

from dataclasses import dataclass

INFRASTRUCTURE = "infrastructure"
CQRS = "infrastructure/cqrs"
MONGO = "infrastructure/database/mongo"
PROMISES = "tests/infrastructure/repositories/test_promises.py::TestOrdersInMongo"
STORE_CONNECTION = "tests/reliability/test_store_connection.py"
BROKER_STALLS = "tests/reliability/test_broker_stalls.py"


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
