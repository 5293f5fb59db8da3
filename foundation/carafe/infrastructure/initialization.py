"""What a function imports while AWS Lambda initializes it.

Lambda does so at full speed; later a function gets what its memory buys, at 512 MB less than a
third of a processor. So what the first invocation needs is imported here, and nothing else. A
nudge is left to the first command of the API, whose first request may be a query.
"""

import threading
from collections.abc import Callable, Mapping
from typing import Any

from .declaration import Declaration
from .references import resolve
from .settings import in_lambda

_one_at_a_time = threading.Lock()

_HANDLER = "_HANDLER"
"""The variable of AWS Lambda's that says which function of app.py this is, as `app.bridge`.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
"""


def function_in_lambda(environment: Mapping[str, str]) -> str | None:
    """Return which function of app.py runs in AWS Lambda; None elsewhere, where all of them may."""
    handler = environment.get(_HANDLER) if in_lambda(environment) else None
    return handler.rpartition(".")[2] if handler else None


def has_trigger(function: str | None) -> bool:
    """Return whether it is one of the functions that something else than a request triggers."""
    return function in _NEEDS


def prepare(function: str, service: Declaration[Any]) -> None:
    """Import what the first invocation of a function needs.

    Args:
        function: its name in app.py; any that is not known here is taken for the API.
        service: whose function it is.
    """
    _NEEDS.get(function, _handling)(service)


def prepare_all(service: Declaration[Any]) -> None:
    """Import what all functions need, before threads of this process call them.

    The modules of pymongo import each other: of two threads that import them at the same time,
    one may be given a half of them, and fail. Lambda calls a function in one thread.
    """
    with _one_at_a_time:
        for function in ("the API", *_NEEDS):
            prepare(function, service)
        _nudging()


def _authorizing(_service: Declaration[Any]) -> None:
    from .authorization import key_set, tokens  # noqa: F401 - loaded ahead, as all below


def _relaying() -> None:
    from .database.mongo import connection, outbox_store  # noqa: F401
    from .event_bus import rabbitmq  # noqa: F401
    from .outbox import relay  # noqa: F401


def _bridging(_service: Declaration[Any]) -> None:
    from .outbox import nudges  # noqa: F401

    _relaying()


def _sweeping(_service: Declaration[Any]) -> None:
    from .database.mongo import timer_store  # noqa: F401
    from .timers import sweep  # noqa: F401

    _relaying()


def _handling(service: Declaration[Any]) -> None:
    from .cqrs import execution  # noqa: F401
    from .database.mongo import connection, mongo_repository  # noqa: F401

    for reference in service.repositories.values():
        resolve(reference)


def _nudging() -> None:
    from .aws import client, services  # noqa: F401
    from .outbox import nudges  # noqa: F401


def _executing(service: Declaration[Any]) -> None:
    from .cqrs import queued_commands, sqs_command_queue, timer_calls  # noqa: F401
    from .database.mongo import timer_store  # noqa: F401

    _handling(service)
    _nudging()


def _consuming(service: Declaration[Any]) -> None:
    from .cqrs import inbox  # noqa: F401
    from .event_bus import rabbitmq  # noqa: F401

    _handling(service)
    _nudging()


def _migrating(_service: Declaration[Any]) -> None:
    """Import nothing: a person waits for it, and it runs any of many commands."""


_NEEDS: Mapping[str, Callable[[Declaration[Any]], None]] = {
    "authorize": _authorizing,
    "bridge": _bridging,
    "sweep": _sweeping,
    "execute": _executing,
    "consume": _consuming,
    "migrate": _migrating,
}
"""What imports the needs of each function that serves no routes, by its name in app.py."""
