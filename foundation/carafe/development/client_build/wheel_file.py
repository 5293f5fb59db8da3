"""Writes a wheel, which is a zip with a list of itself; no build backend is asked.

https://packaging.python.org/en/latest/specifications/binary-distribution-format/
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from carafe.development import atomic_file
from carafe.development.zip_file import wheel_of

from .errors import ClientNotBuilt

TAG = "py3-none-any"


@dataclass(frozen=True)
class Distribution:
    """What a wheel says of itself.

    Attributes:
        name: as it is required, such as `lending-client`.
        version: of it.
        summary: one line.
        requires: other distributions, with their ranges.
        python: the range of Python's versions.
        description: what an index shows, in Markdown.
    """

    name: str
    version: str
    summary: str
    requires: tuple[str, ...]
    python: str
    description: str

    @property
    def file_name(self) -> str:
        """The name of the wheel."""
        return f"{self._stem}-{TAG}.whl"

    @property
    def information(self) -> str:
        """The folder in it for what it says of itself."""
        return f"{self._stem}.dist-info"

    @property
    def _stem(self) -> str:
        return f"{self.name.replace('-', '_')}-{self.version}"

    def metadata(self) -> str:
        """Return the file METADATA."""
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
    """Write a wheel, whole or not at all, and return where it is.

    Args:
        distribution: what it says of itself.
        modules: texts by path in the wheel.
        folder: where it goes; made if it is not there.

    Raises:
        ClientNotBuilt: it cannot be written there.
    """
    about = distribution.information
    files = {
        **dict(sorted(modules.items())),
        f"{about}/METADATA": distribution.metadata(),
        f"{about}/WHEEL": WHEEL,
    }
    target = folder / distribution.file_name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        content = wheel_of({path: text.encode() for path, text in files.items()}, about)
        atomic_file.replace(target, content, atomic_file.EVERYBODY_READS)
    except OSError as error:
        raise ClientNotBuilt(f"{target} cannot be written: {error.strerror}") from error
    return target
