"""What can go wrong outside the domain.

InfrastructureError
├── StoreUnavailable      MongoDB cannot be reached in time, or refuses to write
│   └── StoreLoginRefused   it refuses our login: the password was changed
├── OutboxFull            an aggregate has too many events that wait for the bus
├── EventTooLarge         an event would not fit through the broker
├── CommandMismatch       a command id was used before, for another command
├── DocumentUnreadable    a stored document does not fit the code
├── DocumentTooNew        a stored document was written by newer code
├── BusUnavailable        RabbitMQ cannot be reached in time
│   └── BusLoginRefused     it refuses our login
├── SecretsUnavailable    the settings that are secret cannot be read
├── ServiceUnavailable    a service of somebody else gives no sensible answer
├── TokenRefused          an access token grants nothing
├── IssuerUnavailable     the keys that check access tokens are not to be had
└── PreconditionFailed    an aggregate is at another version than the caller expects
"""


class InfrastructureError(Exception):
    """Something outside the domain failed.

    Args:
        message: one sentence for a person; never holds a secret, an address or a body.
    """

    code = "infrastructure_error"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class StoreUnavailable(InfrastructureError):
    """The store did not answer in time; whether a write applied may be unknown."""

    code = "store_unavailable"


class StoreLoginRefused(StoreUnavailable):
    """The store refuses our login; nothing was done."""


class OutboxFull(InfrastructureError):
    """The bus is behind by more events than an aggregate may hold; try again later."""

    code = "outbox_full"


class EventTooLarge(InfrastructureError):
    """An event is larger than the bus carries; nothing was changed."""

    code = "event_too_large"


class CommandMismatch(InfrastructureError):
    """The same command id came before, with another content."""

    code = "command_mismatch"


class DocumentUnreadable(InfrastructureError):
    """A stored document lacks a field or holds a value that the code cannot read."""

    code = "document_unreadable"


class DocumentTooNew(InfrastructureError):
    """Newer code wrote a document; this code leaves it alone."""

    code = "document_too_new"


class BusUnavailable(InfrastructureError):
    """The broker did not answer in time."""

    code = "bus_unavailable"


class BusLoginRefused(BusUnavailable):
    """The broker refuses our login; nothing was sent."""


class SecretsUnavailable(InfrastructureError):
    """Secrets Manager does not give the settings that are secret."""

    code = "secrets_unavailable"


class ServiceUnavailable(InfrastructureError):
    """An external service failed, was too slow or answered nonsense."""

    code = "service_unavailable"


class TokenRefused(InfrastructureError):
    """An access token is malformed, forged, expired, or for somebody else."""

    code = "token_refused"


class IssuerUnavailable(InfrastructureError):
    """The issuer of tokens cannot be asked for its keys, so that no token can be checked."""

    code = "issuer_unavailable"


class PreconditionFailed(InfrastructureError):
    """The caller wanted to change another version of the aggregate than there is."""

    code = "precondition_failed"
