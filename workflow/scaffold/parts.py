"""What each part of a model adds to the tree, room by room."""

from dataclasses import dataclass, field
from functools import partial

from workflow.discovery.model import Attribute, Enumeration, ExternalService, Model, Value
from workflow.discovery.names import camel, dashed, snake, words

from . import code, edits
from .details import DetailedAggregate, detailed
from .rendering import Renderer, scopes_of
from .tree import Tree

BASE = "chalicelib/contracts/base.py"
VALUES = "chalicelib/contracts/values.py"
COMMANDS = "chalicelib/contracts/commands.py"
QUERIES = "chalicelib/contracts/queries.py"
EVENTS = "chalicelib/contracts/integration_events.py"
SUBSCRIBED = "chalicelib/contracts/subscribed_events.py"
BOOTSTRAP = "chalicelib/infrastructure/bootstrap.py"
SETTINGS = "chalicelib/infrastructure/settings.py"
EXAMPLE = ".env.example"
SECRETS = "workflow/deployment/template/secrets.py"
SETTINGS_TESTS = "tests/unit/test_settings.py"
HANDLERS = "chalicelib/api/wiring.py"
SERVICE = "chalicelib/api/service.py"
APP = "app.py"

REGISTERED = r"app\.register_blueprint|\w+\.register"

MOMENT = """Moment = Annotated[datetime, Meta(tz=True, examples=["2026-03-01T12:00:00Z"])]"""
FIRST_PORT = 8092


@dataclass
class Scaffold:
    """Adds parts of a model to a tree.

    Args:
        model: of the service.
        tree: what is added to.
    """

    model: Model
    tree: Tree
    aggregates: list[DetailedAggregate] = field(init=False)

    def __post_init__(self) -> None:
        self.scopes = scopes_of(self.model)
        self.render = Renderer(self.model, self.scopes)
        self.aggregates = [detailed(each, self.model) for each in self.model.aggregates]

    # 03: the domain

    def enumeration(self, each: Enumeration) -> None:
        """Add an enumeration."""
        path = f"chalicelib/domain/{snake(each.name)}.py"
        self.tree.add(path, self.render("domain/enumeration", each=each))

    def value(self, each: Value) -> None:
        """Add a value object or an entity, and how it stands on the wire."""
        module = snake(each.name)
        self.tree.add(f"chalicelib/domain/{module}.py", self.render("domain/value", each=each))
        self._import(VALUES, "from chalicelib.domain import " + module)
        for attribute in each.attributes:
            self._alias(attribute)
            self._wire_types(VALUES, attribute)
        self._define(VALUES, self.render("contracts/value", each=each))

    def domain(self, aggregate: DetailedAggregate) -> None:
        """Add an aggregate, its events, and the tests of its rules."""
        name = aggregate.snake
        rendered = self.render("domain/aggregate", aggregate=aggregate)
        self.tree.add(f"chalicelib/domain/{name}.py", rendered)
        self.domain_events(aggregate)
        creating = aggregate.creating
        support = self.render("tests/support", aggregate=aggregate, creating=creating)
        self.tree.add(f"tests/support/{aggregate.collection}.py", support)
        self.tree.add(f"tests/unit/test_{name}.py", self.render("tests/unit", aggregate=aggregate))

    def domain_events(self, aggregate: DetailedAggregate) -> None:
        """Add the events of an aggregate."""
        rendered = self.render("domain/events", aggregate=aggregate)
        self.tree.add(f"chalicelib/domain/{aggregate.snake}_events.py", rendered)

    # 04: the contracts

    def published(self, aggregate: DetailedAggregate) -> None:
        """Add the integration events of an aggregate."""
        module = f"{aggregate.snake}_events"
        self._import(EVENTS, f"from chalicelib.domain import {module}")
        for event in aggregate.events:
            rendered = self.render("contracts/event", aggregate=aggregate, event=event)
            self._define(EVENTS, rendered, before="PUBLISHED")
            for attribute in event.tells:
                self._view_types(EVENTS, attribute)
            self._element(EVENTS, "PUBLISHED", f"{module}.{event.name}: {event.name}V1")

    def commands(self, aggregate: DetailedAggregate) -> None:
        """Add the contracts of an aggregate's commands."""
        for each in aggregate.commands:
            self._scope(COMMANDS, each.scope)
            self._import(COMMANDS, "from .base import Command")
            self._import(COMMANDS, "from .values import Identifier")
            self._import(COMMANDS, "from typing import Annotated, ClassVar")
            self._import(COMMANDS, "from msgspec import Meta")
            for attribute in each.behavior.takes:
                self._command_type(COMMANDS, attribute)
            self._define(COMMANDS, self.render("contracts/command", each=each))

    def queries(self, aggregate: DetailedAggregate) -> None:
        """Add the contracts of an aggregate's queries, and the views that answer them."""
        if not aggregate.queries:
            return
        self._import(QUERIES, "from .base import Contract, Query")
        self._import(QUERIES, "from typing import Annotated, ClassVar")
        self._import(QUERIES, "from .values import Identifier")
        for each in aggregate.queries:
            self._scope(QUERIES, each.scope)
            for filtered in each.filters:
                self._command_type(QUERIES, filtered)
            self._define(QUERIES, self.render("contracts/query", each=each))
        for attribute in aggregate.attributes:
            self._view_types(QUERIES, attribute)
        for template in ("contracts/view", "contracts/page"):
            self._define(QUERIES, self.render(template, aggregate=aggregate))

    def subscriptions(self, aggregate: DetailedAggregate) -> None:
        """Add the events of other services that an aggregate follows, and what it does then."""
        for each in aggregate.subscriptions:
            self._import(SUBSCRIBED, "from .values import Identifier")
            self._import(SUBSCRIBED, "from typing import ClassVar")
            for attribute in each.attributes:
                self._view_types(SUBSCRIBED, attribute)
            for taken in each.behavior.takes:
                self._command_type(SUBSCRIBED, taken)
            rendered = self.render("contracts/subscription", each=each)
            self._define(SUBSCRIBED, rendered, before="SUBSCRIBED")
            self._element(SUBSCRIBED, "SUBSCRIBED", each.name)
        if aggregate.subscriptions:
            self._api(aggregate, "events")
            self._handlers(aggregate, "events", "Events", "REACTIONS", "now")
            tests = self.render("tests/reactions", aggregate=aggregate)
            self.tree.add(f"tests/api/test_{aggregate.snake}_reactions.py", tests)

    # 05: the infrastructure

    def repository(self, aggregate: DetailedAggregate) -> None:
        """Add the repository of an aggregate, wired, and its tests on real servers."""
        name, module = aggregate.name, f"{aggregate.snake}_repository"
        rendered = self.render("infrastructure/repository", aggregate=aggregate)
        self.tree.add(f"chalicelib/infrastructure/database/mongo/{module}.py", rendered)
        self._import(BOOTSTRAP, f"from chalicelib.domain.{aggregate.snake} import {name}")
        self._element(BOOTSTRAP, "AGGREGATES", name)
        typed = f"from .database.mongo.{module} import {name}Repository"
        self.tree.extend(BOOTSTRAP, partial(edits.with_type_checking_import, line=typed))
        wiring = self.render("infrastructure/property", aggregate=aggregate)
        self._member(BOOTSTRAP, "Container", wiring)
        tests = self.render("tests/repository", aggregate=aggregate)
        self.tree.add(f"tests/infrastructure/test_{module}.py", tests)

    def external_service(self, service: ExternalService) -> None:
        """Add a port of the domain, the client that fills it, its address, and its tests."""
        name = snake(service.name)
        port = self.render("domain/port", service=service)
        self.tree.add(f"chalicelib/domain/{name}.py", port)
        client = self.render("infrastructure/client", service=service)
        self.tree.add(f"chalicelib/infrastructure/external_services/{name}.py", client)
        typed = f"from .external_services.{name} import Http{service.name}"
        self.tree.extend(BOOTSTRAP, partial(edits.with_type_checking_import, line=typed))
        wiring = self.render("infrastructure/client_property", service=service)
        self._member(BOOTSTRAP, "Container", wiring)
        self._setting(service)
        tests = self.render("tests/external", service=service)
        self.tree.add(f"tests/infrastructure/test_{name}.py", tests)

    def _setting(self, service: ExternalService) -> None:
        name, told = snake(service.name), words(service.name)
        port = FIRST_PORT + [each.name for each in self.model.external_services].index(service.name)
        local = f"http://127.0.0.1:{port}"
        self._member(SETTINGS, "Settings", f"{name}_url: str")
        line = f"{name}_url: where the service for {told} is."
        self.tree.extend(SETTINGS, partial(edits.with_docstring_line, owner="Settings", line=line))
        setting = f"{name.upper()}_URL"
        self._element(SETTINGS, "values", f'"{name}_url": reader.web("{setting}", "{local}")')
        self._element(SECRETS, "TO_FILL_IN", f'"{setting}"')
        in_aws = f"https://{dashed(service.name)}.example.com"
        self._element(SETTINGS_TESTS, "IN_LAMBDA", f'"{setting}": "{in_aws}"')
        variable = f"{setting}={local}"
        comment = f"# The service for {told}. Demanded in AWS; locally this is the default."

        def with_example(text: str) -> str:
            return text if variable in text else f"{text.rstrip()}\n\n{comment}\n{variable}\n"

        self.tree.extend(EXAMPLE, with_example)

    # 06: the API

    def api(self, aggregate: DetailedAggregate) -> None:
        """Add routes and handlers of an aggregate, registered, and their tests."""
        if not (aggregate.commands or aggregate.queries):
            return
        if aggregate.commands:
            self._api(aggregate, "commands")
            self._handlers(aggregate, "commands", "Commands", "COMMANDS", "now")
        if aggregate.queries:
            self._api(aggregate, "queries")
            self._handlers(aggregate, "queries", "Queries", "QUERIES", "")
        self._api(aggregate, "routes")
        own = aggregate.collection
        self._import(SERVICE, f"from .{own}.routes import endpoints as {own}")
        self._element(SERVICE, "OPERATIONS", f"*{own}.operations")
        self._import(APP, f"from chalicelib.api.{own}.routes import endpoints as {own}")
        registered = partial(
            edits.with_statement_after_last,
            calls=REGISTERED,
            statement=f"{own}.register(app, authorize)",
        )
        self.tree.extend(APP, registered)
        if aggregate.creating:
            tests = self.render("tests/api", aggregate=aggregate, creating=aggregate.creating)
            self.tree.add(f"tests/api/test_{own}.py", tests)

    def _api(self, aggregate: DetailedAggregate, file: str) -> None:
        folder = f"chalicelib/api/{aggregate.collection}"
        self.tree.add(f"{folder}/__init__.py", self.render("api/package", aggregate=aggregate))
        self.tree.add(f"{folder}/{file}.py", self.render(f"api/{file}", aggregate=aggregate))

    def _handlers(
        self, aggregate: DetailedAggregate, module: str, suffix: str, table: str, clock: str
    ) -> None:
        own, name = aggregate.collection, f"{aggregate.name}{suffix}"
        self._import(HANDLERS, f"from .{own}.{module} import {name}")
        given = ", ".join(filter(None, (f"service.{own}", clock)))
        self._import(HANDLERS, "from chalicelib.infrastructure.identifiers import now")
        self._element(HANDLERS, table, f"lambda service: {name}({given}).handlers()")

    # 07: the service's own client

    def client(self) -> None:
        """Add the client that other services import, a method for each route, and its tests."""
        context = self.model.context
        path, owner = f"chalicelib/contracts/client/{context}.py", f"{camel(context)}Client"
        if not self.tree.has(path):
            self.tree.add(path, self.render("contracts/client"))
        self._import(path, "from chalicelib.contracts.base import CommandResult")
        self._import(path, "from .pages import Pages")
        for aggregate in self.aggregates:
            self._client_methods(path, owner, aggregate)
        if all(each.creating for each in self.aggregates):
            tests = self.render("tests/client", model=self.with_details())
            self.tree.add(f"tests/api/test_{context}_client.py", tests)

    def _client_methods(self, path: str, owner: str, aggregate: DetailedAggregate) -> None:
        for command in aggregate.commands:
            self._import(path, f"from chalicelib.contracts.commands import {command.name}")
            self._member(path, owner, self.render("contracts/client_command", each=command))
        for query in aggregate.queries:
            answer = f"{aggregate.name}Page, {aggregate.name}View"
            self._import(path, f"from chalicelib.contracts.queries import {query.name}, {answer}")
            rendered = self.render("contracts/client_query", each=query, aggregate=aggregate)
            self._member(path, owner, rendered)

    def with_details(self) -> Model:
        """Return the model with its aggregates in detail."""
        return Model(**vars(self.model) | {"aggregates": tuple(self.aggregates)})

    # What many of them need

    def _import(self, path: str, line: str) -> None:
        self.tree.extend(path, partial(edits.with_import, line=line))

    def _define(self, path: str, definition: str, before: str | None = None) -> None:
        edit = partial(edits.with_definition, definition=definition.strip(), before=before)
        self.tree.extend(path, edit, partial(edit, over=True))

    def _element(self, path: str, container: str, element: str) -> None:
        self.tree.extend(path, partial(edits.with_element, container=container, element=element))

    def _member(self, path: str, owner: str, member: str) -> None:
        edit = partial(edits.with_member, owner=owner, member=member)
        self.tree.extend(path, edit, partial(edit, over=True))

    def _scope(self, path: str, scope: str) -> None:
        name = self.scopes[scope]
        self._define(BASE, f'{name} = "{scope}"', before="OPERATIONS")
        if edits.has_definition(self.tree.text_of(BASE), "SCOPES"):
            self._element(BASE, "SCOPES", name)
        self._import(path, f"from .base import {name}")

    def _alias(self, attribute: Attribute) -> None:
        if definition := code.alias_definition(attribute):
            self._define(VALUES, definition, before="Money")
            module = snake(attribute.owner)
            self._import(VALUES, f"from chalicelib.domain import {module}")

    def _command_type(self, path: str, attribute: Attribute) -> None:
        """Provide the type of something that a command takes."""
        self._alias(attribute)
        if code.alias_definition(attribute):
            self._import(path, f"from .values import {code.alias(attribute)}")
        self._wire_types(path, attribute)

    def _wire_types(self, path: str, attribute: Attribute) -> None:
        name = attribute.type.name
        if name == "moment":
            self._import(VALUES, "from datetime import datetime")
            self._define(VALUES, MOMENT, before="Money")
        in_values = {"moment", "identifier", "money", "address", *self.model.values}
        if name in in_values and path != VALUES:
            self._import(path, f"from .values import {camel(name)}")
        self._enumerated(path, attribute)

    def _view_types(self, path: str, attribute: Attribute) -> None:
        """Provide the type of something that a view or an event shows."""
        name = attribute.type.name
        if name == "moment":
            self._import(path, "from datetime import datetime")
        if name in {"identifier", "money", "address", *self.model.values}:
            self._import(path, f"from .values import {camel(name)}")
        self._enumerated(path, attribute)

    def _enumerated(self, path: str, attribute: Attribute) -> None:
        name = attribute.type.name
        if name in self.model.enumerations:
            self._import(path, f"from chalicelib.domain.{snake(name)} import {name}")
