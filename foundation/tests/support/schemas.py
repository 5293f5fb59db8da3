"""The official schemas of the formats that the service speaks."""

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator, FormatChecker

DATA = Path(__file__).parents[1] / "data"


def faults_by(schema: str, document: object) -> list[str]:
    """Return how a document breaks one of the schemas in tests/data."""
    definition: dict[str, Any] = json.loads((DATA / schema).read_text())
    validator = Draft7Validator(definition, format_checker=FormatChecker())
    return [f"{each.json_path}: {each.message}" for each in validator.iter_errors(document)]
