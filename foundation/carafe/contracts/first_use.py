"""The first use of a type by msgspec, one at a time.

What msgspec needs to know of a class it makes when a value of it is first read. Until that is
complete, another thread that reads one as well ends the process by a segmentation fault (0.22.0).
"""

import threading
from typing import Any, TypeVar

from msgspec.json import Decoder

T = TypeVar("T")

_one_at_a_time = threading.Lock()
_complete: set[Any] = set()


def complete(kind: type[T]) -> type[T]:
    """Return a class when msgspec knows all of it, and of its parts.

    Args:
        kind: of the values that are to be read.
    """
    if kind not in _complete:
        with _one_at_a_time:
            Decoder(kind)
            _complete.add(kind)
    return kind
