"""`api.md`: the routes with their messages, answers and scopes."""

from carafe.api.endpoints import Operation
from carafe.contracts.base import Command

from .documents import Document, Section
from .mermaid import Node
from .model import summary
from .sections import flatten, row_sections
from .wiring import Service


def document(service: Service) -> Document:
    """Return the document."""
    tags = dict.fromkeys(each.tag for each in service.operations)
    sections = flatten(_sections(tag, service) for tag in tags)
    return Document("api.md", "HTTP API", (*sections, _open_section(service)))


def route(operation: Operation) -> str:
    """Return the method and the path of an operation."""
    return f"{operation.method} {operation.path}"


def message_style(message: type) -> str:
    """Return the style of a command or a query."""
    return "message" if issubclass(message, Command) else "store"


def _sections(tag: str, service: Service) -> list[Section]:
    own = [each for each in service.operations if each.tag == tag]
    heading = ("route", "needs the scope", "meaning")
    return row_sections(tag[:1].upper() + tag[1:], own, _paths, table=(heading, _row))


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
    scope = getattr(operation.message, "scope", None)
    scope_cell = f"`{scope}`" if scope else "none"
    return f"`{route(operation)}`", scope_cell, summary(operation.message)


def _open_section(service: Service) -> Section:
    operation_routes = {(each.method, each.path) for each in service.operations}
    others = [
        (f"`{method} {path}`", summary(entry.view_function))
        for path, methods in sorted(service.app.routes.items())
        for method, entry in sorted(methods.items())
        if method != "HEAD" and (method, path) not in operation_routes  # HEAD comes with GET
    ]
    return Section("About the service", table=(("route", "meaning"), *others))
