"""Earlier versions of other services' events, turned into the one that a handler knows.

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
        apply: turns the data; gets a dict of its own.
    """

    to: str
    apply: Callable[[Data], Data]


def upcast(wire_type: str, data: Data, upcasters: Mapping[str, Upcaster]) -> tuple[str, Data]:
    """Return wire type and data of the latest version that the steps lead to.

    Args:
        wire_type: of the event as it came.
        data: its data as they came.
        upcasters: the steps, by the wire type of the earlier version.
    """
    while wire_type in upcasters:
        wire_type, apply = upcasters[wire_type]
        data = apply(dict(data))
    return wire_type, data
