"""Writes a wheel, which is a zip file with a record of its contents; no build backend is needed.

https://packaging.python.org/en/latest/specifications/binary-distribution-format/
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from carafe.development import atomic_file
from carafe.development.zip_file import wheel_bytes

from .errors import ClientNotBuilt

TAG = "py3-none-any"


@dataclass(frozen=True)
class Distribution:
    """The metadata of a wheel.

    Attributes:
        name: as in requirements, such as `lending-client`.
        version: of the distribution.
        summary: one line.
        requires: the requirements, with their versions.
        python: the versions of Python.
        description: for an index, in Markdown.
    """

    name: str
    version: str
    summary: str
    requires: tuple[str, ...]
    python: str
    description: str

    @property
    def file_name(self) -> str:
        """The file name of the wheel."""
        return f"{self._stem}-{TAG}.whl"

    @property
    def metadata_folder(self) -> str:
        """The folder of the metadata in the wheel."""
        return f"{self._stem}.dist-info"

    @property
    def _stem(self) -> str:
        return f"{self.name.replace('-', '_')}-{self.version}"

    def metadata(self) -> str:
        """Return the text of the file METADATA."""
        fields = [
            "Metadata-Version: 2.1",
            f"Name: {self.name}",
            f"Version: {self.version}",
            f"Summary: {self.summary}",
            "Classifier: Programming Language :: Python :: 3",
            "Classifier: Typing :: Typed",
            f"Requires-Python: {self.python}",
            *(f"Requires-Dist: {each}" for each in self.requires),
            "Description-Content-Type: text/markdown",
        ]
        return "\n".join([*fields, "", self.description])


WHEEL = f"Wheel-Version: 1.0\nGenerator: carafe\nRoot-Is-Purelib: true\nTag: {TAG}\n"


def write(distribution: Distribution, modules: Mapping[str, str], folder: Path) -> Path:
    """Write a wheel as a whole or not at all, and return its path.

    Args:
        distribution: the metadata.
        modules: texts by path in the wheel.
        folder: for the wheel; created if it is missing.

    Raises:
        ClientNotBuilt: the wheel cannot be written.
    """
    metadata_folder = distribution.metadata_folder
    files = {
        **dict(sorted(modules.items())),
        f"{metadata_folder}/METADATA": distribution.metadata(),
        f"{metadata_folder}/WHEEL": WHEEL,
    }
    target = folder / distribution.file_name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        content = wheel_bytes(
            {path: text.encode() for path, text in files.items()}, metadata_folder
        )
        atomic_file.replace(target, content, atomic_file.EVERYBODY_READS)
    except OSError as error:
        raise ClientNotBuilt(f"{target} cannot be written: {error.strerror}") from error
    return target
