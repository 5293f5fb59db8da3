"""A resolved model: its parts refer to each other directly, not by name."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .aggregate_model import (
    Aggregate,
    Attribute,
    Behavior,
    Command,
    Enumeration,
    Event,
    Query,
    Subscription,
    Timer,
    TimerSetting,
    Value,
)
from .external_model import ExternalService, Operation
from .process_model import InboxEvent, Process, SentCommand, event_of

__all__ = [
    "Aggregate",
    "Attribute",
    "Behavior",
    "Command",
    "Enumeration",
    "Event",
    "ExternalService",
    "Model",
    "Operation",
    "Query",
    "Subscription",
    "Timer",
    "TimerSetting",
    "Value",
]


@dataclass(frozen=True)
class Model:
    """The model of a whole service; `data` is what its file says."""

    context: str
    enumerations: Mapping[str, Enumeration] = field(default_factory=dict)
    values: Mapping[str, Value] = field(default_factory=dict)
    aggregates: tuple[Aggregate, ...] = ()
    external_services: tuple[ExternalService, ...] = ()
    processes: tuple[Process, ...] = ()
    sent_commands: tuple[SentCommand, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def ignored_events(self) -> tuple[str, ...]:
        """The wire types of events that are acknowledged, should they come, and nothing else."""
        subscriptions = self.data.get("subscriptions", {})
        return tuple(name for name, entries in subscriptions.items() if "ignored" in entries)

    @property
    def inbox_events(self) -> tuple[InboxEvent, ...]:
        """The events of other services that aggregates and processes follow, each once."""
        followed = [
            *(event_of(each) for owner in self.aggregates for each in owner.subscriptions),
            *(each for process in self.processes for each in process.followed),
        ]
        return tuple({each.wire_type: each for each in followed if not each.is_own}.values())
