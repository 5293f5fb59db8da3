"""Names in the forms that code, routes and messages want."""

import re

_BORDER = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def snake(name: str) -> str:
    """Return `LoanStatus` as `loan_status`."""
    return _BORDER.sub("_", name).lower()


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
    """Return the English plural, as far as a rule knows it: `copies`, `shelves`, `boxes`."""
    if re.search(r"[^aeiou]y$", name):
        return f"{name[:-1]}ies"
    if re.search(r"(l|ea|oa)f$", name):
        return f"{name[:-1]}ves"
    return f"{name}es" if re.search(r"(s|x|z|ch|sh)$", name) else f"{name}s"


def article(name: str) -> str:
    """Return the name in words behind `a` or `an`."""
    spoken = words(name)
    return f"an {spoken}" if spoken[0] in "aeiou" else f"a {spoken}"


def sentence(text: str) -> str:
    """Return a description with a capital and a full stop."""
    text = " ".join(text.split())
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
