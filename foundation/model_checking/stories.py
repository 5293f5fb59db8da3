"""Turns a run of the model into sentences."""

import re
from collections.abc import Callable, Iterable

from .safeguards import Safeguard
from .spin import MODEL

_LINE = re.compile(r"STORY (.*)")
_WORD = re.compile(r"\{(\w+) (-?\d+)\}")
_BROKEN = re.compile(r"(\w+\.pml):(\d+), Error: assertion violated")
_PROMISE = re.compile(r"/\* (G\d+: .*) \*/")  # above the assertion

HEAD = """# What happens without each safeguard

Written by `make model WRITE=1`: for each safeguard of the protocol, a shortest run of the model
that breaks a promise without it. [protocol.md](protocol.md) says what the model covers.
"""


def story_of(output: str) -> list[str]:
    """Return what happened, a sentence each; the last one says what was broken.

    Args:
        output: of Spin, which replays a run.
    """
    sentences = [_sentence(each) for each in _LINE.findall(output)]
    broken = _BROKEN.search(output)
    if broken is None:
        return sentences
    lines = (MODEL / broken[1]).read_text(encoding="utf-8").splitlines()
    promise = _PROMISE.search(lines[int(broken[2]) - 2])
    return [*sentences, f"**Broken**: {promise[1] if promise else broken[0]}."]


def page_of(stories: Iterable[tuple[Safeguard, list[str]]]) -> str:
    """Return the page with all stories.

    Args:
        stories: of the safeguards, in order; an empty one where nothing breaks.
    """
    parts = [HEAD]
    for safeguard, story in stories:
        parts.append(f"## {safeguard.name}\n\n`{safeguard.switch}`\n")
        if story:
            parts.append("".join(f"{number}. {each}\n" for number, each in enumerate(story, 1)))
        else:
            parts.append("Nothing breaks without it alone.\n")
    return "\n".join(parts)


def _sentence(text: str) -> str:
    told = _WORD.sub(lambda match: _NAMES[match[1]](int(match[2])), text)
    return told[0].upper() + told[1:]


def _events(bits: int) -> str:
    numbers = [str(place + 1) for place in range(bits.bit_length()) if bits >> place & 1]
    if not numbers:
        return "no event"
    if len(numbers) == 1:
        return f"event {numbers[0]}"
    return f"events {', '.join(numbers[:-1])} and {numbers[-1]}"


_NAMES: dict[str, Callable[[int], str]] = {
    "doc": lambda number: f"document {'AB'[number]}",
    "worker": lambda number: f"worker {number + 1}",
    "relay": lambda number: f"relay {number + 1}",
    "executor": lambda number: f"executor {number + 1}",
    "command": lambda number: f"command {number + 1}",
    "timer": lambda number: f"timer {number + 1}",
    "version": lambda number: f"version {number}",
    "event": lambda number: f"event {number}",
    "events": _events,
    "since": lambda version: f"set by version {version}" if version else "not set",
}
