"""The service's `.env`: `make run` writes one marked block, the rest is the user's.

python-dotenv reads it. Its `set_key` cannot write it: it replaces the user's own line for the
same name, rewrites the file once per key, and fails on bytes that are not UTF-8.
"""

import re
from collections.abc import Mapping
from io import StringIO
from pathlib import Path

from dotenv import dotenv_values

from .atomic_file import replace

BEGIN = "# >>> written by `make run`: changed at each start; your own lines go outside"
END = "# <<< written by `make run`"
# Never across a second beginning: a block whose end was deleted belongs to the user, like all
# lines between it and the next block.
BLOCK = re.compile(
    rf"^{re.escape(BEGIN)}\r?$(?:(?!^{re.escape(BEGIN)}).)*?^{re.escape(END)}\r?$\n?",
    re.DOTALL | re.MULTILINE,
)

BYTES = "surrogateescape"  # bytes that are not UTF-8 survive reading and writing


def read(path: Path) -> dict[str, str]:
    """Return all values; empty if there is no such file."""
    return _values(_text(path))


def read_user_values(path: Path) -> dict[str, str]:
    """Return the values outside the block, which the user wrote."""
    return _values(BLOCK.sub("", _text(path)))


def write_block(path: Path, values: Mapping[str, str]) -> None:
    """Replace the block, or append one, and leave every other byte as it is.

    The file is replaced in one step, so that nobody reads half of it. Only its owner can read a
    new one, because addresses hold passwords.

    Raises:
        OSError: the file cannot be written.
    """
    text = _text(path)
    lines = [f"{name}={_quoted(value)}" for name, value in values.items()]
    block = "\n".join([BEGIN, *lines, END]) + "\n"
    if BLOCK.search(text):
        new_text = BLOCK.sub(lambda _: block, text, count=1)
    else:
        new_text = text + ("\n" if text and not text.endswith("\n") else "") + block
    replace(path, new_text.encode(errors=BYTES))


def _text(path: Path) -> str:
    if not path.exists():
        return ""
    with path.open(encoding="utf-8", errors=BYTES, newline="") as file:
        return file.read()


def _values(text: str) -> dict[str, str]:
    values = dotenv_values(stream=StringIO(text), interpolate=False)
    return {name: value for name, value in values.items() if value is not None}


def _quoted(value: str) -> str:
    """Return a value in quotes, so that python-dotenv reads back exactly this value."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
