"""Broker and database are killed twice each under load, and functions in between."""

from pathlib import Path

from tests.reliability.soak.run import soak

KILLS = 2


def test_under_load_and_kills_nothing_is_lost(tmp_path: Path) -> None:
    """F07, F17, F25, F41, G1 to G6: the longer version is `make soak`."""
    lines: list[str] = []
    report = soak(tmp_path, kills=KILLS, seed=20, customers=4, tell=lines.append)
    assert report.is_clean, report.text()
    assert report.faults["broker"] == report.faults["database"] == KILLS
    assert report.verdict.events > 100, "there was hardly any load"
    assert report.replies.repeats > 0, "no kill met anybody at work"
