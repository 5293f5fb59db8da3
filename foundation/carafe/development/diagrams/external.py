"""The clients of external services, read from the service's declaration."""

import ast
import inspect
from dataclasses import dataclass

from carafe.development.project import project
from carafe.infrastructure.references import resolve

from .model import behaviours_of, classes_of, ports
from .syntax import tree_of


@dataclass(frozen=True)
class Client:
    """An adapter that implements a port by calling another service.

    Attributes:
        port: of the domain.
        adapter: the class that implements it.
        service: the name of the other service in error messages.
        setting: the environment variable that holds its address.
    """

    port: str
    adapter: str
    service: str
    setting: str


def clients() -> list[Client]:
    """Return the clients that the service declares."""
    return [
        _client(port, tree_of(resolve(reference)))
        for port, reference in project().service.adapters.items()
    ]


def _client(port: type, factory: ast.AST) -> Client:
    """Return the client that the factory of an adapter makes."""
    classes = classes_of(project().layer("infrastructure"), object)
    adapters = {each.__name__ for each in classes if port_of(each) is port}
    adapter = next((name for name in _called_names(factory) if name in adapters), port.__name__)
    return Client(port.__name__, adapter, *_service_and_setting(factory))


def port_of(adapter: type) -> type | None:
    """Return the domain's port whose methods a class has, with the same parameters."""
    for port in ports():
        methods = behaviours_of(port)
        own = behaviours_of(adapter)
        if methods and all(
            name in own
            and list(inspect.signature(own[name]).parameters)
            == list(inspect.signature(method).parameters)
            for name, method in methods.items()
        ):
            return port
    return None


def _called_names(factory: ast.AST) -> set[str]:
    calls = [node.func for node in ast.walk(factory) if isinstance(node, ast.Call)]
    return {each.id for each in calls if isinstance(each, ast.Name)}


def _service_and_setting(factory: ast.AST) -> tuple[str, str]:
    """Return the name of the service in a factory, and the setting of its address."""
    names = [node.attr for node in ast.walk(factory) if isinstance(node, ast.Attribute)]
    setting = next((name.upper() for name in names if name.endswith("_url")), "")
    calls = [node for node in ast.walk(factory) if isinstance(node, ast.Call)]
    arguments = [each for call in calls for each in call.args]
    texts = [each.value for each in arguments if isinstance(each, ast.Constant)]
    return str(next((each for each in texts if isinstance(each, str)), "another service")), setting
