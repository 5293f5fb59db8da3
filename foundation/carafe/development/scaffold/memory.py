"""What the generator wrote last, kept in the service beside the code.

With it three sides are known: what was generated, what is there, and what the model says now.
Without it nobody could tell a change of the model from an edit by hand.
"""

from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, field

from .code_parts import code_of
from .definition_insertions import Definition, Member
from .element_insertions import (
    Argument,
    ArgumentElement,
    DescribedAttribute,
    Element,
    Handlers,
    Variable,
)

FILE = Path(".carafe/scaffolded.json")


AnyInsertion = (
    Definition
    | Member
    | Element
    | Argument
    | ArgumentElement
    | Handlers
    | DescribedAttribute
    | Variable
)


class BrokenMemory(Exception):
    """The file cannot be read; the message says what to do."""


class Memory(Struct, frozen=True):
    """What was generated.

    Attributes:
        model: the data of the model that was last generated from, whole or in parts; empty before.
        files: whole files, by path.
        insertions: into shared files, by path.
    """

    model: dict[str, Any] = {}
    files: dict[str, str] = field(default_factory=dict)
    insertions: dict[str, list[AnyInsertion]] = field(default_factory=dict)

    @classmethod
    def read(cls, root: Path) -> "Memory":
        """Return the memory of a service; an empty one if nothing was generated yet.

        Raises:
            BrokenMemory: the file is not one that the generator wrote.
        """
        try:
            content = (root / FILE).read_bytes()
        except FileNotFoundError:
            return cls()
        try:
            memory = msgspec.json.decode(content, type=cls)
            memory._check()  # noqa: SLF001 - of the same class
        except (msgspec.DecodeError, SyntaxError) as error:
            raise BrokenMemory(
                f"{FILE} cannot be read ({error}): restore it from git, or delete it; then files "
                "that differ from the model are only shown"
            ) from error
        return memory

    def text(self) -> str:
        """Return the content of the file: sorted, so that a change of the model is a small one."""
        ordered = Memory(
            self.model,
            dict(sorted(self.files.items())),
            {
                path: sorted(each, key=lambda insertion: insertion.key)
                for path, each in sorted(self.insertions.items())
            },
        )
        return msgspec.json.format(msgspec.json.encode(ordered), indent=1).decode() + "\n"

    def _check(self) -> None:
        """Raise SyntaxError unless what is remembered is Python."""
        for text in self.files.values():
            code_of(text)
        for each in (insertion for path in self.insertions.values() for insertion in path):
            if isinstance(each, Definition) and not code_of(each.text).parts:
                raise SyntaxError(f"it has no definition: {each.text!r}")
