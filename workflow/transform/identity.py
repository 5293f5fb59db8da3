"""Who the service is: the names and addresses by which it is known."""

import io
import json
import keyword
import re
import tokenize
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

_STATEMENT_BEGINS = {tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}


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

    def occurs_in(self, text: str) -> bool:
        """Tell whether a text has the context as a word, or as the first part of a class's name."""
        word = rf"(?<![A-Za-z])({self.context}(?![A-Za-z])|{self.camel}(?=[A-Z]))"
        return re.search(word, text) is not None


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
    if keyword.iskeyword(identity.context) or keyword.issoftkeyword(identity.context):
        raise BadIdentity(f"the context {identity.context!r} is a word of Python's: choose another")
    if identity.context in TAKEN:
        raise BadIdentity(f"the context {identity.context!r} is taken by a part of the tree")
    if not 1 <= identity.port <= 65_535:  # noqa: PLR2004 - TCP's limit
        raise BadIdentity(f"the port {identity.port} must be 1 to 65535")


def require_free(files: Mapping[str, str], old: Identity, new: Identity) -> None:
    """Refuse a context that the code uses for something else: a later renaming would hit that.

    Args:
        files: of the service, before it is renamed.
        old: who it is.
        new: who it becomes.

    Raises:
        BadIdentity: names a file that has the word.
    """
    if new.context == old.context:
        return
    for path, text in files.items():
        is_code = path.startswith("chalicelib/") and path.endswith(".py")
        if is_code and new.occurs_in(text) and new.occurs_in(_without_remarks(text)):
            raise BadIdentity(
                f"the context {new.context!r} is a word of {path}, which a later renaming would "
                "change too: choose another"
            )


def _without_remarks(code: str) -> str:
    """Return the words and texts of a source, without its comments and docstrings."""
    kept, before = [], tokenize.NEWLINE
    try:
        for token in tokenize.generate_tokens(io.StringIO(code).readline):
            is_docstring = token.type == tokenize.STRING and before in _STATEMENT_BEGINS
            if token.type not in {tokenize.COMMENT, tokenize.NL}:
                before = token.type
                kept += [] if is_docstring else [token.string]
    except (tokenize.TokenError, IndentationError):
        return code  # it is no Python: all of it counts
    return "\n".join(kept)
