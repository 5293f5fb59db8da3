"""Something that the generator inserts into a file that all parts of a service share.

Each kind is recognised by its name in the syntax tree, not by its text, so that it is not inserted
again after people have changed or moved it.
"""

from msgspec import Struct


class Insertion(Struct, frozen=True, tag=True):
    """Something to insert into a file.

    Attributes:
        text: what is inserted.
    """

    text: str

    @property
    def key(self) -> str:
        """What it is recognised by, unique within the file."""
        raise NotImplementedError

    def is_in(self, code: str) -> bool:
        """Return whether it is there."""
        raise NotImplementedError

    def insert(self, code: str) -> str:
        """Return the code with it.

        Raises:
            NoPlace: the place for it is missing.
        """
        raise NotImplementedError

    def remove(self, code: str, *, overwriting: bool = False) -> str:
        """Return the code without it; what people have edited stays unless overwritten."""
        raise NotImplementedError

    def merge(self, base: "Insertion | None", code: str, *, overwriting: bool = False) -> str:
        """Return the code with what has changed since `base` was inserted, where it is there."""
        del base, overwriting  # elements are there, or they are not
        return code
