"""The identity of a new service: its names and its port."""

import keyword
import re
from dataclasses import dataclass

NAME = re.compile(r"[A-Z][A-Za-z0-9]*( [A-Za-z0-9]+)*")
LONGEST_NAME = 40

CONTEXT = re.compile(r"[a-z]{2,30}")

HIGHEST_PORT = 65_535
DEFAULT_PORT = 8000

# Names of the parts of a service and of the foundation, which a context cannot have.
RESERVED = frozenset(
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
    """The names and the port of a service.

    Attributes:
        name: for people: `Lending Desk`.
        context: one word of lowercase letters. It begins every routing key and wire name, and names
            the exchange, the queues, the database and the client.
        port: of the HTTP API on a developer's machine.
    """

    name: str
    context: str
    port: int = DEFAULT_PORT

    @property
    def camel(self) -> str:
        """The context in CamelCase, for the names of classes."""
        return self.context.capitalize()


def require_name(name: str) -> str:
    """Return a name for people if it is valid.

    Raises:
        BadIdentity: the name cannot be used.
    """
    if not NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        raise BadIdentity(
            f"the name {_quoted(name)} must be like Lending Desk: words of letters and digits, "
            f"the first with a capital, at most {LONGEST_NAME} characters"
        )
    return name


def require_context(context: str) -> str:
    """Return a context if it is valid.

    Raises:
        BadIdentity: the context cannot be used.
    """
    if not CONTEXT.fullmatch(context):
        raise BadIdentity(
            f"the context {_quoted(context)} must be one word of 2 to 30 lowercase letters: lending"
        )
    if keyword.iskeyword(context) or keyword.issoftkeyword(context):
        raise BadIdentity(f"the context {context!r} is a keyword of Python: choose another")
    if context in RESERVED:
        raise BadIdentity(
            f"the context {context!r} is the name of a part of every service: choose another"
        )
    return context


def require_port(port: str) -> int:
    """Return the port that a text names.

    Raises:
        BadIdentity: the text is not the number of a port.
    """
    if not (port.isascii() and port.isdigit()) or not 1 <= int(port[:6]) <= HIGHEST_PORT:
        raise BadIdentity(f"the port {_quoted(port)} must be a number from 1 to {HIGHEST_PORT}")
    return int(port)


def name_from(folder: str) -> str:
    """Return a name for people, made from a folder's name; empty if it makes none."""
    words = re.findall(r"[A-Za-z0-9]+", folder)
    name = " ".join(word[:1].upper() + word[1:] for word in words)
    return name if NAME.fullmatch(name) and len(name) <= LONGEST_NAME else ""


def context_from(name: str) -> str:
    """Return the first word of a name as a context; empty if it cannot be one."""
    word = name.lower().partition(" ")[0]
    try:
        return require_context(word)
    except BadIdentity:
        return ""


def _quoted(value: str) -> str:
    """Return a value in quotation marks, on one line and shortened."""
    return repr(value if len(value) <= LONGEST_NAME else f"{value[:LONGEST_NAME]}…")
