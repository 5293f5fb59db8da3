"""The domain and the published pattern agree on what counts as a text."""

import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carafe.contracts.json_schemas import schema_components
from carafe.contracts.patterns import whole
from carafe.contracts.values import Address
from carafe.domain.errors import InvalidValue
from carafe.domain.requirements import PYTHON_TEXT_FORM, TEXT_FORM, require_text

PATTERN = re.compile(whole(TEXT_FORM))
PYTHON_PATTERN = re.compile(whole(PYTHON_TEXT_FORM))

INVISIBLE = {
    "soft hyphen": "\u00ad",
    "combining grapheme joiner": "\u034f",
    "combining acute accent": "\u0301",
    "Arabic letter mark": "\u061c",
    "Hangul fillers": "\u115f\u1160\u3164\uffa0",
    "Mongolian separators": "\u180b\u180e",
    "zero-width space": "\u200b",
    "joiners": "\u200c\u200d",
    "direction marks": "\u200e\u200f\u202a\u202e\u2066\u2069",
    "word joiner": "\u2060",
    "invisible operators": "\u2061\u2064",
    "Braille blank": "\u2800",
    "variation selectors": "\ufe00\ufe0f",
    "byte order mark": "\ufeff",
    "interlinear annotation": "\ufff9\ufffb",
    "tags": "\U000e0001\U000e0020\U000e007f",
    "variation selectors, supplement": "\U000e0100\U000e01ef",
    "spaces": " \xa0\u2003\u3000",
}

VISIBLE = [
    "Maria Weber",
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",  # Persian, with a joiner inside
    "\U0001f469\u200d\U0001f469\u200d\U0001f467",  # a family of emoji
    "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",  # England's flag
    "\u845b\U000e0100",  # a name's variant form
    "\U00020bb7",  # a rare name, outside the basic plane
    "e\u0301",
    "\u200bMaria",
    "\u0646",
    "\ud55c",
    "\uff21",
    "\u2764\ufe0f",
    "-",
    "\ue000",
]


def is_text(value: str) -> bool:
    """Return whether the domain takes a text."""
    try:
        require_text(value, "recipient", len(value))
    except InvalidValue:
        return False
    return True


@pytest.mark.parametrize("name", INVISIBLE)
def test_a_text_of_nothing_visible_is_empty(name: str) -> None:
    for text in (INVISIBLE[name], f" {INVISIBLE[name]} ", INVISIBLE[name] * 40):
        with pytest.raises(InvalidValue, match="must not be empty"):
            require_text(text, "recipient", 200)
        assert not PATTERN.search(text)


@pytest.mark.parametrize("text", VISIBLE)
def test_invisible_characters_are_allowed_beside_visible_ones(text: str) -> None:
    assert is_text(text)
    assert PATTERN.search(text)


def test_domain_and_pattern_agree_on_every_character() -> None:
    characters = [chr(each) for each in range(sys.maxunicode + 1) if not 0xD800 <= each < 0xE000]
    disagreements = [
        hex(ord(each))
        for each in characters
        if not is_text(each) == bool(PATTERN.search(each)) == bool(PYTHON_PATTERN.search(each))
    ]
    assert disagreements == []


PARTS = [*"".join(INVISIBLE.values()), *"aé\n\x00\x85\u2028 😀葛\u200d", "\U000e0fff", "\U000f0000"]


@given(
    st.text(st.one_of(st.sampled_from(PARTS), st.characters(exclude_categories=["Cs"])), min_size=1)
)
def test_domain_and_pattern_agree_on_every_text(text: str) -> None:
    assert is_text(text) == bool(PATTERN.search(text)) == bool(PYTHON_PATTERN.search(text))


def test_the_pattern_of_every_dialect_is_published() -> None:
    """Contracts check with the same form, written as Python compiles it faster."""
    _, schemas = schema_components([Address], "#/schemas/{name}")
    assert schemas["Address"]["properties"]["street"]["pattern"] == PATTERN.pattern


def test_a_long_text_is_refused_in_linear_time() -> None:
    for text in ("\u200b" * 200_000, "\u200b" * 200_000 + "\n", "a" * 200_000 + "\n"):
        assert not PATTERN.search(text)
        assert not PYTHON_PATTERN.search(text)
