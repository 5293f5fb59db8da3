"""Who a new service is: the names and the port by which it is known."""

import keyword
import re
from dataclasses import dataclass

NAME = re.compile(r"[A-Z][A-Za-z0-9]*( [A-Za-z0-9]+)*")
LONGEST_NAME = 40

CONTEXT = re.compile(r"[a-z]{2,30}")

HIGHEST_PORT = 65_535
USUAL_PORT = 8000

# What a service's own parts and those of the foundation are called: no names for a context.
TAKEN = frozenset(
    {
        *("api", "app", "base", "bootstrap", "bus", "carafe", "chalice", "chalicelib", "client"),
        *("clients", "commands", "conftest", "contracts", "database", "development", "diagrams"),
        *("domain", "errors", "events", "foundation", "inbox", "infrastructure", "limits", "local"),
        *("main", "outbox", "pages", "queries", "reading", "released", "repositories", "scopes"),
        *("service", "settings", "sweep", "test", "testing", "tests", "values", "wheels", "wiring"),
    }
)


class BadIdentity(Exception):
    """A name or a port cannot be used; the message says why."""


@dataclass(frozen=True)
class Identity:
    """How a service is called and found.

    Attributes:
        name: for people: `Lending Desk`.
        context: one word of small letters: the first of every routing key and wire name, and the
            name of exchange, queues, database and client.
        port: where the HTTP functions are served on a developer's machine.
    """

    name: str
    context: str
    port: int = USUAL_PORT

    @property
    def camel(self) -> str:
        """The context as part of a class's name."""
        return self.context.capitalize()


def require_name(name: str) -> str:
    """Return a name for people.

    Raises:
        BadIdentity: it cannot be used.
    """
    if not NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        raise BadIdentity(
            f"the name {_shown(name)} must be like Lending Desk: words of letters and digits, "
            f"the first with a capital, at most {LONGEST_NAME} characters"
        )
    return name


def require_context(context: str) -> str:
    """Return a context.

    Raises:
        BadIdentity: it cannot be used.
    """
    if not CONTEXT.fullmatch(context):
        raise BadIdentity(
            f"the context {_shown(context)} must be one word of 2 to 30 small letters: lending"
        )
    if keyword.iskeyword(context) or keyword.issoftkeyword(context):
        raise BadIdentity(f"the context {context!r} is a word of Python's: choose another")
    if context in TAKEN:
        raise BadIdentity(
            f"the context {context!r} is what a part of every service is called: choose another"
        )
    return context


def require_port(port: str) -> int:
    """Return a port.

    Raises:
        BadIdentity: it is no number, or there is none of that number.
    """
    if not (port.isascii() and port.isdigit()) or not 1 <= int(port[:6]) <= HIGHEST_PORT:
        raise BadIdentity(f"the port {_shown(port)} must be a number from 1 to {HIGHEST_PORT}")
    return int(port)


def name_from(folder: str) -> str:
    """Return the name that a folder's suggests; an empty one if it suggests none."""
    words = re.findall(r"[A-Za-z0-9]+", folder)
    name = " ".join(word[:1].upper() + word[1:] for word in words)
    return name if NAME.fullmatch(name) and len(name) <= LONGEST_NAME else ""


def context_from(name: str) -> str:
    """Return the context that a name suggests, its first word; an empty one if that is none."""
    word = name.lower().partition(" ")[0]
    try:
        return require_context(word)
    except BadIdentity:
        return ""


def _shown(value: str) -> str:
    """Return a value as a message shows it: on one line, and not all of a long one."""
    return repr(value if len(value) <= LONGEST_NAME else f"{value[:LONGEST_NAME]}…")
