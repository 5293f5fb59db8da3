"""What each part of a model adds to the tree, layer by layer."""

from dataclasses import dataclass, field

from carafe.development.discovery.model import (
    Aggregate,
    Enumeration,
    ExternalService,
    Model,
    Value,
)
from carafe.development.discovery.names import snake
from carafe.development.discovery.process_model import Process

from .details import DetailedAggregate, detailed
from .external_code import called_services
from .process_details import DetailedProcess, detailed_process
from .rendering import OPERATIONS, Renderer, scopes_of
from .requirement_code import required_aggregates
from .requirement_parts import add_references
from .shared_files import FIRST_PORT, SharedFiles
from .stub_parts import add_stub
from .tree import Tree
from .wire_types import GENERIC, VALUES, WireTypes

COMMANDS = "chalicelib/contracts/commands.py"
QUERIES = "chalicelib/contracts/queries.py"
EVENTS = "chalicelib/contracts/integration_events.py"
REPOSITORIES = "chalicelib/infrastructure/repositories"
ADAPTERS = "chalicelib/infrastructure/external_services"
BUILDERS = "tests/support"
VALUE_EXAMPLES = "tests/support/values.py"

BASE = "carafe.contracts.base"

IN_QUERIES = "Cursor, Identifier, Limit, ShownCursor, ShownId, ShownVersion, shown_as"

PACKAGES = {
    REPOSITORIES: "The repositories: one for each aggregate.",
    ADAPTERS: "Adapters of the domain's ports to other services.",
    BUILDERS: "What the tests share.",
}


@dataclass
class Scaffold:
    """Adds parts of a model to a tree.

    Args:
        model: of the service.
        tree: where they are added.
    """

    model: Model
    tree: Tree
    aggregates: list[DetailedAggregate] = field(init=False)
    processes: list[DetailedProcess] = field(init=False)

    def __post_init__(self) -> None:
        scopes = scopes_of(self.model)
        self.shared = SharedFiles(self.tree)
        self.types = WireTypes(self.shared, self.model, scopes)
        self.render = Renderer(self.model, scopes)
        self.aggregates = [detailed(each, self.model) for each in self.model.aggregates]
        self.processes = [detailed_process(each, self.model) for each in self.model.processes]

    # 03: the domain

    def enumeration(self, each: Enumeration) -> None:
        """Add an enumeration."""
        path = f"chalicelib/domain/{snake(each.name)}.py"
        self.tree.add(path, self.render("domain/enumeration", each=each))

    def value(self, each: Value) -> None:
        """Add a value object or an entity, and its contract."""
        module = snake(each.name)
        self.tree.add(f"chalicelib/domain/{module}.py", self.render("domain/value", each=each))
        for line in (
            "from typing import Annotated",
            "from msgspec import Meta",
            "from carafe.contracts.value import Value",
            f"from {GENERIC} import Identifier",
            f"from chalicelib.domain import {module}",
        ):
            self.shared.add_import(VALUES, line)
        for attribute in each.attributes:
            self.types.of_input(VALUES, attribute)
        self.shared.add_definition(VALUES, self.render("contracts/value", each=each))
        self._value_example(each)

    def _value_example(self, each: Value) -> None:
        """Add the example that all tests share, as JSON and in the domain."""
        self.package(BUILDERS)
        self.tree.ensure(VALUE_EXAMPLES, self.render("tests/values"))
        for line in (
            "from typing import Any",
            "import msgspec",
            "from carafe.testing import messages",
            "from chalicelib.contracts import values",
            f"from chalicelib.domain.{snake(each.name)} import {each.name}",
        ):
            self.shared.add_import(VALUE_EXAMPLES, line)
        for template in ("tests/value_json", "tests/value"):
            self.shared.add_definition(VALUE_EXAMPLES, self.render(template, each=each))
        if refusals := self.render.refusals.of_value(each):
            tests = self.render("tests/value_unit", each=each, refusals=refusals)
            self.tree.add(f"tests/unit/test_{snake(each.name)}.py", tests)

    def domain(self, aggregate: DetailedAggregate) -> None:
        """Add an aggregate, its events, and the tests of its rules."""
        name = aggregate.snake
        text = self.render("domain/aggregate", aggregate=aggregate)
        self.tree.add(f"chalicelib/domain/{name}.py", text)
        self.domain_events(aggregate)
        self.package(BUILDERS)
        support = self.render("tests/support", aggregate=aggregate)
        self.tree.add(f"{BUILDERS}/{aggregate.collection}.py", support)
        self.tree.add(f"tests/unit/test_{name}.py", self.render("tests/unit", aggregate=aggregate))

    def domain_events(self, aggregate: DetailedAggregate) -> None:
        """Add the events of an aggregate."""
        text = self.render("domain/events", aggregate=aggregate)
        self.tree.add(f"chalicelib/domain/{aggregate.snake}_events.py", text)

    # 04: the contracts

    def published(self, aggregate: DetailedAggregate) -> None:
        """Add the integration events of an aggregate."""
        module = f"{aggregate.snake}_events"
        self.shared.add_import(EVENTS, "from typing import ClassVar")
        self.shared.add_import(
            EVENTS, "from carafe.contracts.integration_events import IntegrationEvent"
        )
        self.shared.add_import(EVENTS, f"from chalicelib.domain import {module}")
        for event in aggregate.events:
            text = self.render("contracts/event", aggregate=aggregate, event=event)
            self.shared.add_definition(EVENTS, text, before="PUBLISHED")
            for attribute in event.tells:
                self.types.of_output(EVENTS, attribute)
            entry = f"{module}.{event.name}: {event.name}V1"
            self.shared.add_element(EVENTS, "PUBLISHED", entry)

    def commands(self, aggregate: DetailedAggregate) -> None:
        """Add the contracts of an aggregate's commands."""
        for each in aggregate.commands:
            self.types.scope(COMMANDS, each.scope)
            self.shared.add_import(COMMANDS, "from typing import Annotated, ClassVar")
            self.shared.add_import(COMMANDS, "from msgspec import Meta")
            self.shared.add_import(COMMANDS, f"from {BASE} import Command")
            self.shared.add_import(COMMANDS, f"from {GENERIC} import Identifier")
            for attribute in each.takes:
                self.types.of_input(COMMANDS, attribute)
            self.shared.add_definition(COMMANDS, self.render("contracts/command", each=each))

    def queries(self, aggregate: DetailedAggregate) -> None:
        """Add the contracts of an aggregate's queries, and their views."""
        if not aggregate.queries:
            return
        self.shared.add_import(QUERIES, "from typing import Annotated, ClassVar")
        self.shared.add_import(QUERIES, f"from {BASE} import Contract, Query")
        self.shared.add_import(QUERIES, f"from {GENERIC} import {IN_QUERIES}")
        for each in aggregate.queries:
            self.types.scope(QUERIES, each.scope)
            for attribute in (*each.filters, *each.ranges, *each.members):
                self.types.of_input(QUERIES, attribute)
            self.shared.add_definition(QUERIES, self.render("contracts/query", each=each))
        for attribute in aggregate.attributes:
            self.types.of_output(QUERIES, attribute)
        for template in ("contracts/view", "contracts/page"):
            self.shared.add_definition(QUERIES, self.render(template, aggregate=aggregate))

    def timers(self, aggregate: DetailedAggregate) -> None:
        """Add the handlers of an aggregate's timers, and tests in which time passes."""
        if not aggregate.timers:
            return
        self.api_file(aggregate, "timers")
        self.shared.add_handlers(aggregate, "timers", clock=True)
        tested = [
            each
            for each in aggregate.tested_timers
            if self.render.trials.are_possible([*each.steps_before, each.behavior], aggregate)
        ]
        if tested:
            tests = self.render("tests/timers", aggregate=aggregate, tested_timers=tested)
            self.tree.add(f"tests/api/test_{aggregate.snake}_timers.py", tests)

    # 05: the infrastructure

    def repository(self, aggregate: DetailedAggregate) -> None:
        """Add the repository of an aggregate, its declaration, and tests on real servers."""
        self.kept(aggregate)
        tests = self.render("tests/repository", aggregate=aggregate)
        self.tree.add(f"tests/infrastructure/test_{aggregate.snake}_repository.py", tests)

    def kept(self, aggregate: Aggregate | Process) -> None:
        """Add the repository of an aggregate or a process, and its declaration."""
        name, module = aggregate.name, f"{aggregate.snake}_repository"
        self.package(REPOSITORIES)
        text = self.render("infrastructure/repository", aggregate=aggregate)
        self.tree.add(f"{REPOSITORIES}/{module}.py", text)
        reference = f"{_dotted(REPOSITORIES)}.{module}:{name}Repository"
        self.shared.declare("repositories", aggregate.snake, name, reference)

    def external_service(self, service: ExternalService) -> None:
        """Add a port of the domain, its HTTP client, the setting for its address, and tests."""
        name = snake(service.name)
        port = self.render("domain/port", service=service)
        self.tree.add(f"chalicelib/domain/{name}.py", port)
        self.package(ADAPTERS)
        client = self.render("infrastructure/client", service=service)
        self.tree.add(f"{ADAPTERS}/{name}.py", client)
        reference = f"{_dotted(ADAPTERS)}.{name}:{name}"
        self.shared.declare("adapters", name, service.name, reference)
        position = self.model.external_services.index(service)
        self.shared.add_address(service, position)
        add_stub(self.tree, self.shared, self.render, service, FIRST_PORT + position)
        tests = self.render("tests/external", service=service)
        self.tree.add(f"tests/infrastructure/test_{name}.py", tests)

    # 06: the API

    def api(self, aggregate: DetailedAggregate) -> None:
        """Add the routes and handlers of an aggregate, their wiring, and tests."""
        if not (aggregate.commands or aggregate.queries):
            return
        if aggregate.commands:
            self.api_file(aggregate, "commands")
            self.shared.add_handlers(
                aggregate,
                "commands",
                clock=True,
                others=required_aggregates(aggregate, model=self.model),
                adapters=called_services(aggregate),
            )
        if aggregate.queries:
            self.api_file(aggregate, "queries")
            self.shared.add_handlers(aggregate, "queries", clock=False)
        if aggregate.owner:
            self.ownership(aggregate)
        self.api_file(aggregate, "routes")
        self.shared.add_routes(aggregate)
        if aggregate.creating_command:
            tests = self.render("tests/api", aggregate=aggregate)
            self.tree.add(f"tests/api/test_{aggregate.collection}.py", tests)
            add_references(self.tree, self.shared, self.render, aggregate, self.model)
            if called_services(aggregate):
                tests = self.render("tests/calls", aggregate=aggregate)
                self.tree.add(f"tests/api/test_{aggregate.snake}_calls.py", tests)

    def ownership(self, aggregate: DetailedAggregate) -> None:
        """Add whose each aggregate is."""
        self.types.constant(OPERATIONS)
        self.api_file(aggregate, "ownership")

    def api_file(self, aggregate: DetailedAggregate, file: str) -> None:
        """Add a module of an aggregate's API."""
        folder = f"chalicelib/api/{aggregate.collection}"
        self.tree.add(f"{folder}/__init__.py", self.render("api/package", aggregate=aggregate))
        self.tree.add(f"{folder}/{file}.py", self.render(f"api/{file}", aggregate=aggregate))

    def package(self, folder: str) -> None:
        """Add a package, unless there is one."""
        self.tree.ensure(f"{folder}/__init__.py", f'"""{PACKAGES[folder]}"""\n')


def _dotted(folder: str) -> str:
    return folder.replace("/", ".")
