"""The checkout's `.env`: one marked block is written by `make run`, the rest is the user's."""

import re
from collections.abc import Mapping
from io import StringIO
from pathlib import Path

from dotenv import dotenv_values

from .atomic_file import replace

BEGIN = "# >>> written by `make run`: changed at each start; your own lines go outside"
END = "# <<< written by `make run`"
# Never over a second beginning: a block whose end was deleted is the user's now, and so is what
# stands between it and the next.
BLOCK = re.compile(
    rf"^{re.escape(BEGIN)}\r?$(?:(?!^{re.escape(BEGIN)}).)*?^{re.escape(END)}\r?$\n?",
    re.DOTALL | re.MULTILINE,
)

BYTES = "surrogateescape"  # bytes that are no UTF-8 survive reading and writing


def read(path: Path) -> dict[str, str]:
    """Read every value; none if there is no such file."""
    return _values(_text(path))


def read_given(path: Path) -> dict[str, str]:
    """Read what the user wrote: the values outside the block."""
    return _values(BLOCK.sub("", _text(path)))


def write_block(path: Path, values: Mapping[str, str]) -> None:
    """Replace the block, or append it, and leave every other byte as it is.

    The file is replaced as a whole, so that nobody ever reads half of it; a new one is for its
    owner alone, because addresses hold passwords.

    Raises:
        OSError: the file cannot be written.
    """
    text = _text(path)
    lines = [f"{name}={_quoted(value)}" for name, value in values.items()]
    block = "\n".join([BEGIN, *lines, END]) + "\n"
    if BLOCK.search(text):
        changed = BLOCK.sub(lambda _: block, text, count=1)
    else:
        changed = text + ("\n" if text and not text.endswith("\n") else "") + block
    replace(path, changed.encode(errors=BYTES))


def _text(path: Path) -> str:
    if not path.exists():
        return ""
    with path.open(encoding="utf-8", errors=BYTES, newline="") as file:
        return file.read()


def _values(text: str) -> dict[str, str]:
    found = dotenv_values(stream=StringIO(text), interpolate=False)
    return {name: value for name, value in found.items() if value is not None}


def _quoted(value: str) -> str:
    """Quote so that python-dotenv reads back exactly this value."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
