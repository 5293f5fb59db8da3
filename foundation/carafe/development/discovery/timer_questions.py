"""Questions about what happens by itself once its time has come."""

from collections.abc import Callable, Mapping, Sequence

from .draft import Draft, Entries
from .durations import BadDuration, parse_duration
from .names import words
from .prompts import ListCheck, only, only_one, prompt, prompt_description, prompt_list
from .types import Type


class TimerQuestions:
    """Asks for the timers of one aggregate: what they call, and what sets and cancels them.

    Args:
        draft: where the aggregate is.
        aggregate: its name.
        types: of its attributes.
    """

    def __init__(self, draft: Draft, aggregate: str, types: Mapping[str, Type]) -> None:
        entries = draft.parts["aggregates"][aggregate]
        self._behaviors: Entries = entries["behaviors"]
        self._commands: Entries = entries["commands"]
        self._draft, self._phrase, self._types = draft, words(aggregate), types

    def ask(self, add: Callable[[str, Entries], None]) -> None:
        """Ask for timers until an empty answer.

        Nothing is asked if there is no behaviour that a timer could call.

        Args:
            add: is called with the name of each timer and its entries, as soon as it has any.
        """
        called = self._without("creates", "takes")
        question = f"Timer of the {self._phrase} (CamelCase, such as ReturnDue; empty: none)"
        while called and (name := prompt(question, "TypeName", self._draft.class_name_fault)):
            entries = {"description": prompt_description(f"What does {name} mean?")}
            add(name, entries)
            entries["behavior"] = self._ask_called(called)
            self._ask_settings(name, entries["behavior"])
            question = f"Another timer of the {self._phrase}"

    def _ask_called(self, options: Sequence[str]) -> str:
        question = f"Which behaviour does it call? (of {' '.join(options)})"
        offered = {each["behavior"] for each in self._commands.values()}
        # What no caller can ask for is most likely there for a timer.
        default = next((each for each in options if each not in offered), options[0])
        return prompt(question, "letters", only_one(options), default=default, required=True)

    def _ask_settings(self, timer: str, called: str) -> None:
        """Ask which behaviours set and cancel a timer, and when it is due."""
        options = self._without("deletes")
        question = f"Which behaviours set it? (of {' '.join(options)})"
        setting = prompt_list(question, _setting_check(options, called), default=options[:1])
        due = self._ask_due(setting)
        for each in setting:
            self._behaviors[each].setdefault("sets", {})[timer] = due
        options = [
            each for each in self._without("creates", "deletes") if each not in {*setting, called}
        ]
        if not options:
            return
        question = f"Which behaviours cancel it? (of {' '.join(options)}; - for none)"
        default = [each for each in options if self._leads_away(each, called)]
        for each in prompt_list(question, only(options), default=default):
            self._behaviors[each].setdefault("cancels", []).append(timer)

    def _ask_due(self, setting: Sequence[str]) -> str:
        """Ask when a timer calls: so much after it was set, or at a moment that is known then."""
        moments = [
            name
            for name, type_ in self._types.items()
            if (type_.name, type_.many) == ("moment", False)
            and (not type_.optional or all(name in self._takes(each) for each in setting))
        ]

        def fault(answer: str) -> str:
            if answer in moments:
                return ""
            try:
                parse_duration(answer)
            except BadDuration as error:
                reason = str(error) if answer else "An empty answer is no duration, such as 21 days"
                reason += "" if reason.endswith("?") else "."
                return f"{reason} There is also {', '.join(moments)}." if moments else reason
            return ""

        hint = f", or a moment of {' '.join(moments)}" if moments else ""
        question = f"When is it due? (so much later, such as 21 days{hint})"
        return prompt(question, "due", fault, required=True)

    def _leads_away(self, behavior: str, called: str) -> bool:
        """Return whether a behaviour leads to a status in which another one is refused."""
        allowed = self._behaviors[called].get("when", ())
        becomes = self._behaviors[behavior].get("becomes", "")
        return bool(allowed and becomes and becomes not in allowed)

    def _without(self, *parts: str) -> list[str]:
        return [
            name
            for name, entries in self._behaviors.items()
            if not any(entries.get(each) for each in parts)
        ]

    def _takes(self, behavior: str) -> list[str]:
        return list(self._behaviors[behavior]["takes"])


def _setting_check(options: Sequence[str], called: str) -> ListCheck:
    def check(values: list[str]) -> str:
        if fault := only(options)(values):
            return fault
        is_set = any(each != called for each in values)
        return "" if is_set else f"Another behaviour than {called} sets it first: name one."

    return check
