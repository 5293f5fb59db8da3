"""The resources of a template, as its rules look at them."""

from collections.abc import Iterator, Mapping
from typing import Any

Resources = Mapping[str, Any]


def of_type(resources: Resources, kind: str) -> Iterator[tuple[str, Any]]:
    """Yield the logical name and the properties of each resource of a type."""
    for name, resource in resources.items():
        if resource.get("Type") == kind:
            yield name, resource["Properties"]
