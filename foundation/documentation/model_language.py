"""The reference of the model language, made from its JSON schema and the example model."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

import carafe.development.discovery
import carafe.development.pages

SCHEMA = Path(carafe.development.discovery.__file__).parent / "model.schema.json"
EXAMPLE = Path(carafe.development.pages.__file__).parent / "lending.yaml"

Schema = Mapping[str, Any]

TITLES = {
    "enumeration": "Enumerations",
    "value": "Values and entities",
    "aggregate": "Aggregates",
    "attributes": "Attributes",
    "type": "Types",
    "rule": "Rules",
    "comparison": "Comparisons",
    "uniqueCombination": "What is unique together",
    "event": "Events",
    "behavior": "Behaviours",
    "takes": "What a behaviour takes",
    "timer": "Timers",
    "due": "When a timer calls",
    "command": "Commands",
    "requirement": "What a command requires",
    "call": "Calls of an external service",
    "query": "Queries",
    "externalService": "External services",
    "operation": "Operations of an external service",
    "serviceRefusal": "Refusals of an operation",
    "subscription": "Subscriptions",
    "sentCommand": "Sent commands",
    "process": "Processes",
    "step": "Steps",
    "undo": "Undoing a step",
}
"""The parts of a model that have a section of their own, in this order."""

LONGEST_EXAMPLE = 60

BEGINNING = """\
# The model language

All that `model.yaml` can say. `carafe discover` checks it, and reports mistakes by line;
[02 - Domain Discovery](../how-to/phases/02-domain-discovery.md) says how a model is found. The
examples are those of `carafe discover --example`, a library's
[lending desk](../how-to/phases/lending.yaml).

"""


class Reference:
    """The page.

    Args:
        schema: of the model language.
        example: a model.
    """

    def __init__(self, schema: Schema, example: Mapping[str, Any]) -> None:
        self._schema = schema
        self._parts: Mapping[str, Schema] = schema["$defs"]
        self._examples: dict[tuple[str, str], Any] = {}
        self._collect(schema, "", example)

    def text(self) -> str:
        """Return the page as Markdown.

        Raises:
            ValueError: a part of the schema with keys has no section.
        """
        keyed = {name for name, part in self._parts.items() if "properties" in part}
        if missing := keyed - TITLES.keys():
            raise ValueError(f"documentation/model_language.py has no title for {sorted(missing)}")
        sections = [self._section("", "The model", self._schema)]
        sections += [
            self._section(each, TITLES[each], self._parts[each])
            for each in TITLES
            if each in self._parts
        ]
        return BEGINNING + "\n".join(sections)

    def _section(self, part: str, title: str, schema: Schema) -> str:
        lines = [f"## {title}" + (f" {{ #{part} }}" if part else ""), ""]
        lines += [each + "\n" for each in _remarks(schema)]
        if "properties" in schema:
            lines += ["| key | meaning | example |", "|---|---|---|"]
            required = schema.get("required", ())
            for key, value in schema["properties"].items():
                lines.append(self._row(part, key, value, is_required=key in required))
        lines += self._choices(schema)
        return "\n".join(lines) + "\n"

    def _row(self, part: str, key: str, value: Schema, *, is_required: bool) -> str:
        example = _one_line(self._examples.get((part, key)))
        shown = f"`{example}`" if example else ""
        meaning = ("Required. " if is_required else "") + self._meaning(value)
        cells = (f"`{key}`", meaning, shown)
        return "| " + " | ".join(_cell(each) for each in cells) + " |"

    def _meaning(self, value: Schema) -> str:
        """Return what a key's value is: its description, or what it consists of."""
        whole = self._resolved(value)
        words = [str(whole["description"])] if "description" in whole else []
        if linked := self._linked(value):
            words.append(linked)
        elif not words:
            words.append(str(whole.get("x-hint", "")) or _plain(whole))
        if "enum" in whole and "x-hint" not in whole:
            words.append(" or ".join(f"`{each}`" for each in whole["enum"]) + ".")
        return " ".join(words)

    def _linked(self, value: Schema) -> str:
        """Return links to the sections of what a value consists of."""
        name = _reference(value)
        choices = map(_reference, self._resolved(value).get("oneOf", ()))
        name = next((each for each in (name, *choices) if each in TITLES), "")
        if name:
            return f"See [{TITLES[name].lower()}](#{name})."
        inner = self._resolved(value).get("additionalProperties")
        inner_name = _reference(inner) if isinstance(inner, Mapping) else ""
        if inner_name in TITLES:
            names = self._resolved(value).get("propertyNames", {})
            kind = self._resolved(names).get("x-hint", "names")
            return f"[{TITLES[inner_name]}](#{inner_name}) by their names: each is {kind}."
        return ""

    def _choices(self, schema: Schema) -> Iterator[str]:
        """Yield the keys of what a part, or a member of it, may be instead of a name."""
        members = schema.get("additionalProperties", schema.get("items", schema))
        if not isinstance(members, Mapping):
            return
        for choice in members.get("oneOf", ()):
            if "properties" in choice:
                yield "\n| key | meaning |\n|---|---|"
                for key, value in choice["properties"].items():
                    yield f"| `{key}` | {_cell(self._meaning(value))} |"

    def _resolved(self, value: Schema) -> Schema:
        """Return a schema with what it refers to, which it may describe in its own words."""
        name = _reference(value)
        return {**self._parts[name], **value} if name else value

    def _collect(self, schema: Schema, part: str, found: Any) -> None:  # noqa: ANN401 - YAML
        """Keep the first example of each key of each part."""
        name = _reference(schema)
        whole = self._resolved(schema)
        part = name or part
        if isinstance(found, Mapping):
            for key, value in found.items():
                if key in whole.get("properties", {}):
                    self._examples.setdefault((part, key), value)
                    self._collect(whole["properties"][key], part, value)
                elif isinstance(inner := whole.get("additionalProperties"), Mapping):
                    self._collect(inner, "", value)


def page() -> str:
    """Return the page as Markdown."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return Reference(schema, yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))).text()


def _reference(schema: Schema) -> str:
    return str(schema.get("$ref", "")).removeprefix("#/$defs/")


def _remarks(schema: Schema) -> Iterator[str]:
    """Yield what a part without keys says of itself."""
    if "properties" in schema:
        return
    if "description" in schema:
        yield str(schema["description"])
    members = schema.get("additionalProperties", {})
    hint = schema.get("x-hint") or (isinstance(members, Mapping) and members.get("x-hint"))
    if hint and not schema.get("examples"):
        yield f"Written as {hint}."
    if examples := schema.get("examples"):
        yield "For example " + ", ".join(f"`{each}`" for each in examples) + "."


def _plain(schema: Schema) -> str:
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`, or left out."
    if schema.get("type") == "array":
        return "A list of names."
    return ""


def _one_line(value: Any) -> str:  # noqa: ANN401 - YAML
    """Return a value as YAML on one line; nothing if there is none, or a long one."""
    if value is None:
        return ""
    text = yaml.safe_dump(value, default_flow_style=True, width=10_000, sort_keys=False)
    text = re.sub(r"\n\.\.\.\n?|\n", "", text)
    return text if len(text) <= LONGEST_EXAMPLE else ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
