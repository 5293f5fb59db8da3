"""What the external services of a model add to a developer's machine: a stub for each."""

from collections.abc import Callable

from carafe.development.discovery.external_model import ExternalService
from carafe.development.discovery.names import snake

from .shared_files import SharedFiles
from .tree import Tree

SERVERS = "local/servers.py"
STUBS = "local/stubs"


def add_stub(
    tree: Tree,
    shared: SharedFiles,
    render: Callable[..., str],
    service: ExternalService,
    port: int,
) -> None:
    """Add a stub, and let `make run` and the tests start it.

    Args:
        tree: where it is added.
        shared: adds to the file that names the servers.
        render: renders templates.
        service: that it stands for.
        port: that it has if it is free.
    """
    name = snake(service.name)
    tree.ensure(f"{STUBS}/__init__.py", '"""Stand for external services."""\n')
    tree.add(f"{STUBS}/{name}.py", render("local/stub", service=service))
    tree.ensure(SERVERS, render("local/servers"))
    shared.add_import(SERVERS, "from carafe.development.servers.python_server import PythonServer")
    text = render("local/server", service=service, port=port)
    shared.add_definition(SERVERS, text, before="SERVERS")
    shared.add_element(SERVERS, "SERVERS", f"{service.name}Stub")
