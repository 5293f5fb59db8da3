"""Databases that tests have one after the other."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from typing import Any

import pytest
from pymongo import MongoClient

from carafe.development.project import Project
from carafe.development.servers.stack import Stack
from carafe.testing import databases as module
from carafe.testing.contexts import a_context
from carafe.testing.databases import Databases
from carafe.testing.reuse import RESTING
from chalicelib.domain.product import Product
from tests.support.products import a_product
from tests.support.reuse import Wired, next_names, wiring


@pytest.fixture
def databases(stack: Stack) -> Iterator[Databases]:
    with closing(Databases(stack.environment["MONGO_URI"])) as databases:
        yield databases


@pytest.fixture
def wired(project: Project, environment: Mapping[str, str]) -> Iterator[Wired]:
    """Wires the service on a database of a name."""
    with wiring(project, environment, "MONGO_DATABASE") as wired:
        yield wired


def test_a_database_comes_again_after_some_others_prepared_and_empty(
    databases: Databases, wired: Wired
) -> None:
    name = databases.name()
    service = wired(name)
    databases.prepare(service)
    made = service.database["products"].index_information()
    service.repository(Product).add(a_product("A-1"), a_context())
    databases.give_back(service)

    others = next_names(databases, wired, RESTING)
    assert name not in others
    assert databases.name() == name
    again = wired(name)
    assert again.database["products"].index_information() == made
    assert again.database_plan() == []
    assert again.database["products"].count_documents({}) == 0


@pytest.mark.parametrize(
    "change",
    [
        lambda database: database["products"].drop_index("sku_1"),
        lambda database: database["products"].create_index("price"),
        lambda database: database["another"].insert_one({}),
        lambda database: database.command("collMod", "products", validator={}),
        lambda database: database.client.drop_database(database.name),
    ],
    ids=["an index less", "an index more", "a collection more", "a validator", "everything"],
)
def test_one_that_a_test_has_changed_goes(
    databases: Databases, wired: Wired, change: Callable[[Any], object]
) -> None:
    name = databases.name()
    service = wired(name)
    databases.prepare(service)
    change(service.database)
    databases.give_back(service)
    assert name not in service.database.client.list_database_names()
    assert name not in next_names(databases, wired, RESTING + 2)


def test_one_that_cannot_be_emptied_is_left_alone(
    databases: Databases, wired: Wired, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "EMPTYING_SECONDS", 0.2)
    name = databases.name()
    service = wired(name)
    databases.prepare(service)
    service.repository(Product).add(a_product("A-1"), a_context())
    with service.database.client.start_session() as session, session.start_transaction():
        service.database["products"].delete_one({}, session=session)
        databases.give_back(service)
        session.abort_transaction()
    assert name not in next_names(databases, wired, RESTING + 2)


def test_none_is_left_in_the_end(stack: Stack, wired: Wired) -> None:
    uri = stack.environment["MONGO_URI"]
    with closing(Databases(uri)) as databases:
        names = next_names(databases, wired, 2)
        databases.prepare(wired(databases.name()))
    with MongoClient[dict[str, Any]](uri) as client:
        assert not {*names} & {*client.list_database_names()}
