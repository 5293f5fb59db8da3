"""Questions about what no two aggregates may have."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from .aggregate_model import Attribute
from .draft import Entries
from .prompts import only, prompt_list
from .types import Type
from .unique_checks import alone_fault, has_few, member_fault

TRUTH = {"true": True, "false": False}


class UniqueQuestions:
    """Asks what is unique among the aggregates of one type.

    Args:
        types: of the attributes, by name.
        owner: the attribute that holds it; empty if there is none.
        enumerations: their values, by name.
    """

    def __init__(
        self, types: Mapping[str, Type], owner: str, enumerations: Mapping[str, Collection[str]]
    ) -> None:
        self._types = types
        attributes = [Attribute(name, type_) for name, type_ in types.items()]
        self._options = {
            each.name: each for each in attributes if not member_fault(each, enumerations)
        }
        choices = {**enumerations, "boolean": tuple(TRUTH)}
        self._conditions = {
            name: choices[type_.name]
            for name, type_ in types.items()
            if len(choices.get(type_.name, ())) > 1 and not type_.many
        }
        self._owner = owner
        self._asked: list[set[str]] = []

    def ask(self) -> Iterator[Entries]:
        """Yield combinations, in the form of a model file, until an empty answer.

        Nothing is asked if no attribute has values enough.
        """
        if all(has_few(each) for each in self._options.values()):
            return
        known = " ".join(self._options)
        question = f"What is unique? (of {known}; several words: together; empty: nothing)"
        while names := prompt_list(question, self._fault):
            self._asked.append(set(names))
            condition = self._ask_condition(names) if self._conditions else {}
            yield {"attributes": names} | ({"only_where": condition} if condition else {})
            question = "What else is unique?"

    def _fault(self, names: list[str]) -> str:
        if fault := only(self._options)(names):
            return fault
        phrase = " and ".join(names)
        if names and set(names) in self._asked:
            return f"You have said {phrase} already."
        if names == [self._owner] and not self._conditions:
            return f"{phrase} is the owner, who could have only one: name another one with it."
        attributes = [self._options[each] for each in names]
        if len(attributes) == 1 and (fault := alone_fault(attributes[0])):
            return f"{fault}."
        if attributes and all(has_few(each) for each in attributes):
            return f"{phrase} have few values together: add another."
        return ""

    def _one_each(self, names: list[str]) -> str:
        """Return what it would mean that the owner is unique; empty for other attributes."""
        if names != [self._owner]:
            return ""
        return f"{self._owner} is the owner, who could have only one: say among which it is so."

    def _ask_condition(self, names: list[str]) -> dict[str, Any]:
        """Ask for the aggregates among which names are unique; nothing means all."""
        name, values = next(iter(self._conditions.items()))
        question = (
            f"Only among some? (an attribute and values, such as: {name} {next(iter(values))}; "
            "empty: among all)"
        )
        answer = prompt_list(
            question, lambda given: self._condition_fault(given) if given else self._one_each(names)
        )
        if not answer:
            return {}
        name, *chosen = answer
        is_truth = self._types[name].name == "boolean"
        return {name: TRUTH[chosen[0]] if is_truth else chosen}

    def _condition_fault(self, answer: list[str]) -> str:
        name, *chosen = answer
        if fault := only(self._conditions)([name]):
            return fault
        values = self._conditions[name]
        if not chosen or set(chosen) == set(values):
            return f"Add some, not all, of the values of {name}: {', '.join(values)}."
        return only(values)(chosen)
