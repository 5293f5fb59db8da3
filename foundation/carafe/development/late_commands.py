"""Commands that are imported when they are named."""

import importlib
from collections.abc import Iterator, Mapping, MutableMapping

import click

from .remote.stage_option import add_stage_option


class LateCommands(MutableMapping[str, click.Command]):
    """Commands by name, as click asks for them; each is imported the first time.

    Args:
        places: the module of each command, below this package; the command has its name there.
    """

    def __init__(self, places: Mapping[str, str]) -> None:
        self._places = places
        self._commands: dict[str, click.Command | None] = dict.fromkeys(places)

    def __getitem__(self, name: str) -> click.Command:
        command = self._commands[name]
        if command is None:
            command = self[name] = self._imported(name)
        return command

    def __setitem__(self, name: str, command: click.Command) -> None:
        self._commands[name] = command

    def __delitem__(self, name: str) -> None:
        del self._commands[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._commands)

    def __len__(self) -> int:
        return len(self._commands)

    def _imported(self, name: str) -> click.Command:
        module = importlib.import_module(f".{self._places[name]}", __package__)
        command: click.Command = getattr(module, name)
        add_stage_option(name, command)
        return command
