"""The contracts at one time, as JSON schemas, and the changes between two times."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from carafe.contracts.base import Command
from carafe.contracts.integration_events import IntegrationEvent
from carafe.contracts.json_schemas import schema_components

from .compatibility import Comparison

Snapshot = dict[str, Any]

_REF = "#/schemas/{name}"


def snapshot_of(
    events: Sequence[type[IntegrationEvent]], commands: Sequence[type[Command]]
) -> Snapshot:
    """Return the snapshot of some contracts.

    Returns:
        The schema of each event by wire type and of each command by wire name, and the schemas
        that these refer to.
    """
    contracts = [*events, *commands]
    references, schemas = schema_components(contracts, _REF)
    by_contract = dict(zip(contracts, references, strict=True))
    return {
        "events": {each.wire_type: by_contract[each] for each in events},
        "commands": {each.wire_name: by_contract[each] for each in commands},
        "schemas": schemas,
    }


def breaking_changes(released: Snapshot, present: Snapshot) -> list[str]:
    """Return the changes that break services which rely on the released contracts."""
    return [*_event_breaks(released, present), *_command_breaks(released, present)]


def additions(released: Snapshot, present: Snapshot) -> list[str]:
    """Return the contracts that are not released yet."""
    return [
        f"{part.removesuffix('s')} {name} is new"
        for part in ("events", "commands")
        for name in present[part]
        if name not in released[part]
    ]


def _event_breaks(released: Snapshot, present: Snapshot) -> Iterator[str]:
    """Yield breaks for consumers: they read the present events with the released schemas."""
    comparison = Comparison(writer=present["schemas"], reader=released["schemas"])
    for wire_type, schema in released["events"].items():
        if wire_type not in present["events"]:
            yield f"event {wire_type} is no longer published"
            continue
        for message in comparison.incompatibilities(present["events"][wire_type], schema):
            yield f"event {wire_type} {message}"


def _command_breaks(released: Snapshot, present: Snapshot) -> Iterator[str]:
    """Yield breaks for senders: their commands follow the released schemas."""
    comparison = Comparison(writer=released["schemas"], reader=present["schemas"])
    for wire_name, schema in released["commands"].items():
        if wire_name not in present["commands"]:
            yield f"command {wire_name} is no longer accepted"
            continue
        for message in comparison.incompatibilities(schema, present["commands"][wire_name]):
            yield f"command {wire_name} {message}"


def read(path: Path) -> Snapshot | None:
    """Read a snapshot; return None if the file does not exist."""
    if not path.exists():
        return None
    snapshot: Snapshot = json.loads(path.read_text(encoding="utf-8"))
    return snapshot


def write(path: Path, snapshot: Snapshot) -> None:
    """Write a snapshot, formatted so that a diff of two is readable."""
    path.write_text(json.dumps(snapshot, indent=1, sort_keys=True) + "\n", encoding="utf-8")
