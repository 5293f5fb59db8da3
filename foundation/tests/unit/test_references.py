"""What is named rather than imported is found, or the reason why not is said."""

from pathlib import Path

import pytest

from carafe.infrastructure.first_use import FirstUse
from carafe.infrastructure.references import resolved


def test_a_reference_is_loaded_when_it_is_resolved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "weather_stations.py").write_text("HIGHEST = 4_160\n")
    assert resolved("weather_stations:HIGHEST") == 4_160


@pytest.mark.parametrize(
    "reference",
    [
        "",
        "fractions",
        "fractions:",
        ":Fraction",
        "fractions.Fraction",
        "a:b:c",
        ".here:x",
        "a..b:c",
    ],
)
def test_what_is_no_reference_is_refused(reference: str) -> None:
    with pytest.raises(ValueError, match=r"is not of the form package\.module:name"):
        resolved(reference)


@pytest.mark.parametrize("module", ["no_such_package", "carafe.nowhere", "carafe.domain.money.on"])
def test_a_module_that_is_not_there_is_named(module: str) -> None:
    with pytest.raises(ValueError, match=f"'{module}:Thing' names no module"):
        resolved(f"{module}:Thing")


def test_a_name_that_its_module_lacks_is_named() -> None:
    with pytest.raises(ValueError, match=r"'fractions:Broken': the module has no Broken"):
        resolved("fractions:Broken")


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("import no_such_driver", ModuleNotFoundError),
        ("import weather_fronts.more", ModuleNotFoundError),
        ("import math\nmath.nothing", AttributeError),
        ("1 / 0", ZeroDivisionError),
    ],
)
def test_a_module_that_is_broken_says_so_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, error: type[Exception]
) -> None:
    """It is there: to call it missing would send the reader to the wrong place."""
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "weather_fronts.py").write_text(code)
    with pytest.raises(error):
        resolved("weather_fronts:Front")


class _Station:
    """Knows how often one was made."""

    made = 0

    def __init__(self) -> None:
        _Station.made += 1
        self.height = 4_160


def test_an_object_is_made_once_when_it_is_first_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_Station, "made", 0)
    station = FirstUse(_Station)
    assert _Station.made == 0
    assert (station.height, station.height) == (4_160, 4_160)
    assert _Station.made == 1


def test_what_could_not_be_made_is_tried_again() -> None:
    failures = [TimeoutError("not yet")]

    def make() -> _Station:
        if failures:
            raise failures.pop()
        return _Station()

    station = FirstUse(make)
    with pytest.raises(TimeoutError):
        _ = station.height
    assert station.height == 4_160
