"""What of the service, the foundation and the packages beside them goes into the functions' zip."""

from pathlib import PurePosixPath

SERVICE = {"app.py", "chalicelib"}

# Modules, and what the page at /docs consists of.
DEPLOYED = {".py", ".html", ".css", ".js"}

FOUNDATION = "carafe"
RUNTIME = {"__init__.py", "api", "client", "contracts", "domain", "infrastructure"}
"""What functions can need of the foundation; whatever else it has is for development."""

# For type checkers and compilers.
NEVER_READ = {".c", ".h", ".pyi", ".typed"}

INFORMATION = ".dist-info"
# What scanners of deployed code ask for, and what licences demand.
KEPT_INFORMATION = ("METADATA", "LICENSE", "LICENCE", "NOTICE", "COPYING", "AUTHORS")


def is_foreign(path: PurePosixPath) -> bool:
    """Tell whether a file of the service is none that it deploys, or is a hidden one."""
    hidden = any(part.startswith(".") for part in path.parts)
    of_service = path.parts[0] in SERVICE
    return hidden or (of_service and (path.suffix not in DEPLOYED or "tests" in path.parts))


def is_needed(path: PurePosixPath) -> bool:
    """Tell whether a file that was installed for the functions serves them there."""
    top, *below = path.parts
    if top == FOUNDATION:
        return bool(below) and below[0] in RUNTIME and path.suffix in DEPLOYED
    if top.endswith(INFORMATION):
        return path.name.startswith(KEPT_INFORMATION)
    return path.suffix not in NEVER_READ
