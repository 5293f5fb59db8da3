"""The values of the template's parameters: from the command line, a file, or the stack as it is."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from .errors import BadParameters

FILE = ".chalice/parameters/{stage}.json"
"""In the form that `aws cloudformation deploy --parameter-overrides file://…` takes as well."""


def given_parameters(root: Path, stage: str, words: Iterable[str]) -> dict[str, str]:
    """Return the parameters of a stage's file, and those of the command line, which win.

    Args:
        root: the service's folder.
        stage: the stage's name.
        words: of the command line, each `NAME=VALUE`.

    Raises:
        BadParameters: the file cannot be read, or a word has another form.
    """
    return {**_of_file(root, FILE.format(stage=stage)), **parameters_in(words)}


def parameters_in(words: Iterable[str]) -> dict[str, str]:
    """Return the parameters of words of the command line, each `NAME=VALUE`.

    Raises:
        BadParameters: a word has another form.
    """
    values: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not name or not equals:
            raise BadParameters(f"{word!r} is no parameter: write NAME=VALUE")
        values[name] = value
    return values


def parameters_of_change(
    declared: Mapping[str, Any], given: Mapping[str, str], present: Iterable[str], stage: str
) -> list[dict[str, Any]]:
    """Return the parameters of a change set.

    What is not given keeps the value that the stack has, or gets the template's default.

    Args:
        declared: the template's.
        given: their values.
        present: the names of those that the stack has.
        stage: the stage's name, for the message.

    Raises:
        BadParameters: one is unknown, or lacks a value.
    """
    kept = set(present)
    if unknown := sorted(given.keys() - declared.keys()):
        raise BadParameters(
            f"the template has no parameter {', '.join(unknown)}; it has {', '.join(declared)}"
        )
    needed = [name for name, each in declared.items() if "Default" not in each]
    if missing := [name for name in needed if name not in kept and name not in given]:
        raise BadParameters(
            f"no value for {', '.join(missing)}: give it with `--parameter {missing[0]}=…`, or in "
            f'{FILE.format(stage=stage)}: {{"Parameters": {{"{missing[0]}": "…"}}}}'
        )
    values = [{"ParameterKey": name, "ParameterValue": value} for name, value in given.items()]
    previous = [name for name in declared if name in kept and name not in given]
    return [*values, *({"ParameterKey": each, "UsePreviousValue": True} for each in previous)]


def _of_file(root: Path, name: str) -> dict[str, str]:
    path = root / name
    if not path.exists():
        return {}
    try:
        content = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise BadParameters(f"{name} cannot be read: {error}") from None
    values = content.get("Parameters") if isinstance(content, dict) else None
    if not isinstance(values, dict) or not all(isinstance(each, str) for each in values.values()):
        raise BadParameters(f'{name} must be {{"Parameters": {{NAME: TEXT}}}}')
    return dict(values)
