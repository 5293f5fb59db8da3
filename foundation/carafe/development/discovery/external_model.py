"""The external services of a resolved model, and the calls of their operations."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from .aggregate_model import Attribute
from .names import camel

_PATH_PARAMETER = re.compile(r"{(\w+)}")


def path_names(path: str) -> list[str]:
    """Return the names of the parameters in a path."""
    return _PATH_PARAMETER.findall(path)


@dataclass(frozen=True)
class ServiceRefusal:
    """A way in which another service refuses what an operation asks for.

    Attributes:
        code: stable name for programs, in snake_case.
        description: a sentence for people.
        status: of its answer.
    """

    code: str
    description: str
    status: int

    @property
    def name(self) -> str:
        """The class of the error, in CamelCase."""
        return camel(self.code)


@dataclass(frozen=True)
class Operation:
    """An operation of an external service: a method of its port.

    Attributes:
        name: a verb.
        description: a sentence.
        method: of the request.
        path: with parameters as `{policy_id}`.
        takes: its parameters, those of the path included.
        returns: the fields of the answer that it returns.
        refusals: the answers that are none of these.
        service: the name of the service.
    """

    name: str
    description: str
    method: str
    path: str
    takes: tuple[Attribute, ...]
    returns: tuple[Attribute, ...] = ()
    refusals: tuple[ServiceRefusal, ...] = ()
    service: str = ""

    @property
    def path_names(self) -> list[str]:
        """The names of the parameters in its path."""
        return path_names(self.path)

    @property
    def body(self) -> tuple[Attribute, ...]:
        """The parameters that are sent in the body."""
        return tuple(each for each in self.takes if each.name not in self.path_names)

    @property
    def result(self) -> str:
        """The class of several returned fields; empty if there is one, or none."""
        return f"{self.service}{camel(self.name)}Result" if len(self.returns) > 1 else ""


@dataclass(frozen=True)
class ExternalService:
    """A service outside of this one, behind a port of the domain."""

    name: str
    description: str
    operations: tuple[Operation, ...]

    @property
    def refusals(self) -> tuple[ServiceRefusal, ...]:
        """The refusals of all its operations, each code once."""
        found: dict[str, ServiceRefusal] = {}
        for each in (refusal for operation in self.operations for refusal in operation.refusals):
            found.setdefault(each.code, each)
        return tuple(found.values())


@dataclass(frozen=True)
class ServiceCall:
    """The call of an operation before a behaviour.

    Attributes:
        operation: that is called.
        arguments: by the operation's parameter: what it is given.
        gives: by the behaviour's parameter: the returned field.
    """

    operation: Operation
    arguments: Mapping[str, "Argument"] = field(hash=False)
    gives: Mapping[str, Attribute] = field(default_factory=dict, hash=False)

    @property
    def reads_aggregate(self) -> bool:
        """Whether the operation is given an attribute of the aggregate."""
        return any(each.attribute and not each.is_field for each in self.arguments.values())


@dataclass(frozen=True)
class Argument:
    """What an operation is given.

    Attributes:
        attribute: the field of the command, or the attribute of the aggregate; None for the
            aggregate's id.
        is_field: it is a field of the command.
    """

    attribute: Attribute | None
    is_field: bool = False
