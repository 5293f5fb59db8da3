"""How pytest-xdist spreads the tests of a service over processes."""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

TOGETHER = "together"


class ByFile(LoadScopeScheduling):
    """Keeps the tests of a file in one process, and those of some folders as well.

    Args:
        config: of the run; its `together` names the folders.
        log: of xdist.
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
