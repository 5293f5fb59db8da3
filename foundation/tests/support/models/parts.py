"""What models are made of: descriptions, names, types and attributes."""

import functools
from collections.abc import Iterable
from typing import Any

from hypothesis import strategies as st

from carafe.development.discovery import reserved_names
from carafe.development.discovery.names import snake

from . import words

Data = dict[str, Any]

TEXTS = ("text", "text(1)", "text(2)", "text(17)", "text(200)", "text(100000)")
INTEGERS = (
    *("integer", "integer(0..1)", "integer(1..2)", "integer(7..1000)"),
    *("integer(0..999999999)", "integer(999999998..999999999)"),
)
OTHERS = ("boolean", "moment", "date", "time", "identifier", "money", "address")
LONGEST_NAME = 36  # and four letters for what is made from it
TAKEN = {
    *(reserved_names.ATTRIBUTES | reserved_names.PARAMETERS),
    *(reserved_names.FILTERS | reserved_names.TOLD),
}
SORTABLE = ("text", "integer", "boolean", "moment", "date", "time", "identifier")


@functools.cache
def descriptions() -> st.SearchStrategy[str]:
    """Sentences with everything that the schema allows."""
    letters = st.text(f"abcdefgh ABC{words.PUNCTUATION}", min_size=3, max_size=80)
    return st.sampled_from(words.DESCRIPTIONS) | letters


@functools.cache
def class_names() -> st.SearchStrategy[str]:
    """Names of one word, or of up to three."""
    noun = st.sampled_from(words.NOUNS)
    several = st.lists(noun, min_size=2, max_size=3).map("".join)
    return st.one_of(noun, noun, several).filter(_is_free)


def _is_free(name: str) -> bool:
    """Return whether neither Python nor the foundation uses the name of a class."""
    is_taken = reserved_names.is_class_name(name) or reserved_names.is_python_name(snake(name))
    is_taken = is_taken or name.startswith("Test")  # pytest takes them for tests
    return len(name) <= LONGEST_NAME and not is_taken


@functools.cache
def types(declared: tuple[str, ...]) -> st.SearchStrategy[str]:
    """Types of every kind: bounded, optional, several."""
    kinds = [st.sampled_from(TEXTS), st.sampled_from(INTEGERS), st.sampled_from(OTHERS)]
    if declared:
        kinds.append(st.sampled_from(declared))
    forms = st.sampled_from(("{}", "{}", "{}?", "list of {}"))
    return st.builds(str.format, forms, st.one_of(kinds))


def is_free_member(name: str) -> bool:
    """Return whether neither Python nor the foundation uses the name of an attribute."""
    return name not in TAKEN and not reserved_names.is_python_name(name)


def is_free_behavior(name: str) -> bool:
    """Return whether neither Python nor the foundation uses the name of a behaviour."""
    return name not in reserved_names.BEHAVIORS and not reserved_names.is_python_name(name)


@functools.cache
def attributes(declared: tuple[str, ...], least: int, most: int) -> st.SearchStrategy[Data]:
    """Names with their types."""
    names = st.sampled_from([each for each in words.ATTRIBUTES if is_free_member(each)])
    return st.dictionaries(names, types(declared), min_size=least, max_size=most)


def subsets(items: Iterable[Any], least: int = 0) -> st.SearchStrategy[list[Any]]:
    """Some of the items, in any order."""
    given = tuple(items)
    if not given:
        return st.just([])
    return st.lists(st.sampled_from(given), unique_by=str, min_size=least, max_size=len(given))


def is_optional(kind: str) -> bool:
    """Return whether an attribute may be missing or empty."""
    return kind.endswith("?") or kind.startswith("list of ")


def without(entries: Data) -> Data:
    """Return the entries that have a value."""
    return {name: value for name, value in entries.items() if value not in (None, [], {})}
