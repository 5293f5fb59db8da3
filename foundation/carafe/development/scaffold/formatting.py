"""Formats code by the project's own rules."""

import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

# Unused imports go before the others are sorted: together they might need several lines, and keep
# them for the commas at their ends.
_DROP_UNUSED = ("check", "--fix-only", "--quiet", "--fixable", "F401")
_TIDY = ("check", "--fix-only", "--quiet", "--fixable", "I001,RUF100")
_FORMAT = ("format", "--quiet")

# What follows from the model: two long names in one line, or many attributes in one function.
EXEMPT = ("E501", "C901", "PLR0912", "PLR0915")
_ADD_EXEMPTIONS = ("check", "--select", ",".join(EXEMPT), "--add-noqa", "--quiet")

# New files are laid out as compactly as possible; existing ones keep their trailing commas.
_COMPACT = (
    *("--config", "format.skip-magic-trailing-comma=true"),
    *("--config", "lint.isort.split-on-trailing-comma=false"),
)


class NotPython(Exception):
    """Generated code has a syntax error; the message names the file."""


def formatted(files: Mapping[Path, str], root: Path, *, compact: bool) -> dict[Path, str]:
    """Return files as `make format` would leave them.

    Args:
        files: text by path within the project; only Python is formatted.
        root: of the project whose rules apply.
        compact: ignore trailing commas that would keep lists on several lines.

    Raises:
        NotPython: one has a syntax error.
    """
    code = {path: text for path, text in files.items() if path.suffix == ".py"}
    if not code:
        return dict(files)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy2(root / "pyproject.toml", folder)
        for path, text in code.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
        for command in (_DROP_UNUSED, _TIDY, _FORMAT, _ADD_EXEMPTIONS):
            _run([*command, *(_COMPACT if compact else ()), "--no-cache", "."], folder)
        return dict(files) | {path: (folder / path).read_text("utf-8") for path in code}


@cache
def _ruff() -> list[str]:
    """Return the formatter beside this Python: it starts in less time without Python around it."""
    program = shutil.which("ruff", path=sysconfig.get_path("scripts"))
    return [program] if program else [sys.executable, "-m", "ruff"]


def _run(arguments: list[str], folder: Path) -> None:
    result = subprocess.run(  # noqa: S603 - the project's own formatter
        [*_ruff(), *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        reason = (result.stderr or result.stdout).strip()
        raise NotPython(reason or f"ruff {arguments[0]} ended with exit code {result.returncode}")
