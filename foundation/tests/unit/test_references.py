"""References are resolved, or the error says why not."""

from pathlib import Path

import pytest

from carafe.infrastructure.references import resolve


def test_a_reference_is_loaded_when_it_is_resolved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "weather_stations.py").write_text("HIGHEST = 4_160\n")
    assert resolve("weather_stations:HIGHEST") == 4_160


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
        resolve(reference)


@pytest.mark.parametrize("module", ["no_such_package", "carafe.nowhere", "carafe.domain.money.on"])
def test_a_module_that_is_not_there_is_named(module: str) -> None:
    with pytest.raises(ValueError, match=f"'{module}:Thing' names no module"):
        resolve(f"{module}:Thing")


def test_a_name_that_its_module_lacks_is_named() -> None:
    with pytest.raises(ValueError, match=r"'fractions:Broken': the module has no Broken"):
        resolve("fractions:Broken")


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
        resolve("weather_fronts:Front")
