"""A model file, with the line of each part of it, so that faults can name their lines."""

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

from carafe.development.expected_error import ExpectedError

from .suggestions import did_you_mean
from .yaml_faults import yaml_fault

SCHEMA = Path(__file__).parent / "model.schema.json"

_SCHEMA_COMMENT = re.compile(r"^# *yaml-language-server: *\$schema=(?P<path>\S+)", re.MULTILINE)

Location = tuple[str | int, ...]
"""The keys and positions that lead to a part of the file, from the root."""


@dataclass(frozen=True)
class Fault:
    """A fault of a model.

    Attributes:
        line: counted from 1.
        message: what is wrong, and what to do about it.
    """

    line: int
    message: str


def schema_comment(file: Path) -> str:
    """Return the first line of a model file, which tells editors where the schema is.

    It is empty if the schema lies outside of the working directory, a service's folder: a path
    that is valid on one machine alone does not belong in a file that a team shares.
    """
    folder = Path.cwd().resolve()
    if not SCHEMA.is_relative_to(folder):
        return ""
    path = Path(os.path.relpath(SCHEMA, file.resolve().parent)).as_posix()
    return f"# yaml-language-server: $schema={path}\n"


def schema_warning(text: str, file: Path) -> str:
    """Return what is wrong with the line that tells editors where the schema is; empty if nothing.

    Args:
        text: of the model file.
        file: where it lies.
    """
    line = _SCHEMA_COMMENT.search(text)
    if line is None or ":" in line["path"] or (file.resolve().parent / line["path"]).exists():
        return ""
    number = text.count("\n", 0, line.start()) + 1
    right = schema_comment(file).strip()
    advice = f"write `{right}`" if right else "remove the line"
    return f"{file}:{number}: editors find no schema at {line['path']}: {advice}"


class BadModel(ExpectedError):
    """A model has faults.

    Args:
        file: the name of the model file.
        faults: all of them.
    """

    def __init__(self, file: str, faults: list[Fault]) -> None:
        ordered = sorted(set(faults), key=lambda fault: (fault.line, fault.message))
        lines = [f"{file}:{fault.line}: {fault.message}" for fault in ordered]
        super().__init__("the model is not right:\n  " + "\n  ".join(lines))
        self.faults = ordered


class Source:
    """A parsed model file whose form is right; its meaning is not checked.

    Args:
        text: YAML.
        file: its name, for messages.

    Raises:
        BadModel: it is not YAML, repeats a key, or does not conform to the schema.
    """

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self._lines: dict[Location, int] = {(): 1}
        self._faults: list[Fault] = []
        self.data: dict[str, Any] = self._parse(text)
        if not self._faults:
            self._validate()
        if self._faults:
            raise BadModel(file, self._faults)

    def line(self, location: Location) -> int:
        """Return the line of a location, or of the nearest one around it."""
        while location not in self._lines:
            location = location[:-1]
        return self._lines[location]

    def _parse(self, text: str) -> dict[str, Any]:
        try:
            root = yaml.compose(text, Loader=yaml.SafeLoader)
            data = self._value(root, ()) if root else {}
        except yaml.MarkedYAMLError as error:
            self._faults.append(Fault(*yaml_fault(error, text.splitlines())))
            return {}
        except (yaml.YAMLError, RecursionError) as error:
            self._faults.append(Fault(1, f"not valid YAML: {type(error).__name__}"))
            return {}
        if not isinstance(data, dict):
            self._faults.append(Fault(1, "a model is a mapping: begin with `context: lending`"))
            return {}
        return data

    def _value(self, node: yaml.Node, location: Location) -> Any:  # noqa: ANN401 - any YAML
        self._lines.setdefault(location, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return dict(self._entries(node, location))
        if isinstance(node, yaml.SequenceNode):
            return [
                self._value(item, (*location, position)) for position, item in enumerate(node.value)
            ]
        # Everything but true and false is text: `no` and `1.0` are words of the business.
        if node.tag == "tag:yaml.org,2002:bool" and node.value in {"true", "false"}:
            return node.value == "true"
        return str(node.value)

    def _entries(self, node: yaml.MappingNode, location: Location) -> Iterator[tuple[str, Any]]:
        names: set[str] = set()
        for key, value in node.value:
            name, line = str(key.value), key.start_mark.line + 1
            if name in names:
                self._faults.append(Fault(line, f"{name} appears twice"))
            names.add(name)
            self._lines[(*location, name)] = line
            yield name, self._value(value, (*location, name))

    def _validate(self) -> None:
        validator = Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
        for error in validator.iter_errors(self.data):
            self._faults.append(Fault(self._line_of(error), _message(error)))

    def _line_of(self, error: ValidationError) -> int:
        location: Location = tuple(error.absolute_path)
        if error.validator == "additionalProperties":
            location = (*location, _first_unknown(error))
        elif "propertyNames" in error.absolute_schema_path:
            location = (*location, str(error.instance))
        return self.line(location)


def _first_unknown(error: ValidationError) -> str:
    """Return the first property that the schema does not have."""
    properties = error.schema.get("properties", {})
    return next((name for name in error.instance if name not in properties), "")


def _message(error: ValidationError) -> str:
    """Return the message of a validation error, in the terms of the model."""
    place = ".".join(str(each) for each in error.absolute_path) or "the model"
    hint = error.schema.get("x-hint") if isinstance(error.schema, dict) else None
    if error.validator == "additionalProperties":
        known, unknown = error.schema.get("properties", {}), _first_unknown(error)
        near = did_you_mean(unknown, known)
        return f"{place} has no {unknown!r}; it has {', '.join(known)}{near}"
    if error.validator == "required":
        missing = [each for each in error.validator_value if each not in error.instance]
        return f"{place} needs {', '.join(missing)}"
    return f"{place}: {hint or error.message}"
