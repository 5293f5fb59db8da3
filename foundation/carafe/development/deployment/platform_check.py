"""Checks whether the platform, whose broker a service uses, is there."""

from collections.abc import Iterator

from carafe.development.platform.exports import EXPORTS

from .account import client


def faults_of_platform(name: str) -> Iterator[str]:
    """Yield what a service's stack could not import from the platform's."""
    pages = client("cloudformation").get_paginator("list_exports").paginate()
    found = {each["Name"] for page in pages for each in page["Exports"]}
    missing = [each for each in EXPORTS if f"{name}-{each}" not in found]
    if missing:
        yield (
            f"the stack {name} does not export {', '.join(missing)}: deploy the platform first "
            "(`carafe platform`), or give its name as `platform` of the stage in "
            ".chalice/config.json"
        )
