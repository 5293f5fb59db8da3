"""The model of the protocol: every state of a small one, and what breaks without each safeguard."""

import re
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from carafe.development.servers.errors import MissingPart
from model_checking.__main__ import PAGE, page_of_outcomes
from model_checking.checks import Outcome, checks_of, outcomes_of
from model_checking.safeguards import SAFEGUARDS
from model_checking.scopes import SHORT
from model_checking.spin import MODEL, find_tools
from tests.support.sources import PACKAGE


@pytest.fixture(scope="module")
def outcomes() -> Sequence[Outcome]:
    """What came of all checks; one run of all, two at once."""
    try:
        tools = find_tools(print, threading.Event())
    except MissingPart as error:
        pytest.skip(str(error))
    return list(outcomes_of(checks_of(tools, SHORT)))


def test_no_state_breaks_a_promise_and_every_run_ends(outcomes: Sequence[Outcome]) -> None:
    of_the_protocol = [each for each in outcomes if each.check.safeguard is None]
    assert len(of_the_protocol) >= len(SHORT)
    assert [each.check.name for each in of_the_protocol if each.visit.is_violated] == []


@pytest.mark.parametrize("name", [each.name for each in SAFEGUARDS if each.is_needed])
def test_without_it_a_promise_breaks(outcomes: Sequence[Outcome], name: str) -> None:
    outcome = next(each for each in outcomes if each.check.name == name)
    assert outcome.visit.is_violated


@pytest.mark.parametrize("name", [each.name for each in SAFEGUARDS if not each.is_needed])
def test_without_it_alone_nothing_breaks(outcomes: Sequence[Outcome], name: str) -> None:
    outcome = next(each for each in outcomes if each.check.name == name)
    assert not outcome.visit.is_violated


def test_the_page_tells_these_very_runs(outcomes: Sequence[Outcome]) -> None:
    assert page_of_outcomes(outcomes) == PAGE.read_text(encoding="utf-8"), "make model WRITE=1"


def test_a_step_that_the_code_names_is_one_of_the_model() -> None:
    """The code says `model: step pull`, and the model `Step pull`."""
    steps = names_in(MODEL.glob("*.pml"), r"/\* Step (\w+)")
    assert {"load", "commit", "read", "publish", "drain", "pull", "settle"} <= steps
    assert names_in(PACKAGE.rglob("*.py"), r"\(model: step (\w+)\)") == steps


def names_in(files: Iterable[Path], pattern: str) -> set[str]:
    texts = (each.read_text(encoding="utf-8") for each in files)
    return {name for text in texts for name in re.findall(pattern, text)}
