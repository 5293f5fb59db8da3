"""What a model no longer has of what was generated before."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

# The named parts of a model, with the word for one of them; a part may have parts itself.
_PARTS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "enumerations": ("enumeration", {"values": ("value", {})}),
    "values": ("value", {"attributes": ("attribute", {}), "rules": ("rule", {})}),
    "entities": ("entity", {"attributes": ("attribute", {}), "rules": ("rule", {})}),
    "aggregates": (
        "aggregate",
        {
            "attributes": ("attribute", {}),
            "rules": ("rule", {}),
            "events": ("event", {"tells": ("attribute", {})}),
            "timers": ("timer", {}),
            "behaviors": ("behavior", {"takes": ("parameter", {}), "rules": ("rule", {})}),
            "commands": ("command", {}),
            "queries": ("query", {"filters": ("filter", {})}),
        },
    ),
    "external_services": (
        "external service",
        {"operations": ("operation", {"takes": ("parameter", {})})},
    ),
    "subscriptions": ("subscription", {"attributes": ("attribute", {})}),
    "sent_commands": ("sent command", {"attributes": ("attribute", {})}),
    "processes": (
        "process",
        {
            "attributes": ("attribute", {}),
            "steps": ("step", {"answers": ("answer", {})}),
            "undone_on": ("event that undoes", {}),
        },
    ),
}


@dataclass(frozen=True)
class Removal:
    """A part that a model no longer has.

    Attributes:
        kind: such as `attribute`.
        name: with the parts around it, such as `Book.cover`.
        successor: a new part of the same content, to which it may have been renamed; empty
            without one.
    """

    kind: str
    name: str
    successor: str = ""

    def __str__(self) -> str:
        question = f" (or was it renamed to {self.successor}?)" if self.successor else ""
        return f"{self.kind} {self.name}{question}"


def removals(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[Removal]:
    """Return the parts of one model that another one lacks; not the parts of such parts.

    Args:
        before: the data of a model file.
        now: the data of another one.
    """
    return list(_removals(before, now, _PARTS, ""))


def _removals(
    before: Mapping[str, Any], now: Mapping[str, Any], parts: Mapping[str, Any], owner: str
) -> Iterator[Removal]:
    for part, (kind, inner) in parts.items():
        old, new = _by_name(before.get(part)), _by_name(now.get(part))
        if part == "aggregates":
            old = {name: _without_uses(old[name], new.get(name)) for name in old}
        additions = {name: content for name, content in new.items() if name not in old}
        for name, content in old.items():
            if name not in new:
                successors = (each for each in additions if additions[each] == content)
                yield Removal(kind, f"{owner}{name}", next(successors, ""))
            elif inner and isinstance(content, Mapping) and isinstance(new[name], Mapping):
                yield from _removals(content, new[name], inner, f"{owner}{name}.")


def _without_uses(before: Mapping[str, Any], now: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return an aggregate whose behaviours, events and queries do not name attributes that went."""
    attributes = set(before["attributes"]) - set((now or before)["attributes"])

    def without(entries: Mapping[str, Any], uses: str) -> dict[str, Any]:
        kept = [each for each in entries.get(uses, ()) if not _is_name_in(each, attributes)]
        return {**entries, uses: kept}

    return {
        **before,
        **{
            part: {name: without(each, uses) for name, each in before.get(part, {}).items()}
            for part, uses in (("behaviors", "takes"), ("events", "tells"), ("queries", "filters"))
        },
    }


def _is_name_in(entry: Any, names: set[str]) -> bool:  # noqa: ANN401 - of a list of names
    return isinstance(entry, str) and entry in names


def _by_name(part: Any) -> dict[str, Any]:  # noqa: ANN401 - a mapping, or a list of names
    """Return the entries of a part by their names; an entry of a list may have a type."""
    if isinstance(part, Mapping):
        return dict(part)
    entries: dict[str, Any] = {}
    for each in part or ():
        entries |= each if isinstance(each, Mapping) else {each: None}
    return entries
