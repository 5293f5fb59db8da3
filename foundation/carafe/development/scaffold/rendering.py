"""Renders the templates."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import jinja2

from carafe.development.discovery import names
from carafe.development.discovery.model import Attribute, Command, Model, Query, Subscription
from carafe.development.discovery.types import Type

from . import code

USUAL_SCOPES = {"operations": "OPERATIONS"}


class Renderer:
    """Renders templates with parts of one model.

    Args:
        model: of the service.
        scopes: every scope that a token may need, by its constant.
    """

    def __init__(self, model: Model, scopes: Mapping[str, str]) -> None:
        examples = code.Examples(model.enumerations, model.values)
        self._environment = jinja2.Environment(
            loader=jinja2.PackageLoader("carafe.development.scaffold"),
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            autoescape=False,  # noqa: S701 - Python, not HTML; the schema of models allows no quotes
        )
        self._environment.globals.update(model=model, context=model.context)
        filters: dict[str, Callable[..., Any]] = {
            "article": names.article,
            "camel": names.camel,
            "snake": names.snake,
            "words": names.words,
            "with_checks": with_checks,
            "constants": code.constants,
            "contract_type": code.contract_type,
            "default": code.default,
            "domain_type": code.domain_type,
            "distinct": examples.distinct,
            "example": examples.domain,
            "lower_first": lambda text: text[:1].lower() + text[1:],
            "number": lambda value: f"{value:_}" if value >= 1000 else str(value),  # noqa: PLR2004 - as in 1_000
            "required": required,
            "requirement": code.requirement,
            "scope": lambda scope: scopes[scope],
            "subscription_field_type": subscription_field_type,
            "to_domain": lambda each, value: code.to_domain(each, value, model.values),
            "view_field_type": code.view_field_type,
            "event_field_type": code.event_field_type,
            "wire": examples.wire,
            "without_stop": lambda text: text.rstrip("."),
        }
        self._environment.filters.update(filters)

    def __call__(self, template: str, **values: Any) -> str:  # noqa: ANN401 - whatever the template needs
        """Return a rendered template."""
        return self._environment.get_template(f"{template}.py.j2").render(values)


def scopes_of(model: Model) -> dict[str, str]:
    """Return the name of the constant of each scope that commands and queries require."""
    messages: list[Command | Query] = []
    for aggregate in model.aggregates:
        messages += [*aggregate.commands, *aggregate.queries]
    return {each.scope: USUAL_SCOPES.get(each.scope, _constant(each.scope)) for each in messages}


def _constant(scope: str) -> str:
    """Return `lending:write` as `WRITE_LENDING`."""
    resource, _, action = scope.partition(":")
    return f"{action}_{resource}".upper() if action else resource.upper()


def with_checks(attributes: Sequence[Attribute]) -> list[Attribute]:
    """Return the attributes whose values need a check."""
    return [each for each in attributes if code.requirement(each, each.name)]


def required(attribute: Attribute) -> Attribute:
    """Return the attribute as one that is not optional."""
    kind = attribute.type
    return replace(attribute, type=Type(kind.name, kind.least, kind.most, kind.many))


def subscription_field_type(attribute: Attribute, subscription: Subscription) -> str:
    """Return the type in a subscribed event: as strict as the behaviour's parameter requires."""
    for parameter in subscription.behavior.takes:
        if parameter.name == attribute.name:
            return code.contract_type(parameter)
    if attribute.type.name == "identifier" and not attribute.type.many:
        return f"Identifier{' | None' if attribute.type.optional else ''}"
    return code.event_field_type(attribute.type)
