"""Builds the wheel of a service's client."""

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import carafe
from carafe import Service
from carafe.development.project import Project
from carafe.development.wheel import DISTRIBUTION

from . import wheel_file
from .errors import ClientNotBuilt
from .exports import Exports, collect_exports
from .imports import SERVICE, modules_of_client
from .rewriting import rename_package
from .wheel_file import Distribution

PYTHON = ">=3.11"

# The versions that both the names of wheels and pip accept: https://packaging.python.org/en/latest/specifications/version-specifiers/
_VERSION = re.compile(r"\d+(\.\d+)*((a|b|rc)\d+)?(\.post\d+)?(\.dev\d+)?")

DESCRIPTION = """\
# {title}: contracts and typed client

```python
from {package} import {client}

with {client}("https://{host}.example.com", token_provider=tokens) as {name}:
    ...
```

`help({client})` names every method. Events are read with `carafe.client.events.EventListener`,
from any bus of its form; the one for RabbitMQ comes with `{foundation}[service]`.
"""


@dataclass(frozen=True)
class ClientWheel:
    """The wheel of a client.

    Attributes:
        path: of the wheel.
        package: the name by which the client is imported.
        exports: its public classes.
    """

    path: Path
    package: str
    exports: Exports


def build_client(project: Project, folder: Path) -> ClientWheel:
    """Build the wheel of a service's client.

    Args:
        project: the service.
        folder: for the wheel; one of the same version is replaced.

    Raises:
        ClientNotBuilt: there is no client, or a contract imports something it does not have.
    """
    modules = modules_of_client(project.root)  # before anything is imported: its errors are clearer
    exports = collect_exports(project, modules)
    service = project.service
    distribution = _distribution(service, exports)
    package = distribution.name.replace("-", "_")
    texts = {
        _path_in(package, each.path): rename_package(each.source, package)
        for each in modules
        if each.name != SERVICE
    }
    texts[f"{package}/__init__.py"] = exports.text(service.title, service.version, package)
    texts[f"{package}/py.typed"] = ""
    return ClientWheel(wheel_file.write(distribution, texts, folder), package, exports)


def _distribution(service: Service[Any], exports: Exports) -> Distribution:
    if not _VERSION.fullmatch(service.version):
        raise ClientNotBuilt(
            f"pip does not accept the version {service.version!r}: "
            "give the service one such as 1.0.0"
        )
    name = f"{service.name}-client"
    return Distribution(
        name=name,
        version=service.version,
        summary=f"Contracts and typed client of {service.title}",
        requires=(f"{DISTRIBUTION}{compatible_range(carafe.__version__)}",),
        python=PYTHON,
        description=DESCRIPTION.format(
            title=service.title,
            package=name.replace("-", "_"),
            client=exports.client,
            host=service.name,
            name=service.name.replace("-", "_"),
            foundation=DISTRIBUTION,
        ),
    )


def compatible_range(version: str) -> str:
    """Return the versions of the foundation that are compatible with one.

    Before 1.0 a minor version may break compatibility; from then on only a major one does.
    """
    major, minor = (int(each) for each in version.split(".")[:2])
    following = f"0.{minor + 1}" if major == 0 else str(major + 1)
    return f">={version},<{following}"


def _path_in(package: str, path: Path) -> str:
    return PurePosixPath(package, *path.parts[1:]).as_posix()
