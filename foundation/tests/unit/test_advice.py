"""What a command adds to an error when the servers of `make run` may be missing."""

import pytest

from carafe.development.advice import advice_for
from carafe.infrastructure.errors import (
    BusUnavailable,
    OutboxFull,
    StoreLoginRefused,
    StoreUnavailable,
)
from carafe.infrastructure.settings import BadSettings

LOCAL = "mongodb://user:secret@127.0.0.1:27017/?replicaSet=rs0"
REMOTE = "mongodb://user:secret@db.example.com:27017/"

AWAY = StoreUnavailable("The database did not answer in time.")


@pytest.mark.parametrize(
    ("error", "address", "advice"),
    [
        (AWAY, LOCAL, " MONGO_URI leads to 127.0.0.1:27017: is `make run` running?"),
        (AWAY, REMOTE, " MONGO_URI leads to db.example.com:27017."),
        (AWAY, "", ""),
        (StoreLoginRefused("The database refuses the login."), LOCAL, ""),
        (BusUnavailable("No connection."), LOCAL, ""),
        (OutboxFull("Too many events."), LOCAL, ""),
        (BadSettings(["SERVICE_NAME is too long"]), LOCAL, ""),
        (
            BadSettings(["MONGO_URI is missing"]),
            LOCAL,
            "\n`make run` starts what is missing, and writes it to .env.",
        ),
    ],
)
def test_only_what_may_be_away_is_named(
    error: Exception, address: str, advice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONGO_URI", address)
    monkeypatch.delenv("RABBITMQ_URL", raising=False)
    assert advice_for(error) == advice
