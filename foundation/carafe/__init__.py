"""Carafe: event-driven serverless microservices that lose no event.

A service declares itself with `Service`, and adds its own to `Settings`; what it is built of
stands in `carafe.domain`, `carafe.contracts`, `carafe.infrastructure` and `carafe.api`, inmost
first. `carafe.client` is what clients of a service are built of, `carafe.testing` what its tests
are, and `carafe.development` the command `carafe`: neither of these two is ever deployed.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .infrastructure.service import Service
    from .infrastructure.settings import Settings

__version__ = "1.1.0"

__all__ = ["Service", "Settings", "__version__"]

# Loaded on first use: a client of a service needs neither.
_HOMES = {
    "Service": "carafe.infrastructure.service",
    "Settings": "carafe.infrastructure.settings",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - as the modules have it
    if name not in _HOMES:
        raise AttributeError(f"module 'carafe' has no attribute {name!r}")
    import importlib  # noqa: PLC0415 - the same

    return getattr(importlib.import_module(_HOMES[name]), name)
