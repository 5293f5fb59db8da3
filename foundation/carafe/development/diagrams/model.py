"""What the domain consists of, read from its classes."""

import dataclasses
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from enum import Enum
from types import ModuleType, NoneType, UnionType
from typing import Any, Protocol, TypeVar, Union, get_args, get_origin, get_type_hints

from carafe.development.project import project
from carafe.domain.model import AggregateRoot, DomainEvent, Entity, ValueObject

T = TypeVar("T")

# Of these packages classes are drawn: the service's own, and the values that the foundation brings.
OWN = ("chalicelib.", "carafe.domain.")


def modules_of(package: ModuleType) -> Iterator[ModuleType]:
    """Yield a package's modules, those of packages within as well, sorted by name."""
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        yield project().module(found.name)


def classes_of(package: ModuleType, kind: type[T]) -> list[type[T]]:
    """Return the classes of one kind that a package defines, module by module, as they stand."""
    return [each for each in _own_classes(package) if issubclass(each, kind) and each is not kind]


def aggregates() -> list[type[AggregateRoot]]:
    """Return the domain's aggregates."""
    return classes_of(project().room("domain"), AggregateRoot)


def events() -> list[type[DomainEvent]]:
    """Return the domain's events."""
    return classes_of(project().room("domain"), DomainEvent)


def ports() -> list[type]:
    """Return the protocols that the domain leaves to others to fill."""
    return [
        each
        for each in _own_classes(project().room("domain"))
        if Protocol in each.__bases__ or getattr(each, "_is_protocol", False)
    ]


def kind_of(declared: type) -> str:
    """Return what a class is in the domain: its stereotype in a class diagram."""
    kinds = {
        AggregateRoot: "aggregate root",
        Entity: "entity",
        DomainEvent: "event",
        ValueObject: "value object",
        Enum: "enumeration",
    }
    return next((name for kind, name in kinds.items() if issubclass(declared, kind)), "class")


def summary(declared: object) -> str:
    """Return the first sentence of a docstring; empty without one."""
    return (inspect.getdoc(declared) or "").partition("\n")[0]


@dataclasses.dataclass(frozen=True)
class Attribute:
    """An attribute of a class.

    Attributes:
        name: as in the code.
        kind: its type in short: `Item[]`, `Handover?`.
        targets: the domain's own classes in its type.
        many: how many of them there are: empty for one, `0..1`, or `*`.
    """

    name: str
    kind: str
    targets: tuple[type, ...]
    many: str


def attributes_of(declared: type, base: type | None = None) -> list[Attribute]:
    """Return a dataclass's attributes, without those that a base class brings."""
    inherited = {field.name for field in dataclasses.fields(base)} if base else set()
    hints = get_type_hints(declared)
    return [
        _attribute(field.name, hints[field.name])
        for field in dataclasses.fields(declared)
        if field.name not in inherited
    ]


def behaviours_of(declared: type) -> dict[str, Callable[..., Any]]:
    """Return a class's own public functions, as they stand; properties are none."""
    unwrapped = {
        name: value.__func__ if isinstance(value, (classmethod, staticmethod)) else value
        for name, value in vars(declared).items()
        if not name.startswith("_")
    }
    return {name: value for name, value in unwrapped.items() if inspect.isfunction(value)}


def short_type(kind: Any) -> str:  # noqa: ANN401 - a type form
    """Return a type as a class diagram says it: `Item[]`, `Handover?`, `datetime`."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in {Union, UnionType}:
        others = [short_type(each) for each in arguments if each is not NoneType]
        return " or ".join(others) + ("?" if NoneType in arguments else "")
    if origin in {list, tuple, set, frozenset}:
        return f"{short_type(arguments[0])}[]"
    if hasattr(kind, "__metadata__"):  # Annotated
        return short_type(arguments[0])
    if origin is not None and arguments:
        return f"{origin.__name__} of {', '.join(map(short_type, arguments))}"
    return str(getattr(kind, "__name__", kind))


def _attribute(name: str, kind: Any) -> Attribute:  # noqa: ANN401 - a type form
    inner = set(_types_in(kind))
    own = [each for each in inner if each.__module__.startswith(OWN)]
    many = "*" if short_type(kind).endswith("[]") else "0..1" if NoneType in inner else ""
    return Attribute(name, short_type(kind), tuple(sorted(own, key=lambda x: x.__name__)), many)


def _types_in(kind: Any) -> Iterator[type]:  # noqa: ANN401 - a type form
    if isinstance(kind, type) and not get_args(kind):
        yield kind
    for argument in get_args(kind):
        yield from _types_in(argument)


def _own_classes(package: ModuleType) -> Iterator[type]:
    for module in modules_of(package):
        for value in vars(module).values():
            if isinstance(value, type) and value.__module__ == module.__name__:
                yield value
