"""Who the service is: the names and addresses by which it is known."""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass

FOUNDATION = "Carafe"

NAME = re.compile(r"[A-Z][A-Za-z0-9]*( [A-Za-z0-9]+)*")
CONTEXT = re.compile(r"[a-z]{2,30}")

# What the foundation's own parts are called, and what Python needs: no names for a context.
TAKEN = {
    *("api", "app", "base", "chalice", "chalicelib", "commands", "contracts", "diagrams", "domain"),
    *("errors", "events", "inbox", "infrastructure", "limits", "local", "main", "orders", "outbox"),
    *("pages", "payments", "products", "queries", "reading", "service", "sweep", "test", "tests"),
    *("transport", "values", "workflow", "carafe", "breaker", "exchange"),
}

PORT = re.compile(r"^PORT=(\d+)$", re.MULTILINE)


class BadIdentity(Exception):
    """A name or an address cannot be used; the message says why."""


@dataclass(frozen=True)
class Identity:
    """How a service is called and found.

    Attributes:
        name: for people: `Lending Desk`.
        context: one word of small letters: the first of every routing key and wire name, the
            name of exchange, queues and database, and of the client's module.
        port: where the HTTP functions are served on a developer's machine.
    """

    name: str
    context: str
    port: int

    @property
    def camel(self) -> str:
        """The context as part of a class's name."""
        return self.context.capitalize()


def identity_of(files: Mapping[str, str]) -> Identity:
    """Return who a tree of files is.

    Raises:
        BadIdentity: it does not say.
    """
    try:
        context = str(json.loads(files[".chalice/config.json"])["app_name"])
        port = PORT.search(files[".env.example"])
        told = tomllib.loads(files["pyproject.toml"])
        name = str(told.get("tool", {}).get("workflow", {}).get("name", context.capitalize()))
    except (KeyError, ValueError) as error:
        raise BadIdentity(f"this is no Carafe service: {error} is missing") from error
    return Identity(name, context, int(port[1]) if port else 8000)


def require_usable(identity: Identity) -> None:
    """Refuse names that something else in the tree has already.

    Raises:
        BadIdentity: says which, and what to choose instead.
    """
    if not NAME.fullmatch(identity.name) or len(identity.name) > 60:  # noqa: PLR2004 - fits a heading
        raise BadIdentity(f"the name {identity.name!r} must be like Lending Desk")
    if not CONTEXT.fullmatch(identity.context):
        raise BadIdentity(
            f"the context {identity.context!r} must be one word of 2 to 30 small letters: lending"
        )
    if identity.context in TAKEN:
        raise BadIdentity(f"the context {identity.context!r} is taken by a part of the tree")
    if not 1 <= identity.port <= 65_535:  # noqa: PLR2004 - TCP's limit
        raise BadIdentity(f"the port {identity.port} must be 1 to 65535")
