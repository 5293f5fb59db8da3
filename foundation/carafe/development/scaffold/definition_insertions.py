"""Definitions and members of classes that are inserted, and whose changes are merged."""

import textwrap

from . import edits
from .code_parts import Part, code_of
from .definitions import merged_part
from .insertion import Insertion


class Definition(Insertion, frozen=True):
    """A class, function or assignment at the top level.

    Attributes:
        before: the name to insert it in front of; empty for the end of the code.
        before_classes: insert it in front of the classes.
    """

    before: str = ""
    before_classes: bool = False

    @property
    def key(self) -> str:
        """Its name."""
        return f"{self._owner}.{next(iter(self._parts))}"

    @property
    def _owner(self) -> str:
        return ""

    @property
    def _parts(self) -> dict[str, Part]:
        return code_of(self.text).parts

    def is_in(self, code: str) -> bool:
        """Return whether something of this name is there."""
        return self._present(code) is not None

    def insert(self, code: str) -> str:
        """Return the code with it at its end, or in front of what it belongs in front of."""
        if self.before_classes:
            return edits.with_definition_before_classes(code, self.text)
        return edits.with_definition(code, self.text, self.before or None)

    def remove(self, code: str, *, overwriting: bool = False) -> str:
        """Return the code without it, unless people have edited it."""
        present = self._present(code)
        if present is None:
            return code
        return merged_part(self._part, present, None, overwriting=overwriting)

    def merge(self, base: Insertion | None, code: str, *, overwriting: bool = False) -> str:
        """Return the code with its changes merged into what is there."""
        present = self._present(code)
        if present is None:
            return code
        before = base._part if isinstance(base, Definition) else None  # noqa: SLF001 - its own kind
        return merged_part(before, present, self._part, overwriting=overwriting)

    @property
    def _part(self) -> Part:
        return next(iter(self._parts.values()))

    def _present(self, code: str) -> Part | None:
        return code_of(code).part(self._owner, next(iter(self._parts)))


class Member(Definition, frozen=True, kw_only=True):
    """A method or an attribute of a class."""

    owner: str

    @property
    def _owner(self) -> str:
        return self.owner

    @property
    def _parts(self) -> dict[str, Part]:
        code = code_of(f"class {self.owner}:\n{textwrap.indent(self.text, '    ')}\n")
        members = code.members(code.parts[self.owner])
        return {name: part for name, part in members.items() if name}

    def insert(self, code: str) -> str:
        """Return the code with it at the end of the class, an attribute after the others."""
        return edits.with_member(code, self.owner, self.text)
