"""The software bill of materials: what a deployed service gets with the foundation.

CycloneDX 1.6 as JSON: https://cyclonedx.org/docs/1.6/json/. The versions are those that the
foundation is tested with; nothing in it changes when it is made again.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from itertools import chain
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import License
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL
from packaging.requirements import Requirement

from .checkout import NotReleased
from .distributions import digest

NAME, EXTRA = "carafe-foundation", "service"
PIN = re.compile(r"^([\w.-]+)==(\S+)", re.MULTILINE)


def text(built: list[Path], requirements: list[str], pins: str, commit_time: int) -> str:
    """Return the bill of materials.

    Args:
        built: sdist and wheel.
        requirements: of the foundation, as its metadata has them.
        pins: the text of constraints.txt.
        commit_time: of the released commit, in seconds since 1970.

    Raises:
        NotReleased: this environment has other packages than constraints.txt says.
    """
    versions = {_normal(name): version for name, version in PIN.findall(pins)}
    installed = _closure(requirements, versions)
    components = {name: _component(name, each.version, each) for name, each in installed.items()}
    bom = Bom(components=components.values())
    bom.serial_number = uuid5(NAMESPACE_URL, "".join(map(digest, built)))
    bom.metadata.timestamp = datetime.fromtimestamp(commit_time, UTC)
    bom.metadata.component = root = _root(built)
    bom.register_dependency(root, [components[name] for name in _needed(requirements, EXTRA)])
    for name, each in installed.items():
        children = [components[child] for child in _needed(each.requires)]
        bom.register_dependency(components[name], children)
    outputter = make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6)
    return outputter.output_as_string(indent=2) + "\n"


def _closure(requirements: list[str], versions: dict[str, str]) -> dict[str, Distribution]:
    """Return what the requirements bring along, and what that brings along."""
    found: dict[str, Distribution] = {}
    waiting = list(_needed(requirements, EXTRA))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = _installed(name, versions)
            waiting += _needed(found[name].requires)
    return found


def _root(built: list[Path]) -> Component:
    version = next(path for path in built if path.suffix == ".whl").name.split("-")[1]
    files = [
        ExternalReference(
            type=ExternalReferenceType.DISTRIBUTION,
            url=XsUri(path.name),
            hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest(path))],
        )
        for path in built
    ]
    return _component(NAME, version, files=files)


def _needed(requirements: list[str] | None, extra: str = "") -> Iterator[str]:
    """Yield the names of what some requirements ask for here."""
    for line in requirements or []:
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
            yield _normal(requirement.name)


def _installed(name: str, versions: dict[str, str]) -> Distribution:
    try:
        found = distribution(name)
    except PackageNotFoundError:
        raise NotReleased(f"{name} is not installed: run `make install`") from None
    if versions.get(name) != found.version:
        raise NotReleased(
            f"{name} {found.version} is installed, and constraints.txt says "
            f"{versions.get(name, 'nothing')}: run `make clean install`"
        )
    return found


def _component(
    name: str,
    version: str,
    installed: Distribution | None = None,
    files: list[ExternalReference] | None = None,
) -> Component:
    url = PackageURL("pypi", name=name, version=version)
    return Component(
        type=ComponentType.LIBRARY,
        name=name,
        version=version,
        bom_ref=str(url),
        purl=url,
        licenses=_licenses(installed),
        external_references=files,
    )


def _licenses(installed: Distribution | None) -> list[License]:
    """Return what a distribution says of its licence, in the newest of the three ways."""
    if installed is None:
        return []
    metadata = installed.metadata
    fields = [metadata.get_all(each) or [] for each in ("License-Expression", "License")]
    classifiers = metadata.get_all("Classifier") or []
    names = [each.split(" :: ")[-1] for each in classifiers if each.startswith("License :: ")]
    said = [*chain(*fields), *names]
    return [LicenseFactory().make_from_string(each) for each in said[:1]]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
