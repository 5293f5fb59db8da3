"""One name for another, in every file and in the names of files."""

import re
from collections.abc import Mapping

from .identity import Identity

# Documents of others, figures that were measured, and what makes services out of clones.
UNTOUCHED = (
    *("tests/data/", "benchmarks/results/", "memory-bank/decisions/", "constraints.txt"),
    *("workflow/transform/", "workflow/scaffold/", "workflow/discovery/"),
)

# What stands before a port; a bare number can be anything, such as a code of MongoDB's.
BEFORE_PORT = (
    *("127.0.0.1:", "localhost:", "PORT=", "PORT='", '"PORT", "', '"PORT": "', "DEFAULT_PORT = "),
    *('"--port", type=int, default=', "Without it: "),
)


def renamed(files: Mapping[str, str], old: Identity, new: Identity) -> dict[str, str]:
    """Return the files with the new names and port, some under new names themselves."""
    return {
        path if path.startswith(UNTOUCHED) else _in_path(path, old, new): (
            text if path.startswith(UNTOUCHED) else _in_text(text, old, new)
        )
        for path, text in files.items()
    }


def _in_path(path: str, old: Identity, new: Identity) -> str:
    return re.sub(rf"(?<![a-z]){old.context}(?![a-z])", new.context, path)


def _in_text(text: str, old: Identity, new: Identity) -> str:
    text = re.sub(rf"(?<![A-Za-z]){old.context}(?![A-Za-z])", new.context, text)
    text = re.sub(rf"(?<![A-Za-z]){old.camel}(?=[A-Z])", new.camel, text)
    text = re.sub(rf"(?<![A-Za-z]){re.escape(old.name)}(?![A-Za-z])", new.name, text)
    if old.port != new.port:
        before = "|".join(map(re.escape, BEFORE_PORT))
        text = re.sub(rf"({before}){old.port}(?!\d)", rf"\g<1>{new.port}", text)
    return text


def with_address(files: dict[str, str], variable: str, address: str | None) -> None:
    """Let the example of the environment name another address."""
    if address is not None:
        example = files[".env.example"]
        pattern = re.compile(rf"^(# )?{variable}=.*$", re.MULTILINE)
        files[".env.example"] = pattern.sub(lambda _: f"{variable}={address}", example)
