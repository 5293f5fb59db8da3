"""Statements of policies, as IAM understands them.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Any

from msgspec import Struct

from .needs import ONLY_LAMBDA_ITSELF, Need

WILDCARDS = frozenset("*?")
END_OF_SECRET = re.compile(r"-(\?{6}|\*|\w{6})$")
ARN_FIELDS = 6


class Statement(Struct, frozen=True):
    """A statement of a policy.

    Attributes:
        effect: Allow or Deny.
        actions: patterns of actions.
        resources: patterns of ARNs.
        condition: under which it counts; None for always.
    """

    effect: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    condition: Any = None

    def concerns(self, action: str) -> bool:
        """Return whether it names an action; case does not matter."""
        return any(fnmatchcase(action.lower(), each.lower()) for each in self.actions)

    def covers(self, action: str, need: Need) -> bool:
        """Return whether it counts for an action on the resource of a need."""
        # In any region and account, since a policy may name its own.
        return (
            self._counts_for(need)
            and self.concerns(action)
            and any(_covers(each, need.resource) for each in self.resources)
        )

    def _counts_for(self, need: Need) -> bool:
        if self.effect == "Deny":
            return self.condition is None
        if need.condition is not None:
            return bool(self.condition == need.condition)
        return bool(self.condition != ONLY_LAMBDA_ITSELF)


def statements_of(document: Any) -> Iterator[Statement]:  # noqa: ANN401 - read from a file
    """Yield the statements of a policy.

    Raises:
        ValueError: it is not of the form that this package can check; the message says why.
    """
    statements = document.get("Statement") if isinstance(document, dict) else None
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list):
        raise ValueError("it has no list `Statement`")
    for each in statements:
        if not isinstance(each, dict) or each.get("Effect") not in {"Allow", "Deny"}:
            raise ValueError("a statement has no `Effect`, Allow or Deny")
        yield Statement(
            each["Effect"],
            tuple(_texts(each, "Action")),
            tuple(_texts(each, "Resource")),
            each.get("Condition"),
        )


def lacking(need: Need, statements: Iterable[Statement]) -> tuple[str, ...]:
    """Return the actions of a need that a policy does not allow."""
    known = list(statements)
    return tuple(action for action in need.actions if not _is_allowed(action, need, known))


def service_of(resource: str) -> str:
    """Return which service of AWS has a resource; empty if the pattern leaves it open."""
    return _fields(resource)[2]


def name_of(resource: str) -> str:
    """Return the name of a resource within its service, a secret's without Secrets Manager's end.

    Of an ARN of another form: the ARN as it is.
    """
    name = _fields(resource)[-1]
    match service_of(resource):
        case "secretsmanager":
            return END_OF_SECRET.sub("", name.removeprefix("secret:"))
        case "logs":
            return name.removeprefix("log-group:").partition(":")[0]
    return name


def is_pattern(name: str) -> bool:
    """Return whether a name has wildcards."""
    return not WILDCARDS.isdisjoint(name)


def is_everything(resource: str) -> bool:
    """Return whether it is all resources of a service, as `arn:aws:sqs:*:*:*`, or of all."""
    return set(_fields(resource)[-1].split(":")) <= {"*"} or is_pattern(service_of(resource))


def _is_allowed(action: str, need: Need, statements: list[Statement]) -> bool:
    effects = {each.effect for each in statements if each.covers(action, need)}
    return effects == {"Allow"}


def _covers(pattern: str, resource: str) -> bool:
    if pattern == "*" or resource == "*":
        return pattern == "*"
    example = _fields(resource)[-1].replace("*", "x").replace("?", "x")
    same_service = service_of(pattern) == service_of(resource)
    return same_service and fnmatchcase(example, _fields(pattern)[-1])


def _fields(resource: str) -> list[str]:
    fields = resource.split(":", ARN_FIELDS - 1)
    return fields if len(fields) == ARN_FIELDS else [""] * (ARN_FIELDS - 1) + [resource]


def _texts(statement: dict[str, Any], name: str) -> list[str]:
    value = statement.get(name)
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(each, str) for each in values):
        raise ValueError(f"a statement has no `{name}`, a text or a list of texts")
    return values
