"""The names and ports that a new service may have, and why others are refused."""

import pytest

from carafe.development.new.identity import (
    LONGEST_NAME,
    RESERVED,
    BadIdentity,
    context_from,
    name_from,
    require_context,
    require_name,
    require_port,
)


@pytest.mark.parametrize("name", ["Lending Desk", "Lending", "X", "Desk 24", "A" * LONGEST_NAME])
def test_words_with_a_capital_are_a_name(name: str) -> None:
    assert require_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        *("", " ", "lending desk", "Lending  Desk", "Lending Desk ", "Lending-Desk", "24 Desk"),
        *('Lending "Desk"', "Lending\nDesk", "Lending Desk\n", "{{ name }}", "Ünding"),
        "A" * (LONGEST_NAME + 1),
    ],
)
def test_what_would_break_a_heading_or_a_text_is_no_name(name: str) -> None:
    with pytest.raises(BadIdentity, match=r"^the name .+ must be like Lending Desk") as error:
        require_name(name)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 200


@pytest.mark.parametrize("context", ["lending", "it", "a" * 30])
def test_one_word_of_lowercase_letters_is_a_context(context: str) -> None:
    assert require_context(context) == context


@pytest.mark.parametrize(
    ("context", "reason"),
    [
        *((each, "one word of 2 to 30") for each in ("", "a", "a" * 31, "a" * 10_000, "Lending")),
        *((each, "one word of 2 to 30") for each in ("lending_desk", "lending-desk", "lending1")),
        *((each, "one word of 2 to 30") for each in ("lending desk", "lending\n", "../lending")),
        *((each, "a keyword of Python") for each in ("class", "import", "match")),
        *((each, "a part of every service") for each in ("carafe", "chalicelib", "app", "tests")),
    ],
)
def test_what_the_code_or_python_needs_is_no_context(context: str, reason: str) -> None:
    with pytest.raises(BadIdentity, match=reason) as error:
        require_context(context)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 200


def test_every_reserved_word_would_otherwise_be_a_context() -> None:
    for word in RESERVED:
        with pytest.raises(BadIdentity, match="a part of every service"):
            require_context(word)


@pytest.mark.parametrize(("text", "port"), [("1", 1), ("8100", 8100), ("65535", 65_535)])
def test_a_number_in_range_is_a_port(text: str, port: int) -> None:
    assert require_port(text) == port


@pytest.mark.parametrize(
    "text", ["", "0", "65536", "-1", "80.5", "http", "8100\n", "٨١٠٠", "²", "9" * 5_000]
)
def test_another_text_is_no_port(text: str) -> None:
    with pytest.raises(BadIdentity, match="a number from 1 to 65535"):
        require_port(text)


@pytest.mark.parametrize(
    ("folder", "name", "context"),
    [
        ("lending", "Lending", "lending"),
        ("lending-desk", "Lending Desk", "lending"),
        ("lending_desk", "Lending Desk", "lending"),
        ("LENDING", "LENDING", "lending"),
        ("app", "App", ""),
        ("24h", "", ""),
        ("…", "", ""),
        ("a" * 200, "", ""),
    ],
)
def test_a_folder_suggests_what_can_be_used_or_nothing(
    folder: str, name: str, context: str
) -> None:
    assert name_from(folder) == name
    assert context_from(name) == context
