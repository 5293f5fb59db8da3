"""Renders the templates."""

import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import jinja2

from carafe.development.discovery import names
from carafe.development.discovery.model import Attribute, Command, Model, Query
from carafe.development.discovery.types import MOST_ITEMS, Type

from . import code, external_code, requirement_code, rule_code, timer_code
from .example_code import constant_of, function_of
from .examples import Examples
from .inbox_fields import InboxFields
from .process_details import asks_others, fields_of, refusal_of
from .rule_refusals import Refusals
from .rule_trials import Trials
from .stub_answers import StubAnswers

OPERATIONS = "operations"
"""The scope of those who see and change what is others'."""

LINE_LENGTH = 100

NAMES_IN_TESTS = {
    *("event", "json", "known", "pytest", "received", "refusal", "relayed", "service"),
    *("data", "inbound", "inbox", "later", "project", "repository", "stored", "subscription"),
    *("text", "time", "timer"),
}
"""What generated tests call something else."""

USUAL_SCOPES = {OPERATIONS: "OPERATIONS"}


class Renderer:
    """Renders templates with parts of one model.

    Args:
        model: of the service.
        scopes: every scope that a token may need, by its constant.

    Attributes:
        refusals: what the rules of the model refuse.
        trials: which calls in a row they accept.
    """

    def __init__(self, model: Model, scopes: Mapping[str, str]) -> None:
        examples = Examples(model)
        self.refusals = Refusals(model, examples)
        self.trials = Trials(examples)
        self._environment = jinja2.Environment(
            loader=jinja2.PackageLoader("carafe.development.scaffold"),
            undefined=jinja2.StrictUndefined,
            bytecode_cache=jinja2.FileSystemBytecodeCache(),  # a third of the time goes into it
            optimized=False,  # a filter's answer for a constant depends on the model
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            autoescape=False,  # noqa: S701 - Python, not HTML; the schema of models allows no quotes
        )
        self._environment.globals.update(model=model, context=model.context, most_items=MOST_ITEMS)
        filters: dict[str, Callable[..., Any]] = {
            "asks_others": asks_others,
            "are_kept": self.trials.are_kept,
            "are_possible": self.trials.are_possible,
            "answer_type": partial(external_code.answer_type, aggregates=model.aggregates),
            "answer_name": external_code.answer_name,
            "article": names.article,
            "call_path": external_code.call_path,
            "called_services": external_code.called_services,
            "body": self.trials.body,
            "broken": rule_code.broken,
            "camel": names.camel,
            "snake": names.snake,
            "words": names.words,
            "with_checks": with_checks,
            "changed": examples.changed,
            "comparison": examples.comparison,
            "constant": constant_of,
            "constants": code.constants,
            "contract_type": partial(code.contract_type, examples=examples),
            "default": code.default,
            "default_of": code.default_of,
            "default_value": code.default_value,
            "parameter_default": code.parameter_default,
            "delay": timer_code.delay,
            "domain_type": code.domain_type,
            "distinct": examples.distinct,
            "due": timer_code.due,
            "due_moment": partial(timer_code.due_moment, examples=examples),
            "example": examples.domain,
            "example_path": partial(external_code.example_path, examples=examples),
            "factory": function_of,
            "fields": fields_of,
            "given": external_code.given,
            "has_entity": examples.has_entity,
            "has_magic_number": rule_code.has_magic_number,
            "has_parts": examples.has_parts,
            "item": examples.domain_item,
            "inbox_field": InboxFields(model, examples).field,
            "number": lambda value: f"{value:_}" if value >= 1000 else str(value),  # noqa: PLR2004 - as in 1_000
            "present": examples.present,
            "refusal": refusal_of,
            "refusals": self.refusals.of_behavior,
            "accepted_steps": requirement_code.accepted_steps,
            "has_ownership": requirement_code.has_ownership,
            "refused_steps": requirement_code.refused_steps,
            "required_aggregates": partial(requirement_code.required_aggregates, model=model),
            "required": required,
            "result_type": external_code.result_type,
            "returns_entity": partial(external_code.returns_entity, examples=examples),
            "setting": self.trials.setting,
            "stub_json": StubAnswers(model, examples).json,
            "requirement": code.requirement,
            "scope": lambda scope: scopes[scope],
            "told": self.trials.told,
            "to_domain": lambda each, value: code.to_domain(each, value, model.values),
            "view_field_type": partial(code.view_field_type, examples=examples),
            "event_field_type": code.event_field_type,
            "wire": examples.wire,
            "variable": lambda name: f"the_{name}" if name in NAMES_IN_TESTS else name,
            "wrapped": wrapped,
        }
        self._environment.filters.update(filters)

    def __call__(self, template: str, **values: Any) -> str:  # noqa: ANN401 - whatever the template needs
        """Return a rendered template."""
        return self._environment.get_template(f"{template}.py.j2").render(values)


def scopes_of(model: Model) -> dict[str, str]:
    """Return the name of the constant of each scope that a token may need."""
    messages: list[Command | Query] = []
    for aggregate in model.aggregates:
        messages += [*aggregate.commands, *aggregate.queries]
    return {each.scope: _constant(each.scope) for each in messages} | USUAL_SCOPES


def _constant(scope: str) -> str:
    """Return `lending:write` as `WRITE_LENDING`."""
    resource, _, action = scope.partition(":")
    return f"{action}_{resource}".upper() if action else resource.upper()


def with_checks(attributes: Sequence[Attribute]) -> list[Attribute]:
    """Return the attributes whose values need a check."""
    return [each for each in attributes if code.requirement(each, each.name)]


def wrapped(text: str, indentation: int, prefix: str = "") -> str:
    """Return a text in lines that fit.

    Args:
        text: one paragraph.
        indentation: of every line; the template indents the first one.
        prefix: in front of every line but the first one, such as `# `.
    """
    width = LINE_LENGTH - indentation
    lines = textwrap.wrap(
        text, width, subsequent_indent=prefix, break_long_words=False, break_on_hyphens=False
    )
    return f"\n{' ' * indentation}".join(lines)


def required(attribute: Attribute) -> Attribute:
    """Return the attribute as one that is not optional."""
    kind = attribute.type
    return replace(attribute, type=Type(kind.name, kind.least, kind.most, kind.many))
