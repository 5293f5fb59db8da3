"""The servers that a service itself declares."""

from carafe.development.project import Project

from .python_server import PythonServer


def declared_servers(project: Project) -> tuple[type[PythonServer], ...]:
    """Return the servers that a service declares in `local/servers.py`."""
    return tuple(project.local("servers", "SERVERS") or ())
