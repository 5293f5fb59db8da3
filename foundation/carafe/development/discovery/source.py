"""A model file with the line of everything in it, so that a mistake can be named by its line."""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

SCHEMA = Path(__file__).parent / "model.schema.json"

Way = tuple[str | int, ...]
"""How to get to a place: keys and positions, from the outside."""


@dataclass(frozen=True)
class Fault:
    """Something wrong with a model.

    Attributes:
        line: where, from 1.
        message: what, and what to do about it.
    """

    line: int
    message: str


def schema_comment(file: Path) -> str:
    """Return the first line of a model file, by which an editor finds the schema.

    Empty where the schema lies outside of the working directory, a service's folder: a path
    that is right on one machine alone does not belong in a file that a team shares.
    """
    folder = Path.cwd().resolve()
    if not SCHEMA.is_relative_to(folder):
        return ""
    path = Path(os.path.relpath(SCHEMA, file.resolve().parent)).as_posix()
    return f"# yaml-language-server: $schema={path}\n"


class BadModel(Exception):
    """A model has mistakes.

    Args:
        file: in which file.
        faults: all of them.
    """

    def __init__(self, file: str, faults: list[Fault]) -> None:
        ordered = sorted(set(faults), key=lambda fault: (fault.line, fault.message))
        lines = [f"{file}:{fault.line}: {fault.message}" for fault in ordered]
        super().__init__("the model is not right:\n  " + "\n  ".join(lines))
        self.faults = ordered


class Source:
    """A model file, read but not yet understood.

    Args:
        text: YAML.
        file: its name, for messages.

    Raises:
        BadModel: no YAML, a key twice, or not of the schema's form.
    """

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self._lines: dict[Way, int] = {(): 1}
        self._faults: list[Fault] = []
        self.data: dict[str, Any] = self._parsed(text)
        if not self._faults:
            self._hold_against_schema()
        if self._faults:
            raise BadModel(file, self._faults)

    def line(self, way: Way) -> int:
        """Return the line of a place, or of the nearest one around it."""
        while way not in self._lines:
            way = way[:-1]
        return self._lines[way]

    def _parsed(self, text: str) -> dict[str, Any]:
        try:
            root = yaml.compose(text, Loader=yaml.SafeLoader)
            data = self._value(root, ()) if root else {}
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            hint = _quoting(error, text.splitlines())
            self._faults.append(Fault(line, f"no YAML: {error.problem}{hint}"))
            return {}
        except (yaml.YAMLError, RecursionError) as error:
            self._faults.append(Fault(1, f"no YAML: {type(error).__name__}"))
            return {}
        if not isinstance(data, dict):
            self._faults.append(Fault(1, "a model is a mapping: begin with `context: lending`"))
            return {}
        return data

    def _value(self, node: yaml.Node, way: Way) -> Any:  # noqa: ANN401 - any YAML
        self._lines.setdefault(way, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return dict(self._entries(node, way))
        if isinstance(node, yaml.SequenceNode):
            return [self._value(each, (*way, at)) for at, each in enumerate(node.value)]
        # Only numbers and truths are read as such: `no` and `1.0` are words of the business.
        if node.tag == "tag:yaml.org,2002:bool" and node.value in {"true", "false"}:
            return node.value == "true"
        return str(node.value)

    def _entries(self, node: yaml.MappingNode, way: Way) -> Iterator[tuple[str, Any]]:
        seen: set[str] = set()
        for key, value in node.value:
            name, line = str(key.value), key.start_mark.line + 1
            if name in seen:
                self._faults.append(Fault(line, f"{name} stands here twice"))
            seen.add(name)
            self._lines[(*way, name)] = line
            yield name, self._value(value, (*way, name))

    def _hold_against_schema(self) -> None:
        validator = Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
        for error in validator.iter_errors(self.data):
            self._faults.append(Fault(self._line_of(error), _said(error)))

    def _line_of(self, error: ValidationError) -> int:
        way: Way = tuple(error.absolute_path)
        if error.validator == "additionalProperties":
            way = (*way, _first_wrong(error))
        elif "propertyNames" in error.absolute_schema_path:
            way = (*way, str(error.instance))
        return self.line(way)


def _quoting(error: yaml.MarkedYAMLError, lines: list[str]) -> str:
    """Return what to do about a type with a question mark inside braces; empty for other errors."""
    mark = error.problem_mark
    if mark is None or not str(error.problem).endswith("got '?'"):
        return ""
    told = re.split(r"[\s:,{\[]", lines[mark.line][: mark.column])[-1]
    return f' (inside braces, quote it: "{told}?")'


def _first_wrong(error: ValidationError) -> str:
    known = error.schema.get("properties", {})
    return next((name for name in error.instance if name not in known), "")


def _said(error: ValidationError) -> str:
    """Say what is wrong in the model's words."""
    place = ".".join(str(each) for each in error.absolute_path) or "the model"
    hint = error.schema.get("x-hint") if isinstance(error.schema, dict) else None
    if error.validator == "additionalProperties":
        known = ", ".join(error.schema.get("properties", {}))
        return f"{place} knows no {_first_wrong(error)!r}; it knows {known}"
    if error.validator == "required":
        missing = [each for each in error.validator_value if each not in error.instance]
        return f"{place} needs {', '.join(missing)}"
    return f"{place}: {hint or error.message}"
