"""The contracts at one moment, as JSON schemas, and what changed since another moment."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from carafe.contracts.base import Command
from carafe.contracts.integration_events import IntegrationEvent

from .compatibility import Comparison

Snapshot = dict[str, Any]

_REF = "#/schemas/{name}"


def snapshot_of(
    events: Sequence[type[IntegrationEvent]], commands: Sequence[type[Command]]
) -> Snapshot:
    """Return the contracts as they are.

    Returns:
        The schema of each event by wire type and of each command by wire name, and the schemas
        that these refer to.
    """
    everything = [*events, *commands]
    references, schemas = msgspec.json.schema_components(everything, ref_template=_REF)
    by_contract = dict(zip(everything, references, strict=True))
    return {
        "events": {each.wire_type: by_contract[each] for each in events},
        "commands": {each.wire_name: by_contract[each] for each in commands},
        "schemas": schemas,
    }


def breaking_changes(released: Snapshot, present: Snapshot) -> list[str]:
    """Return what others, who rely on the released contracts, would stumble over."""
    return [*_broken_events(released, present), *_broken_commands(released, present)]


def additions(released: Snapshot, present: Snapshot) -> list[str]:
    """Return what nobody relied on yet."""
    return [
        f"{kind.removesuffix('s')} {name} is new"
        for kind in ("events", "commands")
        for name in present[kind]
        if name not in released[kind]
    ]


def _broken_events(released: Snapshot, present: Snapshot) -> Iterator[str]:
    """Consumers read what is published now by the contract that was released."""
    comparison = Comparison(given=present["schemas"], taken=released["schemas"])
    for wire_type, schema in released["events"].items():
        if wire_type not in present["events"]:
            yield f"event {wire_type} is no longer published"
            continue
        for misfit in comparison.misfits(present["events"][wire_type], schema):
            yield f"event {wire_type} {misfit}"


def _broken_commands(released: Snapshot, present: Snapshot) -> Iterator[str]:
    """Senders send by the contract that was released what is taken now."""
    comparison = Comparison(given=released["schemas"], taken=present["schemas"])
    for wire_name, schema in released["commands"].items():
        if wire_name not in present["commands"]:
            yield f"command {wire_name} is no longer taken"
            continue
        for misfit in comparison.misfits(schema, present["commands"][wire_name]):
            yield f"command {wire_name} {misfit}"


def read(path: Path) -> Snapshot | None:
    """Read a snapshot; None if there is none yet."""
    if not path.exists():
        return None
    snapshot: Snapshot = json.loads(path.read_text(encoding="utf-8"))
    return snapshot


def write(path: Path, snapshot: Snapshot) -> None:
    """Write a snapshot, so that two of them are easy to compare by eye."""
    path.write_text(json.dumps(snapshot, indent=1, sort_keys=True) + "\n", encoding="utf-8")
