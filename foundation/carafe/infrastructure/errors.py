"""The errors of the infrastructure.

InfrastructureError
├── StoreUnavailable      MongoDB does not answer in time, or refuses to write
│   └── StoreLoginRefused   it refuses the login: the password was changed
├── OutboxFull            an aggregate has too many pending events
├── EventTooLarge         an event is larger than the broker accepts
├── CommandMismatch       a command id was already used for another command
├── DocumentUnreadable    a stored document does not fit the code
├── DocumentTooNew        newer code wrote a stored document
├── BusUnavailable        RabbitMQ does not answer in time
│   └── BusLoginRefused     it refuses the login
├── SecretsUnavailable    Secrets Manager does not return the secret settings
├── ServiceUnavailable    an external service gives no usable answer
├── TokenRefused          an access token is not valid
├── IssuerUnavailable     the keys of the token issuer cannot be fetched
├── PreconditionFailed    an aggregate does not have the version that the caller expects
└── ForeignTimer          a handler changes another aggregate than the one whose timer calls
"""


class InfrastructureError(Exception):
    """Something outside the domain failed.

    Args:
        message: one sentence for a person, without secrets, addresses or bodies.
    """

    code = "infrastructure_error"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class StoreUnavailable(InfrastructureError):
    """The store did not answer in time; whether a write took effect may be unknown."""

    code = "store_unavailable"


class StoreLoginRefused(StoreUnavailable):
    """The store refuses the login; nothing was done."""


class OutboxFull(InfrastructureError):
    """More events are pending than an aggregate may hold; try again later."""

    code = "outbox_full"


class EventTooLarge(InfrastructureError):
    """An event is larger than the broker accepts; nothing was changed."""

    code = "event_too_large"


class CommandMismatch(InfrastructureError):
    """The same command id was used before, with other contents."""

    code = "command_mismatch"


class DocumentUnreadable(InfrastructureError):
    """A stored document lacks a field or has a value that the code cannot read."""

    code = "document_unreadable"


class DocumentTooNew(InfrastructureError):
    """Newer code wrote a document; this code must not change it."""

    code = "document_too_new"


class BusUnavailable(InfrastructureError):
    """The broker did not answer in time."""

    code = "bus_unavailable"


class BusLoginRefused(BusUnavailable):
    """The broker refuses the login; nothing was sent."""


class SecretsUnavailable(InfrastructureError):
    """Secrets Manager does not return the secret settings."""

    code = "secrets_unavailable"


class ServiceUnavailable(InfrastructureError):
    """An external service failed, was too slow or gave an invalid answer."""

    code = "service_unavailable"


class TokenRefused(InfrastructureError):
    """An access token is malformed, forged, expired, or for another audience."""

    code = "token_refused"


class IssuerUnavailable(InfrastructureError):
    """The issuer does not return its keys, so no token can be verified."""

    code = "issuer_unavailable"


class PreconditionFailed(InfrastructureError):
    """The aggregate does not have the version that the caller wants to change."""

    code = "precondition_failed"


class ForeignTimer(InfrastructureError):
    """The handler of a timer changes another aggregate than the one that set it."""

    code = "foreign_timer"
