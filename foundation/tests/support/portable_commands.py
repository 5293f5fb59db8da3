"""What MongoDB 6 to 8 and Amazon DocumentDB 5.0 and 8.0 both understand, as far as we need it.

From "Supported MongoDB APIs, operations, and data types in Amazon DocumentDB",
https://docs.aws.amazon.com/documentdb/latest/developerguide/mongo-apis.html, where a line must say
Yes under 5.0 and 8.0; "Partial index" and "Using JSON schema validation" of the same guide for
what indexes and validators may hold. Further lines may be added from there, never from MongoDB's
own documentation.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from carafe.development.nested import objects_in

Command = Mapping[str, Any]


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


# What the driver adds to any command; `txnNumber` not with `retryWrites=false`.
_ADDED = _words(
    "$clusterTime $db $readPreference autocommit lsid maxTimeMS readConcern startTransaction",
    "txnNumber writeConcern",
)

_RULES = "validator validationLevel validationAction"
_COMMANDS = {
    "abortTransaction": "",
    "aggregate": "pipeline cursor",
    "collMod": _RULES,
    "commitTransaction": "",
    "count": "query limit skip",
    "create": _RULES,
    "createIndexes": "indexes",
    "delete": "deletes ordered",
    "distinct": "key query",
    "drop": "",
    "dropDatabase": "comment",  # which the driver sends without a value
    "dropIndexes": "index",
    # A driver ends its sessions without asking for success; DocumentDB does not know the command.
    "endSessions": "",
    "explain": "verbosity",
    "find": "filter projection sort limit skip batchSize singleBatch",
    "findAndModify": "query update remove new fields sort upsert",
    "getMore": "collection batchSize",
    "insert": "documents ordered",
    "killCursors": "cursors",
    "listCollections": "filter cursor nameOnly",
    "listIndexes": "cursor",
    "ping": "",
    # How a driver logs in is between it and the server.
    "saslContinue": "conversationId payload",
    "saslStart": "autoAuthorize mechanism options payload",
    "update": "updates ordered",
}

_QUERY = _words(
    "$all $and $comment $elemMatch $eq $exists $gt $gte $in $lt $lte $mod $ne $nin $nor $not $or",
    "$regex $size $type",
)
_PROJECTION = _words("$elemMatch $slice")
_UPDATE = _words(
    "$addToSet $currentDate $inc $max $min $mul $pop $pull $pullAll $push $rename $set",
    "$setOnInsert $unset",
)
_PUSHED = _words("$each $position $slice $sort")
_STAGES = _words("$addFields $count $group $limit $match $project $replaceRoot $skip $sort $unwind")
_EXPRESSIONS = _words(
    "$add $addToSet $and $avg $cond $divide $eq $first $gt $gte $ifNull $in $last $lt $lte $max",
    "$min $multiply $ne $not $or $push $size $subtract $sum",
)
_PARTIAL_FILTER = _words("$and $eq $exists $gt $gte $lt $lte")
_INDEX = _words("key name unique sparse partialFilterExpression expireAfterSeconds")
_STATEMENT = _words("q u multi upsert arrayFilters limit")
# Those that our validators have; the guide's own list has still to be compared (decision 0028).
_SCHEMA = _words(
    "additionalProperties anyOf bsonType description enum items minimum not properties required",
    "title",
)


def violations_of(name: str, command: Command) -> Iterator[str]:
    """Yield what a command has that is outside the common subset."""
    if name not in _COMMANDS:
        yield f"the command {name}"
        return
    options = {name, *_ADDED, *_COMMANDS[name].split()}
    yield from (f"the option {each} of {name}" for each in command if each not in options)
    for each in command.get("updates", []):
        yield from _strangers("the option {} of an update", each, _STATEMENT)
        yield from _in_update(each["u"])
    for each in [*command.get("updates", []), *command.get("deletes", [])]:
        yield from _in_query(each["q"])
    for key in ("filter", "query"):
        yield from _in_query(command.get(key, {}))
    yield from _in_operators("the projection operator {}", command.get("projection"), _PROJECTION)
    for stage in command.get("pipeline", []):
        yield from _in_stage(stage)
    for index in command.get("indexes", []):
        yield from _in_index(index)
    yield from _in_validator(command.get("validator", {}))


def _in_query(query: Command) -> Iterator[str]:
    yield from _in_operators("the query operator {}", query, _QUERY)


def _in_update(update: Command | Sequence[Command]) -> Iterator[str]:
    if not isinstance(update, Mapping):
        yield "an update by pipeline"
        return
    operators = {name: update[name] for name in update if name.startswith("$")}
    yield from _strangers("the update operator {}", operators, _UPDATE)
    for name in ("$push", "$addToSet"):
        for value in operators.get(name, {}).values():
            if isinstance(value, Mapping) and "$each" in value:
                yield from _strangers("the update modifier {}", value, _PUSHED)
    yield from _in_query(operators.get("$pull", {}))


def _in_stage(stage: Command) -> Iterator[str]:
    ((name, argument),) = stage.items()
    yield from _strangers("the aggregation stage {}", stage, _STAGES)
    if name == "$match":
        yield from _in_query(argument)
    else:
        yield from _in_operators("the aggregation operator {}", argument, _EXPRESSIONS)
        yield from _strangers("the variable {}", _variables_in(argument), _words("$$ROOT"))


def _in_index(index: Command) -> Iterator[str]:
    yield from _strangers("the option {} of an index", index, _INDEX)
    where = index.get("partialFilterExpression")
    yield from _in_operators("the operator {} of a partial index", where, _PARTIAL_FILTER)


def _in_validator(validator: Command) -> Iterator[str]:
    yield from _strangers("the validator {}", validator, _words("$jsonSchema"))
    for each in _schemas_in(validator.get("$jsonSchema", {})):
        yield from _strangers("the keyword {} of a validator", each, _SCHEMA)


def _schemas_in(schema: Command) -> Iterator[Command]:
    """Yield a schema and those inside it; the keys of `properties` are names."""
    yield schema
    inside = [*schema.get("anyOf", []), *schema.get("properties", {}).values()]
    inside += [schema[each] for each in ("items", "not") if each in schema]
    for each in inside:
        yield from _schemas_in(each)


def _in_operators(what: str, value: object, known: frozenset[str]) -> Iterator[str]:
    for each in objects_in(value):
        yield from _strangers(what, [key for key in each if key.startswith("$")], known)


def _variables_in(expression: object) -> Iterator[str]:
    if isinstance(expression, str) and expression.startswith("$$"):
        yield expression.partition(".")[0]
    elif isinstance(expression, Mapping):
        for each in expression.values():
            yield from _variables_in(each)
    elif isinstance(expression, list):
        for each in expression:
            yield from _variables_in(each)


def _strangers(what: str, names: Iterable[str], known: frozenset[str]) -> Iterator[str]:
    yield from (what.format(each) for each in names if each not in known)
