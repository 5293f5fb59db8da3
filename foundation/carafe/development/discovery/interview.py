"""The dialogue that writes a model step by step."""

import click

from . import reserved_names
from .draft import Draft, Entries, type_text, unused_name
from .integration_questions import ask_services, ask_subscriptions
from .names import article, camel, plural, snake, words
from .prompts import Check, ListCheck, only, only_one, prompt, prompt_description, prompt_list
from .query_checks import NO_FILTERS
from .timer_questions import TimerQuestions
from .type_questions import TypeQuestions
from .types import Type, parse_type
from .unique_questions import UniqueQuestions

SHARED = "shared"

ORDER = (
    *("description", "owner", SHARED, "attributes", "unique", "events", "timers"),
    *("behaviors", "commands", "queries"),
)
"""In which the parts of an aggregate are read."""


def interview(draft: Draft) -> None:
    """Ask for aggregates, external services and events of other services.

    Each answer is added to the draft at once, so that nothing is lost if somebody stops. Only
    the common cases are asked for: attributes from the caller, routes, scopes, rules, the
    attributes that a behaviour clears, timers that recur and processes are written into the file
    by hand.

    Raises:
        click.Abort: the answers ended in the middle.
    """
    click.echo("An empty answer ends a list; separate several words in one answer by spaces.")
    types = TypeQuestions(draft)
    question = "Aggregate (CamelCase, such as Loan)"
    while name := prompt(
        question, "TypeName", lambda answer: draft.wire_name_fault(answer, "aggregate")
    ):
        _AggregateInterview(name, draft, types).run()
    ask_services(draft, types)
    ask_subscriptions(draft, types)


class _AggregateInterview:
    """Asks for one aggregate."""

    def __init__(self, name: str, draft: Draft, types: TypeQuestions) -> None:
        self.name, self.phrase = name, words(name)
        self.draft, self.types = draft, types
        many = camel(plural(snake(name)))
        self.page: Entries = {"returns": "page"}
        self.attributes: Entries = {}
        self.owner = ""
        self.events: Entries = {}
        self.timers: Entries = {}
        self.behaviors: Entries = {}
        self.commands: Entries = {}
        draft.parts["aggregates"][name] = {
            "description": prompt_description(f"What is one {self.phrase}?"),
            "attributes": self.attributes,
            "events": self.events,
            "behaviors": self.behaviors,
            "commands": self.commands,
            "queries": {f"Get{name}": {"returns": "one"}, f"List{many}": self.page},
        }

    def run(self) -> None:
        reserved = reserved_names.ATTRIBUTES | reserved_names.PARAMETERS
        reserved |= {snake(self.name), f"{snake(self.name)}_id"}
        question = f"Attribute of the {self.phrase} (snake_case)"
        self.types.ask_attributes(question, self.attributes, reserved=reserved)
        self._ask_owner(unused_name(self.attributes, reserved))
        self._ask_unique()
        self._ask_behaviors()
        TimerQuestions(self.draft, self.name, self._types()).ask(self._add_timer)
        self._ask_page()

    def _ask_behaviors(self) -> None:
        """Ask for behaviours until an empty answer, at least until every status is led to."""
        check = unused_name(self.behaviors, reserved_names.BEHAVIORS | self.attributes.keys())
        question = f"How does one {self.phrase} begin? (a verb, such as open_up)"
        while True:
            if verb := prompt(question, "letters", check, required=not self.behaviors):
                self._ask_behavior(verb, creates=not self.behaviors)
            elif open_ones := [each for each in self._statuses() if each not in self._reachable()]:
                click.echo(
                    f"Nothing leads to {', '.join(open_ones)}: name the behaviour that does."
                )
            else:
                break
            question = f"What else can be done with the {self.phrase}? (a verb)"

    def _ask_owner(self, check_new: Check) -> None:
        """Ask whose it is: the caller's who created it, or nobody's."""
        owners = [name for name, type_ in self._types().items() if type_ == Type("identifier")]
        options = [*owners, SHARED]

        def check(answer: str) -> str:
            is_known = answer in options or answer in self.attributes
            return (only_one(options) if is_known else check_new)(answer)

        question = (
            f"Whose is {article(self.name)}? ({' '.join([*owners, 'or a new name'])}: callers see "
            f"and change their own only; {SHARED}: all)"
        )
        answer = prompt(question, "snake", check, required=True)
        while answer not in options and not click.confirm(f"Add {answer}, an identifier?"):
            answer = prompt(question, "snake", check, required=True)
        if answer != SHARED:
            self.owner = answer
            self.attributes.setdefault(answer, "identifier")
        self._add({"owner": self.owner} if self.owner else {SHARED: True})

    def _ask_unique(self) -> None:
        enumerations = self.draft.parts["enumerations"]
        values = {name: each["values"] for name, each in enumerations.items()}
        combinations: list[Entries] = []
        for each in UniqueQuestions(self._types(), self.owner, values).ask():
            first, *others = each["attributes"]
            if others or "only_where" in each:
                combinations.append(each)
                self._add({"unique": combinations})
            else:
                self.attributes[first] = {"type": self.attributes[first], "unique": True}

    def _add_timer(self, name: str, entries: Entries) -> None:
        self.timers[name] = entries
        self._add({"timers": self.timers})

    def _add(self, parts: Entries) -> None:
        """Add parts of the aggregate to the draft, each where it is read."""
        aggregates = self.draft.parts["aggregates"]
        entries = aggregates[self.name] | parts
        aggregates[self.name] = {each: entries[each] for each in ORDER if each in entries}

    def _ask_behavior(self, verb: str, *, creates: bool) -> None:
        behavior: Entries = {"description": prompt_description(f"What does {verb} mean?")}
        reachable = self._reachable()
        self.behaviors[verb] = behavior
        if creates:
            behavior["creates"] = True
        behavior["takes"] = self._ask_parameters(verb, creates=creates)
        if not creates and click.confirm(f"Is the {self.phrase} gone afterwards?"):
            behavior["deletes"] = True
        if self._statuses():
            self._ask_statuses(behavior, reachable)
        behavior["records"] = self._ask_event(behavior["takes"])
        question = f"Command for {verb} (- for none)"
        default = f"{camel(verb)}{self.name}"
        if command := prompt(question, "TypeName", self.draft.class_name_fault, default=default):
            self.commands[command] = {"behavior": verb}

    def _ask_parameters(self, verb: str, *, creates: bool) -> list[str]:
        """Ask which attributes a behaviour takes; a creation takes all that are required."""
        has_status = bool(self._statuses())
        fixed = ({"status"} if has_status else set()) | (set() if creates else {self.owner})
        options = [each for each in self.attributes if each not in fixed]
        required = [each for each in options if creates and not self._may_be_missing(each)]

        def check(values: list[str]) -> str:
            missing = [each for each in required if each not in values]
            return only(options)(values) or (
                f"This leaves {', '.join(missing)} open: add it." if missing else ""
            )

        known = f" (of {' '.join(options)})" if options else ""
        question = f"Which attributes does {verb} take?{known}"
        return prompt_list(question, check, default=required)

    def _ask_statuses(self, behavior: Entries, reachable: set[str]) -> None:
        """Ask in which statuses a behaviour is allowed, and to which it leads."""
        values = self._statuses()
        if "creates" not in behavior:
            options = [each for each in values if each in reachable]
            question = f"In which statuses? (of {' '.join(options)}; empty for all)"
            if when := prompt_list(question, only(options)):
                behavior["when"] = when
        if "deletes" in behavior:
            return
        default, hint = (values[0], "") if "creates" in behavior else ("", "; empty: as before")
        becomes = prompt(
            f"Status afterwards (of {' '.join(values)}{hint})",
            "letters",
            only_one(values),
            default=default,
            required=bool(default),
        )
        if becomes:
            behavior["becomes"] = becomes

    def _ask_event(self, parameters: list[str]) -> str:
        """Ask which event a behaviour records: a new one, or another behaviour's."""

        def check(event: str) -> str:
            return "" if event in self.events else self.draft.wire_name_fault(event, "event")

        question = "What has happened then? (an event in the past tense, such as LoanOpened)"
        event = prompt(question, "TypeName", check, required=True)
        if event not in self.events:
            description = prompt_description(f"What does {event} mean?")
            self.events[event] = {"description": description, "tells": parameters.copy()}
        return event

    def _ask_page(self) -> None:
        types = self._types().items()
        filters = [name for name, type_ in types if self._is_filter(type_)]
        order = [name for name, type_ in types if type_.is_scalar]
        sorting_question = "Order of the list (- before a name for descending)"
        for part, question, options, check in (
            ("filters", "Filters of the list", filters, only(filters)),
            ("order", sorting_question, order, _sorting_check(order)),
        ):
            if options and (values := prompt_list(question, check)):
                self.page[part] = values

    def _is_filter(self, type_: Type) -> bool:
        parts = self.draft.parts
        composite = {*NO_FILTERS, *parts["values"], *parts["entities"]}
        return not type_.many and type_.name not in composite

    def _types(self) -> dict[str, Type]:
        return {name: parse_type(type_text(each)) for name, each in self.attributes.items()}

    def _reachable(self) -> set[str]:
        """Return the statuses that a behaviour leads to."""
        return {each["becomes"] for each in self.behaviors.values() if "becomes" in each}

    def _statuses(self) -> list[str]:
        type_ = self._types().get("status", Type("text"))
        enumeration = self.draft.parts["enumerations"].get(type_.name, {})
        return [] if type_.many or type_.optional else list(enumeration.get("values", ()))

    def _may_be_missing(self, attribute: str) -> bool:
        type_ = self._types()[attribute]
        return type_.optional or type_.many


def _sorting_check(options: list[str]) -> ListCheck:
    def check(values: list[str]) -> str:
        is_mixed = len({each.startswith("-") for each in values}) > 1
        message = "An order has one direction: put - before each name, or before none."
        return only(options, sign="-")(values) or (message if is_mixed else "")

    return check
