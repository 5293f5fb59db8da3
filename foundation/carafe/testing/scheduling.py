"""Distributes the tests of a service over the processes of pytest-xdist."""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

TOGETHER = "together"


class ByFile(LoadScopeScheduling):
    """Keeps the tests of a file in one process, and also those of some folders.

    What takes longest begins first, so that no process works on alone in the end: those folders,
    then the files with the fewest tests, which are those of whole runs and of many processes.

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

    def _assign_work_unit(self, node: WorkerController) -> None:
        longest = min(self.workqueue, key=self._rank)
        self.workqueue.move_to_end(longest, last=False)
        super()._assign_work_unit(node)

    def _rank(self, scope: str) -> tuple[bool, int]:
        return scope not in self._together, len(self.workqueue[scope])
