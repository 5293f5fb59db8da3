"""Distributes the tests of a service over the processes of pytest-xdist."""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

TOGETHER = "together"


class ByFile(LoadScopeScheduling):
    """Keeps the tests of a file in one process, and also those of some folders.

    Args:
        config: the run's configuration; its option `together` names the folders.
        log: xdist's log.
    """

    def __init__(self, config: pytest.Config, log: Producer) -> None:
        super().__init__(config, log)
        self._together: list[str] = config.getini(TOGETHER)

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        for folder in self._together:
            if path.startswith(f"{folder}/"):
                return folder
        return path
