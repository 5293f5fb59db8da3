"""The forms of a name: in code, in routes and in sentences."""

import re

_WORD_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def snake(name: str) -> str:
    """Return `LoanStatus` as `loan_status`."""
    return _WORD_BOUNDARY.sub("_", name).lower()


def camel(name: str) -> str:
    """Return `due_at` as `DueAt`."""
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"[_-]", name))


def dashed(name: str) -> str:
    """Return `give_back` or `GiveBack` as `give-back`."""
    return snake(name).replace("_", "-")


def words(name: str) -> str:
    """Return `LoanStatus` as `loan status`."""
    return snake(name).replace("_", " ")


def plural(name: str) -> str:
    """Return the regular English plural: `copies`, `shelves`, `boxes`."""
    if re.search(r"[^aeiou]y$", name):
        return f"{name[:-1]}ies"
    if re.search(r"(l|ea|oa)f$", name):
        return f"{name[:-1]}ves"
    return f"{name}es" if re.search(r"(s|x|z|ch|sh)$", name) else f"{name}s"


def article(name: str) -> str:
    """Return the name as words, with `a` or `an` in front."""
    phrase = words(name)
    return f"an {phrase}" if phrase[0] in "aeiou" else f"a {phrase}"


def sentence(text: str) -> str:
    """Return a description with a capital and a full stop."""
    text = " ".join(text.split())
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
