"""Pages of instructions, followed word by word: their files are written, their commands typed.

A page that is followed has these blocks, and no others:

- `console`: lines that begin with `$ ` are typed, with the next one if they end in a backslash;
  those after one must be printed, in this order, and no others, but for empty ones. `…` stands for
  any text, and alone in a line for any lines. `^C` interrupts what runs, whatever it prints then.
  The title is the terminal's.
- any language with a file as title: the file is written.
- `diff` with a file as title: lines are exchanged; `@@` stands between two places.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from .terminal import Terminal

FENCE = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)

CONSOLE = "console"
INTERRUPT = "^C"
TYPED = "$ "
ANYTHING = "…"

MORE = "it prints more, for which a line `…` would stand"


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Attributes:
        line: of the page.
        language: as the fence names it.
        title: a file, or a terminal; empty for the first terminal.
        text: between the fences.
    """

    line: int
    language: str
    title: str
    text: str


@dataclass(frozen=True)
class Entry:
    """What is typed into a terminal, and what it prints.

    Attributes:
        line: of the page.
        terminal: its name.
        typed: a command, `^C`, or nothing, where more is printed by what runs.
        printed: lines that must be printed, in this order.
    """

    line: int
    terminal: str
    typed: str
    printed: tuple[str, ...]


class Follower:
    """Somebody who does what a page says.

    Args:
        folder: where it begins.
        environment: of the terminals.
    """

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._folder = folder
        self._environment = environment
        self._terminals: dict[str, Terminal] = {}

    def follow(self, page: str) -> None:
        """Follow a page to its end.

        Raises:
            ValueError: a block cannot be followed.
            AssertionError: a command fails, or prints something else.
        """
        script = [step for block in blocks_of(page) for step in steps_of(block)]
        for index, step in enumerate(script):
            if isinstance(step, Block):
                write(step, self._terminal("").folder())
            else:
                self._enter(step, is_interrupted_later(step, script[index + 1 :]))

    def close(self) -> None:
        """Close the terminals, and end what runs in them."""
        for terminal in self._terminals.values():
            terminal.close()

    def _terminal(self, name: str) -> Terminal:
        if name not in self._terminals:
            self._terminals[name] = Terminal(self._folder, self._environment)
        return self._terminals[name]

    def _enter(self, entry: Entry, keeps_running: bool) -> None:
        terminal = self._terminal(entry.terminal)
        where = f"line {entry.line}: {entry.typed}"
        if entry.typed == INTERRUPT:
            terminal.interrupt()
        elif entry.typed:
            terminal.type(entry.typed)
        if entry.typed and not keeps_running:
            code = terminal.wait_for_end()
            assert code == 0 or entry.typed == INTERRUPT, f"{where}: {code}\n{terminal.unread()}"
        self._read(entry, terminal, where)
        if entry.typed and not keeps_running:
            is_all = entry.typed == INTERRUPT or entry.printed[-1:] == (ANYTHING,)
            assert is_all or not terminal.unread(), f"{where}: {MORE}:\n{terminal.unread()}"
            terminal.skip_unread()

    def _read(self, entry: Entry, terminal: Terminal, where: str) -> None:
        """Read what is printed, and compare it with the page."""
        is_after_others = False
        for line in entry.printed:
            if line == ANYTHING:
                is_after_others = True
                continue
            found = terminal.wait_for_line(pattern_of(line), later=is_after_others)
            assert found, f"{where}: {line!r} is not printed, but:\n{terminal.unread()}"
            is_after_others = False


def blocks_of(page: str) -> Iterator[Block]:
    """Yield the blocks of a page.

    Raises:
        ValueError: one of them cannot be followed.
    """
    blocks = [
        Block(page.count("\n", 0, each.start()) + 1, each[1], each[2] or "", each[3])
        for each in FENCE.finditer(page)
    ]
    fences = len(re.findall(r"^ *```", page, re.MULTILINE))
    if fences != 2 * len(blocks):
        raise ValueError(f"of {fences} fences, only {2 * len(blocks)} belong to known blocks")
    for block in blocks:
        if block.language != CONSOLE and not block.title:
            raise ValueError(f"line {block.line}: the block has no file as its title")
        yield block


def steps_of(block: Block) -> Iterator[Block | Entry]:
    """Yield what a block says: a file, or the entries of a terminal."""
    if block.language != CONSOLE:
        yield block
        return
    line, typed, printed = block.line, "", list[str]()
    for number, text in enumerate(block.text.splitlines(), block.line + 1):
        if typed.endswith("\\"):
            typed += f"\n{text}"
            continue
        if text != INTERRUPT and not text.startswith(TYPED):
            printed.append(text)
            continue
        if typed or printed:
            yield Entry(line, block.title, typed, tuple(printed))
        line, typed, printed = number, text.removeprefix(TYPED), []
    yield Entry(line, block.title, typed, tuple(printed))


def is_interrupted_later(entry: Entry, later: Sequence[Block | Entry]) -> bool:
    """Return whether the next thing typed into the entry's terminal is `^C`."""
    typed = (
        each.typed
        for each in later
        if isinstance(each, Entry) and each.terminal == entry.terminal and each.typed
    )
    return next(typed, "") == INTERRUPT


def pattern_of(line: str) -> re.Pattern[str]:
    """Return what a line of the page matches."""
    parts = (re.escape(part.strip()) for part in line.split(ANYTHING))
    return re.compile(rf"\s*{'.*'.join(parts)}\s*")


def write(block: Block, folder: Path) -> None:
    """Write a block's file, or exchange its lines.

    Raises:
        ValueError: what is to be exchanged is not there, or more than once.
    """
    file = folder / block.title
    if block.language != "diff":
        file.write_text(block.text, encoding="utf-8")
        return
    text = file.read_text(encoding="utf-8")
    for change in block.text.split("@@\n"):
        old, new = _sides(change)
        if text.count(old) != 1:
            raise ValueError(f"line {block.line}: {block.title} has, not once:\n{old}")
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")


def _sides(change: str) -> tuple[str, str]:
    """Return the lines before and after a change."""
    lines = change.splitlines(keepends=True)
    before = (each[1:] for each in lines if not each.startswith("+"))
    after = (each[1:] for each in lines if not each.startswith("-"))
    return "".join(before), "".join(after)
