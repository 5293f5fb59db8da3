"""The first event of a service: what it does itself, or else a command made of its examples."""

import re
import secrets
import string
import time
from collections.abc import Callable
from typing import Any, Protocol

import msgspec

from carafe.infrastructure.cqrs.buses.port import EventBus
from carafe.infrastructure.identifiers import new_id, now

from .first_event import Api, FirstEvent, Place, event_of
from .project import Project

Schema = dict[str, Any]

_REF = "#/schemas/{name}"
_CREATED = 201
_LONGEST_TEXT = 200
_IDENTIFIER = "^[!-~]{1,64}$"
_SHORTEST_NAME = 6
_TRIES = 20


class Demo(Protocol):
    """Causes a first event; a service brings its own in `local/demo.py`, as `DEMO`."""

    @property
    def usual_scopes(self) -> str:
        """What a token allows when nothing else is asked for."""

    @property
    def example_path(self) -> str:
        """What somebody with these scopes may look at."""

    def cause_first_event(
        self, place: Place, bus: EventBus, say: Callable[[str], None]
    ) -> FirstEvent | None:
        """Send a command, and wait for its event on the bus.

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


def demo_of(project: Project) -> Demo:
    """Return a service's own demo, or the one that its examples make up."""
    own = project.local("demo")
    return own.DEMO if own else ExampleDemo(project)


class ExampleDemo:
    """Sends the first command that makes something, with the values of its examples.

    Args:
        project: the service.
    """

    def __init__(self, project: Project) -> None:
        self._operations = project.functions.operations
        self.usual_scopes = " ".join(sorted(project.service.scopes))

    @property
    def example_path(self) -> str:
        """What somebody with the usual scopes may look at."""
        return next((each.path for each in self._operations if each.method == "GET"), "/health")

    def cause_first_event(
        self, place: Place, bus: EventBus, say: Callable[[str], None]
    ) -> FirstEvent | None:
        """Send it, and wait for its event, as `Demo.cause_first_event`."""
        creating = next((each for each in self._operations if each.status == _CREATED), None)
        if creating is None:
            say("no command makes anything yet: `carafe scaffold` writes some")
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
        return _alike(example, str(schema.get("pattern", "")))
    unlike = f"{example} {secrets.token_hex(3)}"
    return unlike if len(unlike) <= schema.get("maxLength", _LONGEST_TEXT) else example


def _alike(example: str, pattern: str) -> str:
    """Return another text of an example's form, where it is long enough to name one thing alone.

    A short one is a code from a list, such as a currency's.
    """
    if sum(map(str.isalnum, example)) < _SHORTEST_NAME:
        return example
    others = ("".join(map(_another, example)) for _ in range(_TRIES))
    return next((each for each in others if re.search(pattern, each)), example)


def _another(character: str) -> str:
    """Return any character of the same kind."""
    for kind in (string.digits, string.ascii_uppercase, string.ascii_lowercase):
        if character in kind:
            return secrets.choice(kind)
    return character
