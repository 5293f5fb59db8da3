"""05 - Infrastructure Implementation: repositories, database, bus, adapters."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any, get_type_hints

from carafe.development.bus import broker_service, faults_on_broker, live_broker
from carafe.development.diagrams.external import clients, filled_port
from carafe.development.diagrams.infrastructure import repositories
from carafe.development.diagrams.model import (
    aggregates,
    behaviours_of,
    classes_of,
    modules_of,
    ports,
)
from carafe.development.project import container, project

from .needs import Need, current, mentioned, passing

TESTS = "tests/infrastructure"


def kept() -> Iterator[str]:
    """Yield aggregates without a repository."""
    served = {each.aggregate for each in repositories()}
    for aggregate in aggregates():
        if aggregate not in served:
            yield f"{aggregate.__name__} has no repository: extend MongoRepository"


def wired() -> Iterator[str]:
    """Yield aggregates that the relay and the database plan do not know."""
    for aggregate in aggregates():
        if aggregate not in project().service.repositories:
            yield f"{aggregate.__name__} is not declared in bootstrap.py: its events stay unrelayed"
    yield from project().service.faults()


def adapted() -> Iterator[str]:
    """Yield ports that nothing fills."""
    adapters = classes_of(project().room("infrastructure"), object)
    for port in ports():
        if behaviours_of(port):
            if not any(filled_port(each) is port for each in adapters):
                yield f"{port.__name__} has no adapter: a class in infrastructure with its methods"
        elif not any(_same_call(port, each) for each in _functions()):
            yield f"{port.__name__} is filled by no function of its form"


def reached() -> Iterator[str]:
    """Yield adapters that the container does not make."""
    made = {each.adapter for each in clients()}
    for adapter in classes_of(project().room("infrastructure"), object):
        if filled_port(adapter) and adapter.__name__ not in made:
            yield f"{adapter.__name__} is made nowhere: declare it in bootstrap.py"


def tested() -> Iterator[str]:
    """Yield repositories and adapters that no integration test speaks of."""
    for repository in repositories():
        name = repository.aggregate.__name__
        if not mentioned(repository.__name__, TESTS) and not mentioned(name, TESTS):
            yield f"{repository.__name__} has no test in {TESTS}: write one"
    for client in clients():
        if not mentioned(client.adapter, TESTS) and not mentioned(client.setting, TESTS):
            yield f"{client.adapter} has no test in {TESTS}: write one"


def database_as_declared() -> list[str]:
    """Return how the live database differs from what the domain declares."""
    changes = container().database_plan()
    return [f"{each}: run `carafe database apply`" for each in changes]


def bus_as_declared() -> list[str]:
    """Return how the live broker differs from what the contracts demand."""
    if container().settings.event_bus_type == "base":
        return []  # in memory: nothing is declared
    faults = faults_on_broker(broker_service(), live_broker())
    return [f"{each}: `carafe bus declare` makes what is missing" for each in faults]


def _functions() -> Iterator[Callable[..., Any]]:
    """Yield the functions and methods of the two outer rooms."""
    for room in (project().room("infrastructure"), project().room("api")):
        for module in modules_of(room):
            for value in vars(module).values():
                if getattr(value, "__module__", "") != module.__name__:
                    continue
                if inspect.isfunction(value):
                    yield value
                elif isinstance(value, type):
                    yield from filter(inspect.isfunction, vars(value).values())


def _same_call(port: type, function: Callable[..., Any]) -> bool:
    """Tell whether a function is called as a port of one call is, and answers alike."""
    try:
        return _form(vars(port)["__call__"]) == _form(function)
    except (NameError, TypeError):
        return False  # annotated with a name that only a type checker imports


def _form(function: Callable[..., Any]) -> tuple[list[Any], Any]:
    hints = get_type_hints(function)
    names = [each for each in inspect.signature(function).parameters if each != "self"]
    return [hints.get(each) for each in names], hints.get("return")


NEEDS = (
    Need("each aggregate has a repository", kept),
    Need("each aggregate is known to the relay and the database plan", wired),
    Need("each port of the domain has an adapter", adapted),
    Need("each adapter is wired", reached),
    Need("repositories and adapters have integration tests", tested),
    Need("diagrams/infrastructure.md is current", current("infrastructure.md")),
    # Before those that read .env: the tests start servers of their own.
    Need("the integration tests pass on real servers", passing(TESTS), live=True),
    Need("validators and indexes are in place", database_as_declared, live=True),
    Need("the event bus is configured as declared", bus_as_declared, live=True),
)
