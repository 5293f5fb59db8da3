"""The parts of the domain, read from its classes."""

import dataclasses
import functools
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from enum import Enum
from types import ModuleType, NoneType, UnionType
from typing import Any, Protocol, TypeVar, Union, get_args, get_origin, get_type_hints

from carafe.development.project import project
from carafe.domain.model import AggregateRoot, DomainCommand, DomainEvent, Entity, ValueObject
from carafe.domain.process import Process

T = TypeVar("T")

# The packages whose classes are drawn: the service's own, and the foundation's values.
DRAWN_PACKAGES = ("chalicelib.", "carafe.domain.")


def modules_of(package: ModuleType) -> Iterator[ModuleType]:
    """Yield the modules of a package and of the packages in it, sorted by name."""
    for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        yield project().module(info.name)


def classes_of(package: ModuleType, base: type[T]) -> list[type[T]]:
    """Return the subclasses of a class that a package defines, in the order of the source."""
    return [each for each in _own_classes(package) if issubclass(each, base) and each is not base]


def aggregates() -> list[type[AggregateRoot]]:
    """Return the domain's aggregates."""
    return classes_of(project().layer("domain"), AggregateRoot)


def events() -> list[type[DomainEvent]]:
    """Return the domain's events."""
    return classes_of(project().layer("domain"), DomainEvent)


@functools.cache
def ports() -> list[type]:
    """Return the domain's ports: protocols that the infrastructure implements."""
    return [
        each
        for each in _own_classes(project().layer("domain"))
        if Protocol in each.__bases__ or getattr(each, "_is_protocol", False)
    ]


def stereotype_of(declared: type) -> str:
    """Return the stereotype of a class in a class diagram."""
    stereotypes = {
        Process: "process",
        AggregateRoot: "aggregate root",
        Entity: "entity",
        DomainEvent: "event",
        DomainCommand: "command",
        ValueObject: "value object",
        Enum: "enumeration",
    }
    return next((name for base, name in stereotypes.items() if issubclass(declared, base)), "class")


def summary(declared: object) -> str:
    """Return the first line of a docstring; empty without one."""
    return (inspect.getdoc(declared) or "").partition("\n")[0]


@dataclasses.dataclass(frozen=True)
class Attribute:
    """An attribute of a class.

    Attributes:
        name: as in the code.
        type_name: a short form of its type: `Item[]`, `Handover?`.
        targets: the classes of the domain in its type.
        many: their multiplicity: empty for one, `0..1`, or `*`.
    """

    name: str
    type_name: str
    targets: tuple[type, ...]
    many: str


def attributes_of(declared: type, base: type | None = None) -> list[Attribute]:
    """Return the attributes of a dataclass, without those of a base class."""
    inherited = {field.name for field in dataclasses.fields(base)} if base else set()
    hints = get_type_hints(declared)
    return [
        _attribute(field.name, hints[field.name])
        for field in dataclasses.fields(declared)
        if field.name not in inherited
    ]


def behaviours_of(declared: type) -> dict[str, Callable[..., Any]]:
    """Return a class's own public functions by name, in the order of the source."""
    unwrapped = {
        name: value.__func__ if isinstance(value, (classmethod, staticmethod)) else value
        for name, value in vars(declared).items()
        if not name.startswith("_")
    }
    return {name: value for name, value in unwrapped.items() if inspect.isfunction(value)}


def short_type(type_form: Any) -> str:  # noqa: ANN401 - any type form
    """Return a type as a class diagram shows it: `Item[]`, `Handover?`, `datetime`."""
    origin, arguments = get_origin(type_form), get_args(type_form)
    if origin in {Union, UnionType}:
        others = [short_type(each) for each in arguments if each is not NoneType]
        return " or ".join(others) + ("?" if NoneType in arguments else "")
    if origin in {list, tuple, set, frozenset}:
        return f"{short_type(arguments[0])}[]"
    if hasattr(type_form, "__metadata__"):  # Annotated
        return short_type(arguments[0])
    if origin is not None and arguments:
        return f"{origin.__name__} of {', '.join(map(short_type, arguments))}"
    return str(getattr(type_form, "__name__", type_form))


def _attribute(name: str, type_form: Any) -> Attribute:  # noqa: ANN401 - any type form
    types = set(_types_in(type_form))
    targets = [each for each in types if each.__module__.startswith(DRAWN_PACKAGES)]
    targets.sort(key=lambda each: each.__name__)
    type_name = short_type(type_form)
    many = "*" if type_name.endswith("[]") else "0..1" if NoneType in types else ""
    return Attribute(name, type_name, tuple(targets), many)


def _types_in(type_form: Any) -> Iterator[type]:  # noqa: ANN401 - any type form
    if isinstance(type_form, type) and not get_args(type_form):
        yield type_form
    for argument in get_args(type_form):
        yield from _types_in(argument)


@functools.cache
def _own_classes(package: ModuleType) -> tuple[type, ...]:
    return tuple(
        value
        for module in modules_of(package)
        for value in vars(module).values()
        if isinstance(value, type) and value.__module__ == module.__name__
    )
