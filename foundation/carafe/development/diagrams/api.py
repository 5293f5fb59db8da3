"""`api.md`: the routes, what they carry, what they answer, and what a caller must hold."""

from carafe.api.endpoints import Operation
from carafe.contracts.base import Command

from .documents import Document, Section
from .mermaid import Node
from .model import summary
from .sections import flat, row_sections
from .wiring import Service


def document(service: Service) -> Document:
    """Return the document."""
    tags = dict.fromkeys(each.tag for each in service.operations)
    sections = flat(_sections(tag, service) for tag in tags)
    return Document("api.md", "HTTP API", (*sections, _open_section(service)))


def route(operation: Operation) -> str:
    """Return method and path."""
    return f"{operation.method} {operation.path}"


def message_style(message: type) -> str:
    """Return the style of a command or a query."""
    return "message" if issubclass(message, Command) else "store"


def _sections(tag: str, service: Service) -> list[Section]:
    own = [each for each in service.operations if each.tag == tag]
    head = ("route", "needs the scope", "meaning")
    return row_sections(tag.capitalize(), own, _paths, table=(head, _row))


def _paths(operation: Operation) -> list[list[Node]]:
    return [
        [
            Node(route(operation), "caller"),
            Node(operation.message.__name__, message_style(operation.message)),
            Node(
                f"{operation.status} {operation.answer.__name__}", "contract", row=route(operation)
            ),
        ]
    ]


def _row(operation: Operation) -> tuple[str, ...]:
    needed = getattr(operation.message, "scope", None)
    scope = f"`{needed}`" if needed else "none"
    return f"`{route(operation)}`", scope, summary(operation.message)


def _open_section(service: Service) -> Section:
    carried = {(each.method, each.path) for each in service.operations}
    others = [
        (f"`{method} {path}`", summary(entry.view_function))
        for path, methods in sorted(service.app.routes.items())
        for method, entry in sorted(methods.items())
        if method != "HEAD" and (method, path) not in carried  # a HEAD is its GET, cut short
    ]
    return Section("About the service", table=(("route", "meaning"), *others))
