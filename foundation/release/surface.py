"""The public surface of a tree: the names of the document, as the code has them."""

from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path
from typing import Any

import griffe

from .document import Surface

# Python calls these; their docstring is that of their class.
UNDOCUMENTED = griffe.Kind.ATTRIBUTE, griffe.Kind.TYPE_ALIAS


class Code:
    """The foundation's code, read and not imported.

    Args:
        tree: with the folder foundation.
    """

    def __init__(self, tree: Path) -> None:
        folder = [str(tree / "foundation")]
        self._package = griffe.load("carafe", search_paths=folder, try_relative_path=False)

    def faults(self, surface: Surface) -> list[str]:
        """Return which names are missing, or lack a docstring or types."""
        found = []
        for module, names in surface.names.items():
            for name in names:
                target = self.find(module, name)
                if target is None:
                    found.append(f"{module}.{name} is public, and does not exist")
                else:
                    found += _faults(target, f"{module}.{name}")
        return found

    def find(self, module: str, name: str) -> griffe.Object | None:
        """Return what a public name stands for; None if there is none."""
        try:
            return _target(self._package[f"{module}.{name}".removeprefix("carafe.")])
        except (KeyError, griffe.AliasResolutionError):
            return None

    def dump(self, surface: Surface) -> dict[str, Any]:
        """Return the public names with their members and signatures, as JSON can hold them."""
        return {
            module: {name: _plain(found) for name in names if (found := self.find(module, name))}
            for module, names in surface.names.items()
        }


def public_members(parent: griffe.Object) -> Iterator[tuple[str, griffe.Object]]:
    """Yield the public members of a class, those of its bases included.

    The tests of a suite are left out: nobody calls them by name.
    """
    for name, member in parent.all_members.items():
        found = _target(member)
        if not (found.is_private or found.is_module or name.startswith("test_")):
            yield name, found


def _target(named: griffe.Object | griffe.Alias) -> griffe.Object:
    """Return the object itself, wherever it was imported from."""
    return named.final_target if isinstance(named, griffe.Alias) else named


def _faults(public: griffe.Object, path: str) -> Iterator[str]:
    """Yield what a public object lacks, and what its members lack."""
    if public.kind not in UNDOCUMENTED and not public.is_special and not _is_documented(public):
        yield f"{path} is public, and has no docstring"
    if isinstance(public, griffe.Class):
        for name, member in public_members(public):
            yield from _faults(member, f"{path}.{name}")
    elif isinstance(public, griffe.Function):
        yield from _untyped(public, path)


def _is_documented(public: griffe.Object) -> bool:
    """Tell whether it has a docstring; a method that overrides another has that one's."""
    bases = public.parent.mro() if isinstance(public.parent, griffe.Class) else []
    overridden = [each.members[public.name] for each in bases if public.name in each.members]
    return public.has_docstring or any(each.has_docstring for each in overridden)


def _untyped(function: griffe.Function, path: str) -> Iterator[str]:
    """Yield which parameters have no type, and whether the result has none."""
    for number, parameter in enumerate(function.parameters):
        is_own = number == 0 and parameter.name in {"self", "cls"}
        if parameter.annotation is None and not is_own:
            yield f"{path} is public, and {parameter.name} has no type"
    if function.returns is None and not function.is_special:
        yield f"{path} is public, and its result has no type"


def _plain(public: griffe.Object) -> dict[str, Any]:
    """Return what others rely on of an object, as griffe reads it again from JSON."""
    plain: dict[str, Any] = {"kind": public.kind.value, "name": public.name}
    if isinstance(public, griffe.Class):
        plain["bases"] = list(map(str, public.bases))
        members = sorted(public_members(public), key=itemgetter(0))
        plain["members"] = {name: _plain(member) for name, member in members}
    elif isinstance(public, griffe.Function):
        plain["parameters"] = list(map(_parameter, public.parameters))
        plain["returns"] = _text(public.returns)
    elif isinstance(public, griffe.Attribute):
        plain["annotation"] = _text(public.annotation)
    return plain


def _parameter(parameter: griffe.Parameter) -> dict[str, str | None]:
    return {
        "name": parameter.name,
        "kind": parameter.kind and parameter.kind.value,
        "annotation": _text(parameter.annotation),
        "default": _text(parameter.default),
    }


def _text(expression: str | griffe.Expr | None) -> str | None:
    return None if expression is None else str(expression)
