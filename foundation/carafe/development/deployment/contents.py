"""Decides which files of the service, the foundation and the packages are deployed."""

from pathlib import PurePosixPath

SERVICE = {"app.py", "chalicelib"}

# Modules, and the files of the page at /docs.
DEPLOYED = {".py", ".html", ".css", ".js"}

FOUNDATION = "carafe"
RUNTIME = {"__init__.py", "api", "client", "contracts", "domain", "infrastructure"}
"""The parts of the foundation that functions may need; the others are for development."""

# For type checkers and compilers.
NEVER_READ = {".c", ".h", ".pyi", ".typed"}

INFORMATION = ".dist-info"
# Scanners of deployed code read the first, and licences require the others.
KEPT_INFORMATION = ("METADATA", "LICENSE", "LICENCE", "NOTICE", "COPYING", "AUTHORS")


def is_foreign(path: PurePosixPath) -> bool:
    """Return whether a file must not be deployed: hidden, a test, or not code of the service."""
    hidden = any(part.startswith(".") for part in path.parts)
    of_service = path.parts[0] in SERVICE
    return hidden or (of_service and (path.suffix not in DEPLOYED or "tests" in path.parts))


def is_needed(path: PurePosixPath) -> bool:
    """Return whether the functions need a file that was installed for them."""
    top, *below = path.parts
    if top == FOUNDATION:
        return bool(below) and below[0] in RUNTIME and path.suffix in DEPLOYED
    if top.endswith(INFORMATION):
        return path.name.startswith(KEPT_INFORMATION)
    return path.suffix not in NEVER_READ
