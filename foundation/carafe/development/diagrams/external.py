"""The clients of external services, read from where the service is wired."""

import ast
import inspect
from dataclasses import dataclass

from carafe.development.project import project
from carafe.infrastructure.references import resolved

from .model import behaviours_of, classes_of, ports
from .source import tree_of


@dataclass(frozen=True)
class Client:
    """An adapter that fills a port by calling another service.

    Attributes:
        port: of the domain.
        adapter: the class that fills it.
        service: whom it calls, as errors name it.
        setting: the environment's name for the address.
    """

    port: str
    adapter: str
    service: str
    setting: str


def clients() -> list[Client]:
    """Return the adapters that the service declares."""
    return [
        _client(port, tree_of(resolved(reference)))
        for port, reference in project().service.adapters.items()
    ]


def _client(port: type, wiring: ast.AST) -> Client:
    """Return what a function that makes an adapter says about it."""
    outside = classes_of(project().room("infrastructure"), object)
    adapters = {each.__name__ for each in outside if filled_port(each) is port}
    made = next((name for name in _called(wiring) if name in adapters), port.__name__)
    return Client(port.__name__, made, *_service(wiring))


def filled_port(adapter: type) -> type | None:
    """Return the domain's port whose methods a class has, with the same parameters."""
    for port in ports():
        wanted = behaviours_of(port)
        own = behaviours_of(adapter)
        if wanted and all(
            name in own
            and list(inspect.signature(own[name]).parameters)
            == list(inspect.signature(method).parameters)
            for name, method in wanted.items()
        ):
            return port
    return None


def _called(wiring: ast.AST) -> set[str]:
    calls = [node.func for node in ast.walk(wiring) if isinstance(node, ast.Call)]
    return {each.id for each in calls if isinstance(each, ast.Name)}


def _service(wiring: ast.AST) -> tuple[str, str]:
    """Return how a wiring names the service, and the setting of its address."""
    names = [node.attr for node in ast.walk(wiring) if isinstance(node, ast.Attribute)]
    setting = next((name.upper() for name in names if name.endswith("_url")), "")
    calls = [node for node in ast.walk(wiring) if isinstance(node, ast.Call)]
    texts = [
        given.value for call in calls for given in call.args if isinstance(given, ast.Constant)
    ]
    return str(next((each for each in texts if isinstance(each, str)), "another service")), setting
