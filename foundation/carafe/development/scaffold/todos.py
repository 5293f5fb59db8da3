"""What generated code leaves to a person."""

import io
import tokenize
from collections.abc import Iterator, Sequence

from .outcomes import Outcome

MARK = "# TODO"


def todos_of(outcomes: Sequence[Outcome]) -> list[str]:
    """Return where a decision is awaited, as `path:line`.

    Args:
        outcomes: for each file; what was left, removed or deleted does not count, since its
            text is not what is there.
    """
    present = [each for each in outcomes if each.state not in {"left", "removed", "absent"}]
    return [
        f"{each.path.as_posix()}:{line}"
        for each in sorted(present, key=lambda outcome: outcome.path)
        if each.path.suffix == ".py"
        for line in _lines(each.text)
    ]


def _lines(code: str) -> Iterator[int]:
    """Yield the numbers of the lines with a comment that begins with the mark."""
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type == tokenize.COMMENT and token.string.startswith(MARK):
            yield token.start[0]
