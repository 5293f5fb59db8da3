"""Patterns of topic exchanges (AMQP 0-9-1, section 3.1.3.3)."""

import functools
import re


def matches(pattern: str, routing_key: str) -> bool:
    """Return whether a queue with this binding pattern accepts a message.

    Args:
        pattern: words and dots; `*` stands for one word, `#` for any number of them.
        routing_key: the message's.
    """
    return _expression(pattern).fullmatch(routing_key) is not None


@functools.lru_cache(maxsize=1_000)
def _expression(pattern: str) -> re.Pattern[str]:
    if pattern == "#":
        return re.compile(".*")
    words = [
        r"[^.]*" if word == "*" else "#" if word == "#" else re.escape(word)
        for word in pattern.split(".")
    ]
    expression = r"\.".join(words)
    expression = expression.replace(r"\.#", r"(?:\.[^.]*)*")
    return re.compile(expression.replace(r"#\.", r"(?:[^.]*\.)*"))
