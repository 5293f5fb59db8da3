"""Tasks that take turns in simulated time: each runs until it waits, and one runs at a time.

A task is a greenlet, so that blocking code can be left in the middle of a call, be continued later
or never, without threads. Which task runs next follows from the times alone.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from greenlet import GreenletExit, getcurrent, greenlet


@dataclass(slots=True, eq=False)
class Machine:
    """What a function runs on; its tasks die with it.

    Attributes:
        name: for the story.
        skew: seconds by which its clock is ahead.
        is_dead: whether it was killed.
    """

    name: str
    skew: float = 0.0
    is_dead: bool = False


@dataclass(slots=True, eq=False)
class Task:
    """Work on a machine.

    Attributes:
        machine: where it runs.
        work: what it does.
        ended: called with the result, or with the error that it raised; never after a kill.
        is_done: whether it has ended by itself.
        result: what the work returned.
        error: what the work raised.
        awaited_by: the task that waits for its end.
    """

    machine: Machine
    work: Callable[[], Any]
    ended: Callable[[Any, Exception | None], None] | None = None
    is_done: bool = False
    result: Any = None
    error: Exception | None = None
    awaited_by: "Task | None" = None
    thread: greenlet = field(init=False)


class Loop:
    """Simulated time, and whose turn it is.

    Attributes:
        now: seconds since the beginning.
        current: the task that runs; None between two of them.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self.current: Task | None = None
        self._agenda: list[tuple[float, int, Task | Callable[[], None]]] = []
        self._count = 0
        self._hub = getcurrent()
        self._left: set[Task] = set()
        self._is_over = False

    def call_later(self, seconds: float, action: Callable[[], None]) -> None:
        """Call something between the tasks."""
        self._enter(self.now + seconds, action)

    def start(self, task: Task) -> Task:
        """Let a task run from now on."""
        task.thread = greenlet(lambda: self._run(task), parent=self._hub)
        self._left.add(task)
        self._enter(self.now, task)
        return task

    def pause(self, seconds: float) -> None:
        """Let the others run for so long; outside a task, nothing happens."""
        task = self.current
        if task is None:
            return
        if self._is_over:
            raise GreenletExit
        wake = self.now + seconds
        if self._agenda and self._agenda[0][0] <= wake:
            self._enter(wake, task)
            self._leave()
        else:
            self.now = wake  # nobody else has anything to do until then

    def wait_for(self, task: Task) -> None:
        """Let the others run until a task has ended."""
        if self._is_over:
            raise GreenletExit
        if not task.is_done:
            task.awaited_by = self.current
            self._leave()

    def kill(self) -> None:
        """Kill the machine of the task that runs; it never goes on."""
        if self.current is not None:
            self.current.machine.is_dead = True
            self._leave()

    def run(self, until: float) -> bool:
        """Run what is to be done by a time; return whether nothing is left to do."""
        while self._agenda and self._agenda[0][0] <= until:
            moment, _, entry = heapq.heappop(self._agenda)
            self.now = max(self.now, moment)
            if not isinstance(entry, Task):
                entry()
            elif not entry.machine.is_dead:
                self.current = entry
                entry.thread.switch()
                self.current = None
        return not self._agenda

    def close(self) -> None:
        """Free the tasks that were killed; what their `finally` clauses do has no effect."""
        self._is_over = True
        for task in self._left:
            self.current = task
            if task.thread:
                task.thread.throw(GreenletExit)
        self.current = None
        self._left.clear()

    def _run(self, task: Task) -> None:
        try:
            task.result = task.work()
        except Exception as error:  # noqa: BLE001 - whoever started it decides
            task.error = error
        if self._is_over:
            return
        task.is_done = True
        self._left.discard(task)
        if task.awaited_by is not None:
            self._enter(self.now, task.awaited_by)
        if task.ended is not None:
            task.ended(task.result, task.error)

    def _leave(self) -> None:
        self._hub.switch()
        if self._is_over:
            raise GreenletExit

    def _enter(self, moment: float, entry: Task | Callable[[], None]) -> None:
        self._count += 1
        heapq.heappush(self._agenda, (moment, self._count, entry))
