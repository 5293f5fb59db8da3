"""Attributes and their types, asked for; a type of one's own when it is first named."""

from collections.abc import Collection

from .answers import ask, described, misfit, none_but, several
from .draft import Draft, Entries, free_among
from .names import article, words
from .types import PLAIN, BadType, type_of
from .words import ATTRIBUTES

KINDS = {"enumeration": "enumerations", "value": "values", "entity": "entities"}


class Types:
    """Asks for attributes.

    Args:
        draft: where types are declared.
    """

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._open: list[str] = []

    def attributes(
        self,
        question: str,
        into: Entries,
        *,
        reserved: Collection[str] = ATTRIBUTES,
        needed: bool = True,
    ) -> None:
        """Ask for attributes until there are no more.

        Args:
            question: for the name of one.
            into: where they are noted, each as soon as it is known.
            reserved: names that cannot be used.
            needed: there must be one at least.
        """
        check = free_among(into, reserved)
        while name := ask(question, "snake", check, needed=needed and not into):
            into[name] = self.type_of(name)

    def type_of(self, attribute: str) -> str:
        """Ask for the type of an attribute, and what it is if nothing has declared it."""
        while True:
            text = ask(f"Type of {attribute}", "type", self._wrong, usual="text(100)", needed=True)
            name = type_of(text).name
            if name in PLAIN or self._draft.declares(name) or self._declared(name):
                return text

    def _wrong(self, text: str) -> str:
        try:
            name = type_of(text).name
        except BadType as error:
            return f"{error}."
        if name in self._open:
            return f"{name} would contain itself."
        if name in PLAIN or self._draft.declares(name):
            return ""
        if misfit(name, "TypeName"):
            return f"There is no type {name}; there are {', '.join(PLAIN)}, and yours: LoanStatus."
        if name in self._draft.parts["aggregates"]:
            return f"{name} is an aggregate: hold its id, an identifier."
        return self._draft.free(name)

    def _declared(self, name: str) -> bool:
        """Ask what a new type is; tell whether it is one."""
        question = f"{name} is new: {', '.join(KINDS)}? (empty: it was a mistake)"
        kind = ask(question, "letters", lambda answer: none_but(KINDS)([answer]))
        if not kind:
            return False
        description = described(f"What is {article(name)}?")
        if kind == "enumeration":
            values = several(f"Values of {name} (such as: open closed)", _values_wrong)
            told: Entries = {"description": description, "values": values}
            self._draft.parts[KINDS[kind]][name] = told
            return True
        told = {"description": description, "attributes": {}}
        self._draft.parts[KINDS[kind]][name] = told
        self._open.append(name)
        self.attributes(f"Attribute of the {words(name)} (snake_case)", told["attributes"])
        self._open.remove(name)
        return True


def _values_wrong(given: list[str]) -> str:
    if not given:
        return "An enumeration has one value at least."
    return next(filter(None, (misfit(each, "letters") for each in given)), "")
