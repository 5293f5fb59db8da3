"""Questions about attributes and their types; a new type is declared when it is first named."""

from collections.abc import Collection

from .draft import Draft, Entries, unused_name
from .names import article, words
from .prompts import form_fault, only_one, prompt, prompt_description, prompt_list
from .reserved_names import ATTRIBUTES
from .types import PLAIN, BadType, parse_type

PARTS_BY_CATEGORY = {"enumeration": "enumerations", "value": "values", "entity": "entities"}


class TypeQuestions:
    """Asks for attributes and types.

    Args:
        draft: where new types are declared.
    """

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._unfinished: list[str] = []

    def ask_attributes(
        self,
        question: str,
        attributes: Entries,
        *,
        reserved: Collection[str] = ATTRIBUTES,
        required: bool = True,
    ) -> None:
        """Ask for attributes until an empty answer.

        Args:
            question: for the name of one.
            attributes: where each is added.
            reserved: names that cannot be used.
            required: at least one is needed.
        """
        check = unused_name(attributes, reserved)
        while name := prompt(question, "snake", check, required=required and not attributes):
            attributes[name] = self.ask_type(name)

    def ask_type(self, attribute: str) -> str:
        """Ask for the type of an attribute, and declare it if it is new."""
        question = f"Type of {attribute}"
        while True:
            text = prompt(question, "type", self._fault, default="text(100)", required=True)
            name = parse_type(text).name
            if self._exists(name) or self._declare(name):
                return text

    def _fault(self, text: str) -> str:
        try:
            name = parse_type(text).name
        except BadType as error:
            return f"{error}."
        if name in self._unfinished:
            return f"{name} would contain itself."
        if self._exists(name):
            return ""
        if form_fault(name, "TypeName"):
            return f"There is no type {name}; there are {', '.join(PLAIN)}, and yours: LoanStatus."
        if name in self._draft.parts["aggregates"]:
            return f"{name} is an aggregate: hold its id, an identifier."
        return self._draft.class_name_fault(name)

    def _exists(self, name: str) -> bool:
        return name in PLAIN or self._draft.declares(name)

    def _declare(self, name: str) -> bool:
        """Ask what a new type is, and return whether it was declared."""
        question = f"{name} is new: {', '.join(PARTS_BY_CATEGORY)}? (empty: it was a mistake)"
        category = prompt(question, "letters", only_one(PARTS_BY_CATEGORY))
        if not category:
            return False
        entries: Entries = {"description": prompt_description(f"What is {article(name)}?")}
        if category == "enumeration":
            question = f"Values of {name} (such as: open closed)"
            entries["values"] = prompt_list(question, _values_fault)
            self._draft.parts[PARTS_BY_CATEGORY[category]][name] = entries
            return True
        entries["attributes"] = {}
        self._draft.parts[PARTS_BY_CATEGORY[category]][name] = entries
        self._unfinished.append(name)
        self.ask_attributes(f"Attribute of the {words(name)} (snake_case)", entries["attributes"])
        self._unfinished.remove(name)
        return True


def _values_fault(values: list[str]) -> str:
    if not values:
        return "An enumeration has at least one value."
    return next(filter(None, (form_fault(each, "letters") for each in values)), "")
