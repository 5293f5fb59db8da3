"""The errors of the domain.

DomainError
├── InvalidValue      a value that cannot exist: a negative quantity, a mixed currency
├── RuleBroken        a well-formed request that breaks a business rule
├── NotFound          no such aggregate, or none that the caller may see
├── AlreadyExists     another aggregate has this identity
└── StaleVersion      the aggregate has changed since it was read

Each carries a stable `code` for programs and a message for people that says what to do.
"""


class DomainError(Exception):
    """A request that the domain refuses.

    Args:
        message: one sentence for a person.
        code: stable name of the error, snake_case; the class's own by default.
    """

    code = "domain_error"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code


class InvalidValue(DomainError, ValueError):
    """A value object cannot be built from these values.

    Args:
        field: the faulty attribute, such as `quantity`, or the path to it: `lines/0/quantity`.
        message: what is wrong with it.
        code: stable name of the rule that is broken; the class's own by default.
    """

    code = "invalid_value"

    def __init__(self, field: str, message: str, *, code: str | None = None) -> None:
        super().__init__(f"{field}: {message}", code=code)
        self.field = field
        self.reason = message


class RuleBroken(DomainError):
    """The aggregate's state does not allow the change."""

    code = "rule_broken"


class NotFound(DomainError):
    """No such aggregate.

    Args:
        kind: the aggregate's name in the ubiquitous language, such as `loan`.
        identifier: the id that was requested.
    """

    code = "not_found"

    def __init__(self, kind: str, identifier: str) -> None:
        super().__init__(f"There is no {kind} {identifier}.")
        self.kind = kind
        self.identifier = identifier


class AlreadyExists(DomainError):
    """Another aggregate has the same identity or the same unique attribute."""

    code = "already_exists"


class StaleVersion(DomainError):
    """The aggregate has changed since it was read; read it again and repeat the change."""

    code = "stale_version"
