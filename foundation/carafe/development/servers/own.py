"""The servers that a service brings itself."""

from carafe.development.project import Project

from .python_server import PythonServer


def own_servers(here: Project) -> tuple[type[PythonServer], ...]:
    """Return the servers that a service brings, in `local/servers.py`."""
    return tuple(here.local("servers", "SERVERS") or ())
