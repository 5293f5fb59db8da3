"""A model, asked for step by step."""

import re

import click
import yaml

from .names import camel, plural, sentence, snake, words
from .sketch import own_context
from .types import BadType, type_of

CLASS = re.compile(r"[A-Z][A-Za-z0-9]{0,39}")
NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")

Entries = dict[str, object]


def asked() -> str:
    """Ask for aggregates, what they hold and what can be done with them; return a model file.

    An empty answer ends a list. What is asked for is the common case: everything else is
    written into the file by hand.

    Raises:
        NoService: this is no service's tree.
    """
    context = own_context()
    click.echo("An empty answer ends a list.")
    aggregates: dict[str, Entries] = {}
    while name := _ask("Aggregate (CamelCase, such as Loan)", CLASS):
        aggregates[name] = _aggregate(name)
    model: Entries = {"context": context, "aggregates": aggregates}
    return str(yaml.safe_dump(model, sort_keys=False, allow_unicode=True))


def _aggregate(name: str) -> Entries:
    spoken = words(name)
    attributes: dict[str, str] = {}
    description = _described(f"What is one {spoken}?")
    while attribute := _ask(f"Attribute of the {spoken} (snake_case)", NAME):
        attributes[attribute] = _type(attribute)
    events: dict[str, Entries] = {}
    behaviors: dict[str, Entries] = {}
    commands: dict[str, Entries] = {}
    first = True
    question = f"How does one {spoken} begin? (a verb, such as open_up)"
    while verb := _ask(question, NAME):
        behaviors[verb], event = _behavior(verb, name, attributes, creates=first)
        events[event] = {
            "description": _described(f"What does {event} tell?"),
            "tells": list(behaviors[verb]["takes"]) if behaviors[verb]["takes"] else [],  # type: ignore[call-overload]
        }
        commands[f"{camel(verb)}{name}"] = {"behavior": verb}
        first = False
        question = f"What else can be done with the {spoken}? (a verb)"
    many = camel(plural(snake(name)))
    return {
        "description": description,
        "attributes": attributes,
        "events": events,
        "behaviors": behaviors,
        "commands": commands,
        "queries": {f"Get{name}": {"returns": "one"}, f"List{many}": {"returns": "page"}},
    }


def _behavior(
    verb: str, name: str, attributes: dict[str, str], *, creates: bool
) -> tuple[Entries, str]:
    told = [each for each, kind in attributes.items() if not kind.endswith("?")] if creates else []
    usual = " ".join(told)
    while True:
        answer = str(
            click.prompt("What must be told? (attributes)", usual, show_default=bool(usual))
        )
        taken = answer.split()
        unknown = [each for each in taken if each not in attributes]
        if not unknown:
            break
        click.echo(
            f"There is no attribute {', '.join(unknown)}; there are {', '.join(attributes)}."
        )
    event = (
        _ask("What has happened then? (past tense, such as LoanOpened)", CLASS) or f"{name}Changed"
    )
    behavior: Entries = {
        "description": _described(f"What does {verb} mean?"),
        "takes": taken,
        "records": event,
    }
    return ({"creates": True, **behavior} if creates else behavior), event


def _type(attribute: str) -> str:
    while True:
        kind = str(click.prompt(f"Type of {attribute}", "text(100)"))
        try:
            type_of(kind)
        except BadType as error:
            click.echo(str(error))
        else:
            return kind


def _described(question: str) -> str:
    return sentence(str(click.prompt(question)))


def _ask(question: str, form: re.Pattern[str]) -> str:
    while True:
        answer = str(click.prompt(question, "", show_default=False)).strip()
        if not answer or form.fullmatch(answer):
            return answer
        click.echo(f"{answer!r} does not have that form.")
