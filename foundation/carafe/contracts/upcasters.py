"""Upcasters: turn earlier versions of other services' events into the one a handler expects.

A service that subscribed to `weather.storm.forecast.v1` and now reads version 2:

    UPCASTERS = {
        "weather.storm.forecast.v1": Upcaster(
            to="weather.storm.forecast.v2",
            apply=lambda data: data | {"unit": "km/h"},
        )
    }
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

Data = dict[str, Any]


class Upcaster(NamedTuple):
    """One step from an earlier version of an event to a later one.

    Attributes:
        to: the later wire type.
        apply: converts the data; may change its argument.
    """

    to: str
    apply: Callable[[Data], Data]


def upcast(wire_type: str, data: Data, upcasters: Mapping[str, Upcaster]) -> tuple[str, Data]:
    """Convert an event to the latest version that the upcasters reach.

    Args:
        wire_type: of the event as received.
        data: of the event as received; not changed.
        upcasters: by the wire type of the earlier version.

    Returns:
        The wire type and the data of that version.
    """
    while wire_type in upcasters:
        wire_type, apply = upcasters[wire_type]
        data = apply(dict(data))
    return wire_type, data
