"""What the application sends to MongoDB is portable, or the test in which it does so fails."""

from typing import Any

import pytest
from msgspec.structs import replace

from carafe.infrastructure.container import Container
from carafe.infrastructure.database.mongo.pipeline import Pipeline
from chalicelib.domain.order import Order
from tests.support.command_check import CommandCheck
from tests.support.portable_commands import violations_of

Command = dict[str, Any]


def updating(update: object, query: Command | None = None, **options: object) -> Command:
    return {"update": "orders", "updates": [{"q": query or {}, "u": update, **options}]}


def aggregating(*stages: Command) -> Command:
    return {"aggregate": "orders", "pipeline": list(stages), "cursor": {}}


NOT_PORTABLE = [
    (updating([{"$set": {"pending": []}}]), "an update by pipeline"),
    (updating({"$setOnNull": {}}), "the update operator $setOnNull"),
    (updating({"$push": {"a": {"$each": [], "$top": 1}}}), "the update modifier $top"),
    (updating({"$pull": {"a": {"$where": "x"}}}), "the query operator $where"),
    (updating({"$set": {}}, {"$expr": {"$eq": ["$a", 1]}}), "the query operator $expr"),
    (updating({"$set": {}}, collation={}), "the option collation of an update"),
    (
        {"find": "orders", "filter": {"a": {"$not": {"$jsonSchema": {}}}}},
        "the query operator $json",
    ),
    ({"find": "orders", "projection": {"a": {"$meta": "x"}}}, "the projection operator $meta"),
    ({"find": "orders", "let": {}}, "the option let of find"),
    ({"delete": "orders", "deletes": [{"q": {"$text": {}}, "limit": 0}]}, "the query operator $te"),
    (aggregating({"$facet": {}}), "the aggregation stage $facet"),
    (aggregating({"$match": {"$expr": {}}}), "the query operator $expr"),
    (aggregating({"$project": {"a": {"$getField": "b"}}}), "the aggregation operator $getField"),
    (aggregating({"$group": {"_id": {"$max": ["$$NOW", 1]}}}), "the variable $$NOW"),
    (
        {
            "createIndexes": "orders",
            "indexes": [{"key": {}, "name": "a", "wildcardProjection": {}}],
        },
        "the option wildcardProjection of an index",
    ),
    (
        {"createIndexes": "orders", "indexes": [{"partialFilterExpression": {"a": {"$in": []}}}]},
        "the operator $in of a partial index",
    ),
    (
        {"collMod": "orders", "validator": {"$jsonSchema": {"properties": {"a": {"allOf": []}}}}},
        "the keyword allOf of a validator",
    ),
    ({"create": "orders", "validator": {"$expr": {}}}, "the validator $expr"),
    ({"bulkWrite": 1, "ops": []}, "the command bulkWrite"),
]


@pytest.mark.parametrize(("command", "violation"), NOT_PORTABLE, ids=lambda each: str(each)[:60])
def test_what_is_not_portable_is_named(command: Command, violation: str) -> None:
    (found,) = violations_of(next(iter(command)), command)
    assert found.startswith(violation)


def test_values_may_be_anything() -> None:
    """They are data, whatever they look like."""
    command = updating({"$set": {"a": {"$b": "$$NOW"}}}, {"a": "$$NOW"})
    assert list(violations_of("update", command)) == []


def test_the_application_is_watched(
    service: Container[Any], portable_commands: CommandCheck
) -> None:
    pipeline = replace(Pipeline(Order), stages=({"$sortByCount": "$status"},))
    assert list(pipeline.run(service.database)) == []
    (violation,) = portable_commands.violations
    assert "$sortByCount, sent by foundation/carafe/" in violation
    portable_commands.violations.clear()


def test_tests_may_send_what_they_like(
    service: Container[Any], portable_commands: CommandCheck
) -> None:
    assert list(service.database["orders"].aggregate([{"$sortByCount": "$status"}])) == []
    assert portable_commands.violations == []


def test_a_test_in_which_it_is_not_portable_fails(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        from tests.support.command_check import portable_commands

        def test_one(portable_commands):
            portable_commands.violations.append("the command bulkWrite, sent by somebody")

        def test_two():
            pass
        """
    )
    result = pytester.runpytest_inprocess("-q")
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*the command bulkWrite, sent by somebody*"])
