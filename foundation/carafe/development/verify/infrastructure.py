"""05 - Infrastructure Implementation: repositories, database, event bus, adapters."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any, get_type_hints

from carafe.development.bus.broker import broker_service
from carafe.development.bus.commands import faults_on_broker, live_broker
from carafe.development.diagrams.external import clients, port_of
from carafe.development.diagrams.infrastructure import repositories
from carafe.development.diagrams.model import (
    aggregates,
    behaviours_of,
    classes_of,
    modules_of,
    ports,
)
from carafe.development.project import container, project
from carafe.development.stored_forms.commands import form_changes
from carafe.development.stored_forms.live import earlier_documents

from .needs import Need, failing_tests, is_about, is_mentioned, stale_diagrams

TESTS = "tests/infrastructure"


def missing_repositories() -> Iterator[str]:
    """Yield aggregates without a repository."""
    stored = {each.aggregate for each in repositories()}
    for aggregate in aggregates():
        if aggregate not in stored:
            yield f"{aggregate.__name__} has no repository: extend MongoRepository"


def undeclared_aggregates() -> Iterator[str]:
    """Yield aggregates that are unknown to the relay and the database plan."""
    for aggregate in aggregates():
        if aggregate not in project().service.repositories:
            yield f"{aggregate.__name__} is not declared in bootstrap.py: declare its repository"
    yield from project().service.reference_faults()


def missing_adapters() -> Iterator[str]:
    """Yield ports without an adapter."""
    adapters = classes_of(project().layer("infrastructure"), object)
    for port in ports():
        if behaviours_of(port):
            if not any(port_of(each) is port for each in adapters):
                yield f"{port.__name__} has no adapter: write a class with its methods"
        elif not any(_has_signature_of(port, each) for each in _functions()):
            yield f"{port.__name__} has no adapter: write a function of its form"


def unwired_adapters() -> Iterator[str]:
    """Yield adapters that the container does not create."""
    declared = {each.adapter for each in clients()}
    for adapter in classes_of(project().layer("infrastructure"), object):
        if port_of(adapter) and adapter.__name__ not in declared:
            yield f"{adapter.__name__} is not wired: declare it in bootstrap.py"


def missing_tests() -> Iterator[str]:
    """Yield repositories and adapters that no integration test mentions."""
    for repository in repositories():
        is_named = is_mentioned(repository.__name__, TESTS)
        if not is_named and not is_about(repository.aggregate, TESTS):
            yield f"{repository.__name__} has no test in {TESTS}: write one"
    for client in clients():
        if not any(is_mentioned(each, TESTS) for each in (client.adapter, client.setting)):
            yield f"{client.adapter} has no test in {TESTS}: write one"


def database_differences() -> list[str]:
    """Return how the live database differs from what the domain declares."""
    changes = container().database_plan()
    return [f"{each}: run `carafe database apply`" for each in changes]


def broken_forms() -> list[str]:
    """Return changes that would make documents of the last release unreadable."""
    return form_changes(project()).breaks


def unreadable_documents() -> list[str]:
    """Return what is stored in the live database in a version that the code cannot read."""
    return [str(each) for each in earlier_documents(container()) if not each.is_readable]


def bus_differences() -> list[str]:
    """Return how the live broker differs from the topology that the contracts declare."""
    if container().settings.event_bus_type == "base":
        return []  # in memory: nothing is declared
    faults = faults_on_broker(broker_service(), live_broker())
    return [f"{each}: `carafe bus declare` creates what is missing" for each in faults]


def _functions() -> Iterator[Callable[..., Any]]:
    """Yield the functions and methods of the two outer layers."""
    for room in (project().layer("infrastructure"), project().layer("api")):
        for module in modules_of(room):
            for value in vars(module).values():
                if getattr(value, "__module__", "") != module.__name__:
                    continue
                if inspect.isfunction(value):
                    yield value
                elif isinstance(value, type):
                    yield from filter(inspect.isfunction, vars(value).values())


def _has_signature_of(port: type, function: Callable[..., Any]) -> bool:
    """Return whether a function has the signature of a port that is a callable."""
    try:
        return _signature(vars(port)["__call__"]) == _signature(function)
    except (NameError, TypeError):
        return False  # annotated with a name that only a type checker imports


def _signature(function: Callable[..., Any]) -> tuple[list[Any], Any]:
    hints = get_type_hints(function)
    names = [each for each in inspect.signature(function).parameters if each != "self"]
    return [hints.get(each) for each in names], hints.get("return")


NEEDS = (
    Need("each aggregate has a repository", missing_repositories),
    Need("each aggregate is known to the relay and the database plan", undeclared_aggregates),
    Need("each port of the domain has an adapter", missing_adapters),
    Need("each adapter is wired", unwired_adapters),
    Need("repositories and adapters have integration tests", missing_tests),
    Need("documents of the released forms can be read", broken_forms),
    Need("diagrams/infrastructure.md is current", stale_diagrams("infrastructure.md")),
    # Before the needs that read .env: the tests start servers of their own.
    Need("the integration tests pass on real servers", failing_tests(TESTS), live=True),
    Need("validators and indexes are in place", database_differences, live=True),
    Need("every stored version can be read", unreadable_documents, live=True),
    Need("the event bus is configured as declared", bus_differences, live=True),
)
