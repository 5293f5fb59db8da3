"""Work in this process, which is cut off at a step."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from carafe.testing.cut import Cut, every_step

Steps = Callable[[int], Cut]
"""Lets the work be cut at a step, until the next one is asked for; 0 for at none."""


class CutOff(BaseException):
    """The work was cut here, as by a kill: nothing in it may handle that."""


@contextmanager
def cutting(
    monkeypatch: pytest.MonkeyPatch, cut_off: type[BaseException] = CutOff
) -> Iterator[Steps]:
    """Return what cuts the work of this process.

    A kill closes what is open, and an exception leaves it to the collector, which therefore has its
    turn at the end: later, the warnings would be those of another test.

    Args:
        monkeypatch: undone at the end.
        cut_off: raised at the step.
    """

    def end() -> None:
        raise cut_off

    with monkeypatch.context() as patching:

        def begin(step: int) -> Cut:
            patching.undo()
            cut = Cut(step, end)
            every_step(patching.setattr, cut)
            return cut

        yield begin
    gc.collect()
