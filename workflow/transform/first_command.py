"""The first event: a command with the values of its examples, and the event that follows."""

import secrets
import time
from collections.abc import Callable
from typing import Any

import msgspec

from chalicelib.api.service import OPERATIONS
from chalicelib.contracts.base import SCOPES
from chalicelib.infrastructure.cqrs.buses.port import EventBus
from chalicelib.infrastructure.identifiers import new_id, now
from workflow.first_event import Api, FirstEvent, Place, event_of

USUAL_SCOPES = " ".join(sorted(SCOPES))
"""What a token allows when nothing else is asked for."""

EXAMPLE_PATH = next((each.path for each in OPERATIONS if each.method == "GET"), "/health")
"""What somebody with the usual scopes may look at."""

Schema = dict[str, Any]

_REF = "#/schemas/{name}"
_CREATED = 201
_LONGEST_TEXT = 200
_IDENTIFIER = "^[!-~]{1,64}$"


def cause_first_event(place: Place, bus: EventBus, say: Callable[[str], None]) -> FirstEvent | None:
    """Send the first command that makes something, and wait for its event on the bus.

    Args:
        place: where.
        bus: on which the events arrive.
        say: told each step.

    Returns:
        What happened; None if the service has no such command yet.

    Raises:
        DemoFailed: an answer or the event is not the right one, or came too late.
        TokenNotIssued: the issuer gave no token.
    """
    creating = next((each for each in OPERATIONS if each.status == _CREATED), None)
    if creating is None:
        say("no command makes anything yet: `workflow scaffold` writes some")
        return None
    caller = place.sign_in("maria", creating.message.scope or "")
    with bus.subscribe(["#"]) as subscription:
        began = time.monotonic()
        body = example_of(creating.message)
        identifier = str(Api(place.url).post(creating.path, body, caller)["id"])
        say(f"sent {creating.message.__name__}, which made {identifier}")
        event, _ = event_of(identifier, subscription)
    return FirstEvent(event, (time.monotonic() - began) * 1000)


def example_of(contract: type) -> Any:  # noqa: ANN401 - any JSON
    """Return a body that is right, and unlike every other where texts allow it."""
    (schema,), schemas = msgspec.json.schema_components([contract], ref_template=_REF)
    return _example(schema, schemas)


def _example(schema: Schema, schemas: dict[str, Schema]) -> Any:  # noqa: ANN401, PLR0911 - one answer a form
    if "$ref" in schema:
        return _example(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    if "anyOf" in schema:
        return _example(schema["anyOf"][0], schemas)
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "object":
        wanted = schema.get("required", ())
        return {name: _example(schema["properties"][name], schemas) for name in wanted}
    if schema.get("type") == "array":
        return [_example(schema["items"], schemas)] if schema.get("minItems") else []
    if schema.get("type") == "string":
        return _text(schema)
    return {"boolean": True}.get(
        schema["type"], schema.get("examples", [schema.get("minimum", 1)])[0]
    )


def _text(schema: Schema) -> str:
    if schema.get("format") == "date-time":
        return now().isoformat()
    if schema.get("pattern") == _IDENTIFIER:
        return new_id()
    example = str(schema.get("examples", ["An example"])[0])
    if "maxLength" not in schema:
        return example  # of a form of its own, such as a currency
    unlike = f"{example} {secrets.token_hex(3)}"
    return unlike if len(unlike) <= schema.get("maxLength", _LONGEST_TEXT) else example
