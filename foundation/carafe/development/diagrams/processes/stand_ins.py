"""What takes the place of a wired service while a process is tried: nothing but the process."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NoReturn

import msgspec

from carafe.domain.model import AggregateRoot
from carafe.infrastructure.declaration import Declaration


class Unavailable(BaseException):
    """A handler asks for something that a trial has not; no `except Exception` hides it."""


class Missing:
    """Takes the place of what a trial has not: it may be passed on, but any use is refused."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, _attribute: str) -> NoReturn:
        raise Unavailable(self._name)

    def __call__(self, *_arguments: object, **_named: object) -> NoReturn:
        """Refuse."""
        raise Unavailable(self._name)

    def __str__(self) -> str:
        raise Unavailable(self._name)


class _Settings:
    """The settings' defaults; what has none is missing."""

    def __init__(self, settings: type[msgspec.Struct]) -> None:
        for field in msgspec.structs.fields(settings):
            setattr(self, field.name, _default_of(field))


def _default_of(field: msgspec.structs.FieldInfo) -> object:
    if field.default_factory is not msgspec.NODEFAULT:
        return field.default_factory()
    if field.default is not msgspec.NODEFAULT:
        return field.default
    return Missing(f"the setting {field.name}")


class StandIn:
    """Takes the place of the container.

    Args:
        service: that is wired.
        clock: returns the present.
        repository: returns what keeps an aggregate.
    """

    def __init__(
        self,
        service: Declaration[Any],
        clock: Callable[[], datetime],
        repository: Callable[[type[AggregateRoot]], object],
    ) -> None:
        self.service = service
        self.settings = _Settings(service.settings)
        self.clock, self.repository = clock, repository

    def adapter(self, port: type) -> object:
        """Return what fills a port: nothing."""
        return Missing(port.__name__)
