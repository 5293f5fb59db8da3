"""What the public surface promised with the last release, and whether it is still kept.

The last release's surface is kept in a file, since a clone need not have tags, and the document of
that time says what was public then. `make release` writes the one of the version that it makes.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import griffe

from . import changelog
from .document import Names, Surface
from .surface import Code
from .versions import Version, parsed

KEPT = Path("foundation/release/last_surface.json")
WHEELS = Path("foundation/tests/upgrade/releases")


@dataclass(frozen=True)
class Release:
    """The surface of a version.

    Attributes:
        version: of the package.
        names: as `Code.dump` gives them, by module.
        words: what else is promised, by the document's heading.
    """

    version: str
    names: dict[str, dict[str, Any]]
    words: Names

    @classmethod
    def of(cls, version: str, code: Code, surface: Surface) -> "Release":
        """Return the surface that a tree has now."""
        return cls(version, code.dump(surface), surface.words)

    @classmethod
    def last(cls, tree: Path) -> "Release | None":
        """Return the last release's; None before the first release."""
        path = tree / KEPT
        return cls(**json.loads(path.read_text("utf-8"))) if path.exists() else None

    def text(self) -> str:
        """Return the file's text, in which each public name is a line."""
        modules = {name: _object(names) for name, names in self.names.items()}
        names = ",\n".join(f'"{name}": {text}' for name, text in sorted(modules.items()))
        words = _object(self.words)
        return f'{{"version": "{self.version}",\n"names": {{\n{names}\n}},\n"words": {words}}}\n'


@dataclass(frozen=True)
class Break:
    """Something that a service might have used is gone, or is another.

    Attributes:
        name: as the changelog has to name it.
        sentence: what happened.
    """

    name: str
    sentence: str


def faults(tree: Path, last: Release, now: Release) -> list[str]:
    """Return what a release of this tree may not do.

    Args:
        tree: the exported commit, with its changelog.
        last: the release before.
        now: the one that is to be made.
    """
    before, after = parsed(last.version), parsed(now.version)
    if after <= before:
        return [f"{last.version} is released already ({KEPT}), and {now.version} is not newer"]
    breaks = list(breaking_changes(last, now))
    if breaks and not _may_break(before, after):
        return [
            f"{each.sentence}: that needs {_next(before)}, not {now.version}" for each in breaks
        ]
    told = changelog.section_of(tree, now.version)
    return [
        f"{each.sentence}, and {changelog.NAME} does not name `{each.name}` at [{now.version}]"
        for each in breaks
        if not re.search(rf"(?<![\w.-]){re.escape(each.name)}(?![\w-])", told)
    ]


def breaking_changes(last: Release, now: Release) -> Iterator[Break]:
    """Yield what the last release had, and this one has not, or has otherwise."""
    for module, names in last.names.items():
        old, new = (_module(module, each.names.get(module, {})) for each in (last, now))
        for name in sorted(names.keys() - new.members.keys()):
            yield Break(name, f"{module}.{name} is no longer public")
            old.del_member(name)
        for breakage in griffe.find_breaking_changes(old, new):
            yield _break(breakage, module)
    for heading, words in last.words.items():
        for word in sorted(set(words) - set(now.words.get(heading, ()))):
            yield Break(word, f"{word} is gone from “{heading}”")


def _break(breakage: griffe.Breakage, module: str) -> Break:
    name = breakage.obj.path.removeprefix(f"{module}.")
    parameters = [
        each.name
        for each in (breakage.old_value, breakage.new_value)
        if isinstance(each, griffe.Parameter)
    ]
    which = f" ({parameters[0]})" if parameters else ""
    return Break(name, f"{module}.{name}: {breakage.kind.value}{which}")


def _may_break(before: Version, after: Version) -> bool:
    return after[0] > before[0] or (before[0] == 0 and after[1] > before[1])


def _next(before: Version) -> str:
    return f"{before[0] + 1}.0.0" if before[0] else f"0.{before[1] + 1}.0 or 1.0.0"


def _module(name: str, objects: dict[str, Any]) -> griffe.Module:
    """Return a module of griffe's with these objects, whatever module each comes from."""
    module = griffe.Module(name)
    for each, plain in objects.items():
        module.set_member(each, _decoded(json.loads(json.dumps(plain))))
    return module


def _decoded(plain: Any) -> Any:  # noqa: ANN401 - JSON, and what griffe makes of it
    """Return what griffe makes of it; griffe wants a line for each object.

    As a hook of `json.loads`, griffe would take a class's members for an object, if one of them is
    called `kind` or `cls`.
    """
    if isinstance(plain, list):
        return [_decoded(each) for each in plain]
    if not isinstance(plain, dict):
        return plain
    values = {
        name: {each: _decoded(member) for each, member in value.items()}
        if name == "members"
        else _decoded(value)
        for name, value in plain.items()
    }
    return griffe.json_decoder({"lineno": 0, **values} if "kind" in values else values)


def _object(values: Mapping[str, Any]) -> str:
    """Return JSON with a line for each value."""
    lines = [
        f'"{name}": {json.dumps(value, sort_keys=True, separators=(",", ":"))}'
        for name, value in sorted(values.items())
    ]
    return "{\n" + ",\n".join(lines) + "\n}"
