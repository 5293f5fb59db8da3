"""Services that tests wire one after the other, and what these have on their servers."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from typing import Any

from carafe.development.project import Project
from carafe.infrastructure.container import Container
from carafe.testing.reuse import Reuse

Wired = Callable[[str], Container[Any]]
"""Wires the service for a name."""


@contextmanager
def wiring(project: Project, environment: Mapping[str, str], setting: str) -> Iterator[Wired]:
    """Give names to a setting of the service; what was wired is closed with the block."""
    with ExitStack() as opened:

        def wire(name: str) -> Container[Any]:
            settings = project.service.settings.read({**environment, setting: name}, name)
            return opened.enter_context(closing(project.service.wired(settings)))

        yield wire


def next_names(reuse: Reuse, wired: Wired, count: int) -> list[str]:
    """Let as many tests have what is used again, one after the other; return their names."""
    names = []
    for _ in range(count):
        names.append(reuse.name())
        service = wired(names[-1])
        reuse.prepare(service)
        reuse.give_back(service)
    return names
