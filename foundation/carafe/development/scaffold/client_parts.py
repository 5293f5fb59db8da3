"""What a model adds to the service's own client, by which other services call it."""

from . import edits
from .details import DetailedAggregate
from .parts import BASE, Scaffold

CLIENT = "chalicelib/contracts/client.py"


def add_client(scaffold: Scaffold) -> None:
    """Add the client for other services, with a method for each route, and its tests.

    Raises:
        NoPlace: the client's module has no client.
    """
    scaffold.tree.ensure(CLIENT, scaffold.render("contracts/client"))
    owner = edits.subclass_of(scaffold.tree.text_of(CLIENT), "ServiceClient")
    if owner is None:
        raise edits.NoPlace(f"{CLIENT} has no class that extends ServiceClient")
    scaffold.shared.add_import(CLIENT, f"from {BASE} import CommandResult")
    scaffold.shared.add_import(CLIENT, "from carafe.client.pages import Pages")
    for aggregate in scaffold.aggregates:
        _add_methods(scaffold, owner, aggregate)
        if aggregate.creating_command:
            tests = scaffold.render("tests/client", aggregate=aggregate, owner=owner)
            scaffold.tree.add(f"tests/api/test_{aggregate.snake}_client.py", tests)


def _add_methods(scaffold: Scaffold, owner: str, aggregate: DetailedAggregate) -> None:
    for command in aggregate.commands:
        line = f"from chalicelib.contracts.commands import {command.name}"
        scaffold.shared.add_import(CLIENT, line)
        text = scaffold.render("contracts/client_command", each=command)
        scaffold.shared.add_member(CLIENT, owner, text)
    for query in aggregate.queries:
        answers = f"{aggregate.name}Page, {aggregate.name}View"
        line = f"from chalicelib.contracts.queries import {query.name}, {answers}"
        scaffold.shared.add_import(CLIENT, line)
        text = scaffold.render("contracts/client_query", each=query, aggregate=aggregate)
        scaffold.shared.add_member(CLIENT, owner, text)
