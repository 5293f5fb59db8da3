"""Mutants that no test noticed, and those that are known, each with its reason."""

import ast
import difflib
import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

KNOWN = Path(__file__).parent / "survivors"

KILLED = {1, 3}
TIMED_OUT = {36, -24, 24, 152, 255, -9}
"""What mutmut notes of a mutant: the exit code of its tests, or how they ended."""


@dataclass(frozen=True)
class Change:
    """What a mutant changes, told so that changes elsewhere do not touch it.

    Attributes:
        function: with its class.
        was: the lines as they are in the source, each statement on one line.
        becomes: the same lines in the mutant.
    """

    function: str
    was: str
    becomes: str

    def __str__(self) -> str:
        gone = "".join(f"\n    - {each}" for each in self.was.splitlines())
        come = "".join(f"\n    + {each}" for each in self.becomes.splitlines())
        return f"{self.function}{gone}{come}"


@dataclass(frozen=True)
class Outcome:
    """What became of the mutants of a module.

    Attributes:
        mutants: number of all.
        killed: number of those that a test noticed.
        timed_out: number of those whose tests had no end.
        survivors: the others; those that are in no test's way among them.
    """

    mutants: int
    killed: int
    timed_out: int
    survivors: frozenset[Change]


def outcome_of(foundation: Path, files: Iterable[str]) -> Outcome:
    """Return what mutmut noted beside the mutated files of a copy."""
    mutants = killed = timed_out = 0
    survivors: set[Change] = set()
    for name in files:
        noted = json.loads((foundation / f"{name}.meta").read_text(encoding="utf-8"))
        codes: dict[str, int | None] = noted["exit_code_by_key"]
        functions = functions_of((foundation / name).read_text(encoding="utf-8"))
        mutants += len(codes)
        killed += sum(each in KILLED for each in codes.values())
        timed_out += sum(each in TIMED_OUT for each in codes.values())
        survivors |= {
            change_of(functions, key.rpartition(".")[2])
            for key, code in codes.items()
            if code not in KILLED | TIMED_OUT
        }
    return Outcome(mutants, killed, timed_out, frozenset(survivors))


def known(module: str) -> dict[Change, str]:
    """Return the known survivors of a module, with their reasons."""
    path = KNOWN / f"{module}.toml"
    groups = tomllib.loads(path.read_text(encoding="utf-8"))["group"] if path.exists() else []
    return {
        Change(each["function"], each["was"], each["becomes"]): group["reason"]
        for group in groups
        for each in group["mutants"]
    }


def change_of(functions: dict[str, ast.FunctionDef], mutant: str) -> Change:
    """Return what a mutant changes.

    Args:
        functions: of the mutated file, by mutmut's names.
        mutant: mutmut's name of it.
    """
    original = mutant.rpartition("_")[0] + "_orig"
    was, becomes = (lines_of(functions[each]) for each in (original, mutant))
    changed = [
        (was[a:b], becomes[c:d])
        for kind, a, b, c, d in difflib.SequenceMatcher(
            a=was, b=becomes, autojunk=False
        ).get_opcodes()
        if kind != "equal"
    ]
    return Change(
        _spoken(original),
        "\n".join(line for gone, _ in changed for line in gone),
        "\n".join(line for _, come in changed for line in come),
    )


def functions_of(source: str) -> dict[str, ast.FunctionDef]:
    """Return the functions of a mutated file, by mutmut's names."""
    tree = ast.walk(ast.parse(source))
    return {each.name: each for each in tree if isinstance(each, ast.FunctionDef)}


def lines_of(function: ast.FunctionDef) -> list[str]:
    """Return a function's lines without their indentation and its name, a statement on each."""
    text = ast.unparse(function).splitlines()
    text[0] = text[0].replace(function.name, "", 1)
    return [each.strip() for each in text]


def _spoken(name: str) -> str:
    """Return `Class.function` for mutmut's name of a function."""
    bare = name.removesuffix("__mutmut_orig")
    if "ǁ" in bare:
        return ".".join(bare.split("ǁ")[1:])
    return bare.removeprefix("x_")
