"""`api.md`: the routes, what they carry, what they answer, and what a caller must hold."""

from collections.abc import Sequence

from chalicelib.api.endpoints import Operation
from chalicelib.contracts.base import Command

from .documents import Document, Section, part_title, parts
from .mermaid import Node, rows
from .model import summary
from .wiring import Service


def document(service: Service) -> Document:
    """Return the document."""
    sections = [
        section
        for tag in dict.fromkeys(each.tag for each in service.operations)
        for section in _sections(tag, [each for each in service.operations if each.tag == tag])
    ]
    return Document("api.md", "HTTP API", (*sections, _open_section(service)))


def route(operation: Operation) -> str:
    """Return method and path."""
    return f"{operation.method} {operation.path}"


def message_style(message: type) -> str:
    """Return the style of a command or a query."""
    return "message" if issubclass(message, Command) else "store"


def _sections(tag: str, operations: Sequence[Operation]) -> list[Section]:
    cuts = parts(operations)
    return [
        Section(
            part_title(tag.capitalize(), number, len(cuts)),
            diagram=rows(map(_path, operations[cut])),
            table=(
                ("route", "needs the scope", "meaning"),
                *(
                    (f"`{route(each)}`", scope(each.message), summary(each.message))
                    for each in operations[cut]
                ),
            ),
        )
        for number, cut in enumerate(cuts, start=1)
    ]


def scope(message: type) -> str:
    """Return the scope that a message needs, as Markdown."""
    needed = getattr(message, "scope", None)
    return f"`{needed}`" if needed else "none"


def _path(operation: Operation) -> list[Node]:
    return [
        Node(route(operation), "caller"),
        Node(operation.message.__name__, message_style(operation.message)),
        Node(f"{operation.status} {operation.answer.__name__}", "contract", row=route(operation)),
    ]


def _open_section(service: Service) -> Section:
    carried = {(each.method, each.path) for each in service.operations}
    others = [
        (f"`{method} {path}`", summary(entry.view_function))
        for path, methods in sorted(service.app.routes.items())
        for method, entry in sorted(methods.items())
        if (method, path) not in carried
    ]
    return Section("About the service", table=(("route", "meaning"), *others))
