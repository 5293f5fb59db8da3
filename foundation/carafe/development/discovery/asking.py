"""A model, asked for step by step."""

from collections.abc import Callable

import click

from . import words
from .answers import Check, ask, described, none_but, several
from .asking_neighbors import ask_services, ask_subscriptions
from .asking_types import Types
from .checks import NO_FILTERS
from .draft import Draft, Entries, free_among
from .names import camel, plural, snake
from .names import words as spoken_of
from .types import Type, type_of


def ask_into(draft: Draft) -> None:
    """Ask for aggregates, external services and events of others.

    An answer is noted as soon as it is given, so that nothing is lost when somebody stops. What
    is asked for is the common case: unique attributes, routes, scopes and what behaviours clear
    are written into the file by hand.

    Raises:
        click.Abort: the answers ended in the middle.
    """
    click.echo("An empty answer ends a list; several words in one answer have spaces between them.")
    types = Types(draft)
    while name := ask("Aggregate (CamelCase, such as Loan)", "TypeName", _free_aggregate(draft)):
        _Aggregate(name, draft, types).ask()
    ask_services(draft, types)
    ask_subscriptions(draft, types)


class _Aggregate:
    """Asks for one aggregate."""

    def __init__(self, name: str, draft: Draft, types: Types) -> None:
        self.name, self.spoken = name, spoken_of(name)
        self.draft, self.types = draft, types
        many = camel(plural(snake(name)))
        self.page: Entries = {"returns": "page"}
        self.attributes: dict[str, str] = {}
        self.events: Entries = {}
        self.behaviors: Entries = {}
        self.commands: Entries = {}
        self.entries: Entries = {
            "description": described(f"What is one {self.spoken}?"),
            "attributes": self.attributes,
            "events": self.events,
            "behaviors": self.behaviors,
            "commands": self.commands,
            "queries": {f"Get{name}": {"returns": "one"}, f"List{many}": self.page},
        }
        draft.parts["aggregates"][name] = self.entries

    def ask(self) -> None:
        reserved = words.ATTRIBUTES | {snake(self.name)}
        question = f"Attribute of the {self.spoken} (snake_case)"
        self.types.attributes(question, self.attributes, reserved=reserved)
        check = free_among(self.behaviors, words.BEHAVIORS | self.attributes.keys())
        question = f"How does one {self.spoken} begin? (a verb, such as open_up)"
        while verb := ask(question, "letters", check, needed=not self.behaviors):
            self._ask_behavior(verb, creates=not self.behaviors)
            question = f"What else can be done with the {self.spoken}? (a verb)"
        self._ask_page()

    def _ask_behavior(self, verb: str, *, creates: bool) -> None:
        behavior: Entries = {"description": described(f"What does {verb} mean?")}
        reached = {each["becomes"] for each in self.behaviors.values() if "becomes" in each}
        self.behaviors[verb] = behavior
        if creates:
            behavior["creates"] = True
        behavior["takes"] = self._taken(creates=creates)
        if not creates and click.confirm(f"Is the {self.spoken} gone afterwards?"):
            behavior["deletes"] = True
        if self._statuses():
            self._ask_statuses(behavior, reached)
        behavior["records"] = self._recorded(behavior["takes"])
        question = f"Command for {verb} (- for none)"
        usual = f"{camel(verb)}{self.name}"
        if command := ask(question, "TypeName", self.draft.free, usual=usual):
            self.commands[command] = {"behavior": verb}

    def _taken(self, *, creates: bool) -> list[str]:
        """Ask what must be told; what begins something leaves nothing open."""
        known = [each for each in self.attributes if each != "status" or not self._statuses()]
        must = [each for each in known if creates and not _may_wait(self.attributes[each])]

        def check(given: list[str]) -> str:
            left = [each for each in must if each not in given]
            open_ones = f"This leaves {', '.join(left)} open: tell it." if left else ""
            return none_but(known)(given) or open_ones

        return several("What must be told? (attributes)", check, usual=must)

    def _ask_statuses(self, behavior: Entries, reached: set[str]) -> None:
        """Ask where something is allowed, and where it leads."""
        values = self._statuses()
        if "creates" not in behavior:
            known = [each for each in values if each in reached]
            question = f"In which statuses? (of {' '.join(known)}; empty for all)"
            if when := several(question, none_but(known)):
                behavior["when"] = when
        if "deletes" in behavior:
            return
        usual, hint = (values[0], "") if "creates" in behavior else ("", "; empty: as before")
        becomes = ask(
            f"Status afterwards (of {' '.join(values)}{hint})",
            "letters",
            lambda answer: none_but(values)([answer]),
            usual=usual,
            needed=bool(usual),
        )
        if becomes:
            behavior["becomes"] = becomes

    def _recorded(self, taken: list[str]) -> str:
        """Ask what has happened: something new, or what another behaviour records as well."""

        def check(event: str) -> str:
            if any(each.isdigit() for each in event):
                return "The name of an event goes over the wire: it has letters only."
            return "" if event in self.events else self.draft.free(event)

        question = "What has happened then? (past tense, such as LoanOpened)"
        event = ask(question, "TypeName", check, needed=True)
        if event not in self.events:
            told = described(f"What does {event} tell?")
            self.events[event] = {"description": told, "tells": taken.copy()}
        return event

    def _ask_page(self) -> None:
        types = {name: type_of(text) for name, text in self.attributes.items()}
        filters = [name for name, each in types.items() if self._is_filter(each)]
        order = [name for name, each in types.items() if each.is_scalar]
        for part, question, known, check in (
            ("filters", "Filters of the list", filters, none_but(filters)),
            ("order", "Order of the list (- before a name for downwards)", order, _order_of(order)),
        ):
            if known and (given := several(question, check)):
                self.page[part] = given

    def _is_filter(self, kind: Type) -> bool:
        parts = self.draft.parts
        several_in_one = {*NO_FILTERS, *parts["values"], *parts["entities"]}
        return not kind.many and kind.name not in several_in_one

    def _statuses(self) -> list[str]:
        kind = type_of(self.attributes.get("status", "text"))
        enumeration = self.draft.parts["enumerations"].get(kind.name, {})
        return [] if kind.many or kind.optional else list(enumeration.get("values", ()))


def _free_aggregate(draft: Draft) -> Check:
    def check(name: str) -> str:
        if any(each.isdigit() for each in name):
            return "The name of an aggregate goes over the wire: it has letters only."
        return draft.free(name)

    return check


def _order_of(known: list[str]) -> Callable[[list[str]], str]:
    def check(given: list[str]) -> str:
        mixed = len({each.startswith("-") for each in given}) > 1
        message = "All of it goes in one direction: - before each name, or before none."
        return none_but(known, sign="-")(given) or (message if mixed else "")

    return check


def _may_wait(text: str) -> bool:
    kind = type_of(text)
    return kind.optional or kind.many
