"""What a service was made with: it remembers that in its pyproject.toml, for upgrades."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .files import Files, render
from .identity import DEFAULT_PORT, Identity
from .sample import with_sample_files

FILE = "pyproject.toml"
TABLE = "carafe"


class NotRemembered(Exception):
    """A service does not say what it was made with; the message says what to do."""


@dataclass(frozen=True)
class Origin:
    """What a service was made with.

    Attributes:
        identity: its names and its port, as they were then.
        sample: whether it is the sample.
    """

    identity: Identity
    sample: bool = False

    @classmethod
    def remembered(cls, values: Mapping[str, Any]) -> "Origin":
        """Return the origin that the table `[tool.carafe]` describes."""
        port = int(values.get("port", DEFAULT_PORT))
        identity = Identity(str(values["name"]), str(values["context"]), port)
        return cls(identity, bool(values.get("sample", False)))

    def files(self) -> Files:
        """Return the files that `carafe new` makes, by their paths.

        Raises:
            NoSample: the sample is wanted, and missing.
        """
        texts = render(self.identity, sample=self.sample)
        return with_sample_files(texts) if self.sample else texts


def read_table(root: Path) -> dict[str, Any]:
    """Return the table `[tool.carafe]` of a service's pyproject.toml.

    Raises:
        NotRemembered: it is missing, or lacks a value.
    """
    try:
        table = tomllib.loads((root / FILE).read_text(encoding="utf-8"))["tool"][TABLE]
        _ = table["version"], Origin.remembered(table)
    except (OSError, UnicodeDecodeError, KeyError, TypeError, ValueError) as error:
        raise NotRemembered(
            f"{FILE} does not say what the service was made with ({_reason(error)}): restore its "
            f"table [tool.{TABLE}] from git, with version, name, context and port"
        ) from error
    return dict(table)


def _reason(error: Exception) -> str:
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)
