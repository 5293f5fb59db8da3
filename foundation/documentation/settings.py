"""The reference of the settings, made from the class that reads them."""

from collections.abc import Iterator
from typing import Any

import griffe
import msgspec

from carafe.infrastructure.settings import Settings

BEGINNING = """\
# Settings

What the environment decides of every service. A value in the environment takes precedence over one
in `.env`; an empty one counts as none. All faults are named together when a function starts. On a
developer's machine `make run` starts what is missing, and writes its addresses to `.env`; a
service's `.env.example` explains each variable, also those that only commands and local servers
read.

A service adds a setting by a field of its own class, whose name in capitals is the variable:

```python
class Settings(carafe.Settings, frozen=True, kw_only=True):
    weather_url: WebAddress
```

| variable | what it says | default |
|---|---|---|
"""

END = """
In AWS, `SECRET_ID` and `BROKER_SECRET_ID` name secrets of AWS Secrets Manager that hold some of
these. The other variables that are promised stand in
[the public surface](public-surface.md#environment).
"""


def page() -> str:
    """Return the page as Markdown."""
    return BEGINNING + "".join(_rows()) + END


def _rows() -> Iterator[str]:
    meanings = _meanings(Settings)
    for field in msgspec.structs.fields(Settings):
        default = "" if field.required else _shown(field.default)
        yield f"| `{field.name.upper()}` | {meanings[field.name]} | {default} |\n"


def _meanings(settings: type[Any]) -> dict[str, str]:
    """Return what the docstring says of each attribute."""
    sections = griffe.Docstring(settings.__doc__ or "").parse("google")
    return {
        attribute.name: " ".join(attribute.description.split())
        for section in sections
        if section.kind is griffe.DocstringSectionKind.attributes
        for attribute in section.value
    }


def _shown(default: object) -> str:
    return f"`{default}`" if default != "" else ""
