"""The versions whose forms are kept, and their files."""

import json
import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from bson.binary import UuidRepresentation
from bson.json_util import JSONMode, JSONOptions, dumps, loads

from tests.support.places import FOUNDATION, ROOT

KEPT = FOUNDATION / "tests" / "golden"
"""A folder for each version."""

CHANGELOG = ROOT / "CHANGELOG.md"

VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")


AS_STORED = JSONOptions(
    json_mode=JSONMode.CANONICAL,
    uuid_representation=UuidRepresentation.STANDARD,
    tz_aware=True,
)


@dataclass(frozen=True)
class Golden:
    """What one version has stored and sent.

    Attributes:
        version: of the foundation.
    """

    version: str

    @property
    def folder(self) -> Path:
        """Where it is kept."""
        return KEPT / self.version

    @property
    def numbers(self) -> list[int]:
        """The version, to be compared."""
        return [int(each) for each in self.version.split(".")]

    def __str__(self) -> str:
        return self.version

    def files(self) -> dict[str, str]:
        """Return the files, by name."""
        return {each.name: each.read_text() for each in sorted(self.folder.iterdir())}

    def documents(self, collection: str) -> list[dict[str, Any]]:
        """Return the documents of a collection."""
        text = (self.folder / "documents.json").read_text()
        kept = loads(text, json_options=AS_STORED)
        return [each["document"] for each in kept if each["collection"] == collection]

    def document(self, identifier: str) -> dict[str, Any]:
        """Return a document of any collection."""
        everything = self.documents("loans") + self.documents("remindings")
        return next(each for each in everything if each["_id"] == identifier)

    def read(self, name: str) -> Any:  # noqa: ANN401 - any JSON
        """Return what a file of plain JSON holds."""
        return json.loads((self.folder / f"{name}.json").read_text())

    def queued(self, part: str) -> dict[str, Any]:
        """Return the first message to SQS whose body has a part."""
        messages: list[dict[str, Any]] = self.read("queue")
        return next(each for each in messages if part in each["MessageBody"])


def versions() -> list[Golden]:
    """Return the versions whose forms are kept, oldest first."""
    names = [each.name for each in KEPT.iterdir() if VERSION.fullmatch(each.name)]
    return sorted(map(Golden, names), key=lambda golden: golden.numbers)


def is_released(version: str, changelog: str) -> bool:
    """Return whether the changelog has a version with a date."""
    return re.search(rf"^## \[{re.escape(version)}\] - [0-9]", changelog, re.MULTILINE) is not None


def text_of(value: object) -> str:
    """Return a value as a file has it: documents with the types that MongoDB has."""
    is_plain = not (isinstance(value, list) and "document" in value[0])
    encoded = json.dumps if is_plain else partial(dumps, json_options=AS_STORED)
    return encoded(value, indent=1, ensure_ascii=False) + "\n"
