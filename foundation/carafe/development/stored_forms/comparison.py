"""The changes between the released and the present form of aggregates.

A change is breaking if the present code cannot read or save what code of the released form has
written. Other changes may still ask for two releases: while both are deployed, older code meets
what newer code has written.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from .snapshot import Snapshot

Described = Mapping[str, Any]

NEXT_RELEASE = "in the release after this one, when no older code runs any more"


class Change(Struct, frozen=True):
    """A difference between two forms.

    Attributes:
        place: the aggregate, or the path to one of its attributes: `Loan.fine.cents`.
        sentence: goes on behind the place; says what to do.
        is_breaking: stored documents would be unreadable, or could not be saved again.
    """

    place: str
    sentence: str
    is_breaking: bool

    def __str__(self) -> str:
        return f"{self.place} {self.sentence}"


def changes_between(released: Snapshot, present: Snapshot) -> Iterator[Change]:
    """Yield the changes of the stored forms since their release."""
    for collection, form in released.items():
        if collection in present:
            yield from _changes_of_aggregate(form, present[collection])
        else:
            yield Change(
                form["aggregate"],
                f"no longer stores the collection {collection}, whose documents and events would "
                "be left behind: declare it again; `carafe page stored-forms` tells how to give "
                "it up",
                is_breaking=True,
            )
    for collection, form in present.items():
        if collection not in released:
            yield Change(form["aggregate"], "is not released yet", is_breaking=False)


def _changes_of_aggregate(released: Described, present: Described) -> Iterator[Change]:
    name, old, new = present["aggregate"], released["version"], present["version"]
    if new == old:
        comparison = _Comparison(old)
        yield from comparison.attributes(name, released["attributes"], present["attributes"])
        yield from comparison.steps(name, released.get("steps", ()), present.get("steps", ()))
        if "written" in released and "written" not in present:
            yield Change(
                name,
                f"is written as version {new} now: deploy it when all code that runs reads that",
                is_breaking=False,
            )
    elif new == old + 1 and "written" in present:
        yield Change(
            name,
            f"is version {new} and still written as version {old}, which older code reads: remove "
            f"its downcaster {NEXT_RELEASE}",
            is_breaking=False,
        )
    elif new == old + 1:
        yield Change(
            name,
            f"is version {new}: while code of version {old} still runs, it refuses what this one "
            f"has saved (503, to be tried again); with a downcaster from {new}, it does not",
            is_breaking=False,
        )
    elif new < old:
        yield Change(
            name,
            f"is version {new}, but version {old} is released, and its documents would be "
            f"refused: set version={old} in @schema",
            is_breaking=True,
        )
    else:
        yield Change(
            name,
            f"is version {new}, but the released one is {old}: set version={old + 1} in @schema",
            is_breaking=True,
        )


class _Comparison:
    """Compares forms of the same version.

    Args:
        version: of both.
    """

    def __init__(self, version: int) -> None:
        self._new_version = (
            f"set version={version + 1} in @schema and write an upcaster from {version}"
        )

    def attributes(
        self, place: str, released: Described, present: Described, *, is_nested: bool = False
    ) -> Iterator[Change]:
        """Yield the changes of a class's attributes.

        Args:
            place: the path to the class.
            released: its attributes as released.
            present: its attributes now.
            is_nested: it is inside the aggregate, and therefore saved as a whole.
        """
        for name, form in released.items():
            path = f"{place}.{name}"
            if name in present:
                yield from self._form(path, form, present[name])
            else:
                yield self._break(path, "is gone, but stored documents have it: ")
        for name, form in present.items():
            if name not in released:
                yield self._addition(f"{place}.{name}", form, is_nested=is_nested)

    def steps(
        self, place: str, released: Sequence[str], present: Sequence[str]
    ) -> Iterator[Change]:
        """Yield the changes of a process's steps."""
        for name in released:
            if name not in present:
                yield self._break(
                    place, f"may have begun the step {name!r} in stored documents: keep it, or "
                )
        for name in present:
            if name not in released:
                yield _remark(
                    place, f"has the step {name!r} now, which older code cannot undo: begin it"
                )

    def _addition(self, path: str, form: Described, *, is_nested: bool) -> Change:
        if "default" not in form:
            return self._break(
                path,
                "is new, but stored documents do not have it: make it optional with the default "
                "None, or ",
            )
        if is_nested:
            return _remark(path, "is new, and older code drops it when it saves: set it")
        return Change(path, "is new: where it is missing, it is None", is_breaking=False)

    def _form(self, path: str, released: Described, present: Described) -> Iterator[Change]:
        old, new = released["type"], present["type"]
        if old != new:
            yield self._break(path, f"was {old} and is {new}: ")
            return
        yield from self._presence(path, released, present)
        match old:
            case "enumeration":
                yield from self._values(path, released["values"], present["values"])
            case "object":
                yield from self.attributes(
                    path, released["attributes"], present["attributes"], is_nested=True
                )
            case "list":
                yield from self._form(f"{path}[]", released["items"], present["items"])
            case "union":
                yield from self._kinds(path, released["kinds"], present["kinds"])

    def _presence(self, path: str, released: Described, present: Described) -> Iterator[Change]:
        """Yield changes of whether an attribute may be None or missing."""
        if "optional" in released and "optional" not in present:
            yield self._break(path, "may be None in stored documents: leave it optional, or ")
        elif "default" in released and "default" not in present:
            yield self._break(
                path, "may be missing in stored documents: keep its default None, or "
            )
        elif "optional" in present and "optional" not in released:
            yield _remark(path, "may be None now, which older code cannot read: set None")

    def _values(self, path: str, released: list[Any], present: list[Any]) -> Iterator[Change]:
        for value in released:
            if value not in present:
                yield self._break(path, f"may be {value!r} in stored documents: keep it, or ")
        for value in present:
            if value not in released:
                yield _remark(path, f"may be {value!r} now, which older code cannot read: set it")

    def _kinds(self, path: str, released: Described, present: Described) -> Iterator[Change]:
        for tag, attributes in released.items():
            if tag in present:
                place = f"{path}({tag})"
                yield from self.attributes(place, attributes, present[tag], is_nested=True)
            else:
                yield self._break(
                    path, f"may be of the kind {tag!r} in stored documents: keep it, or "
                )
        for tag in present:
            if tag not in released:
                yield _remark(
                    path, f"may be of the kind {tag!r} now, which older code cannot read: set it"
                )

    def _break(self, path: str, sentence: str) -> Change:
        return Change(path, f"{sentence}{self._new_version}", is_breaking=True)


def _remark(path: str, sentence: str) -> Change:
    return Change(path, f"{sentence} {NEXT_RELEASE}", is_breaking=False)
