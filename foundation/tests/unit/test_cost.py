"""The model of costs: what it counts, and that people are told how old its prices are."""

import re
from pathlib import Path

import pytest
from click.testing import Result

from carafe.development.cli import main
from carafe.development.cost.model import (
    MILLION,
    SIZES,
    WORK,
    Assumptions,
    Line,
    bill,
    billed_ms,
)
from carafe.development.cost.prices import price_list
from carafe.development.pages import command
from tests.support.command_runner import CommandRunner

PRICES = price_list()
PROD = Assumptions(MILLION, SIZES["prod"])


def dollars(lines: list[Line], *, is_fixed: bool) -> float:
    return sum(each.dollars for each in lines if each.is_fixed is is_fixed)


def cost(*words: str) -> Result:
    result = CommandRunner().invoke(main, ["cost", *words])
    assert result.exit_code == 0, result.output
    return result


def test_waiting_is_billed() -> None:
    api = next(each for each in WORK if each.name == "api")
    near, far = (
        billed_ms(api, Assumptions(1, SIZES["prod"], round_trip_ms)) for round_trip_ms in (0, 2)
    )
    assert far - near == 2 * api.round_trips
    lines = [bill(Assumptions(MILLION, SIZES["prod"], each), PRICES) for each in (0.0, 2.0)]
    assert dollars(lines[0], is_fixed=False) < dollars(lines[1], is_fixed=False)


def test_with_half_of_the_memory_computing_takes_twice_as_long() -> None:
    authorize = next(each for each in WORK if each.name == "authorize")
    small, large = (billed_ms(authorize, Assumptions(1, SIZES[each])) for each in ("dev", "prod"))
    assert small == pytest.approx(2 * large)


def test_traffic_costs_in_proportion_and_the_rest_costs_without_any() -> None:
    none, one, ten = (
        bill(Assumptions(each * MILLION, SIZES["prod"]), PRICES) for each in (0, 1, 10)
    )
    assert dollars(none, is_fixed=False) == 0
    assert dollars(ten, is_fixed=False) == pytest.approx(10 * dollars(one, is_fixed=False))
    assert dollars(none, is_fixed=True) == dollars(ten, is_fixed=True) > 0


def test_arm_costs_a_fifth_less_of_what_computes() -> None:
    x86 = bill(Assumptions(MILLION, SIZES["prod"], architecture="x86_64"), PRICES)
    for arm, other in zip(bill(PROD, PRICES), x86, strict=True):
        if arm.what == "Lambda, requests" or not arm.what.startswith("Lambda"):
            assert arm.what == "sweep" or arm == other
        else:
            assert arm.dollars == pytest.approx(0.8 * other.dollars, rel=1e-3)


def test_nothing_that_is_easily_forgotten_is_missing() -> None:
    lines = {each.what for each in bill(PROD, PRICES)}
    assert {"public IPv4 addresses", "SQS, idle polling", "RabbitMQ, idle polling"} <= lines
    assert {"broker, storage", "logs, storage", "NAT, bytes", "Lambda, INIT"} <= lines


def test_endpoints_cost_by_the_hour_and_save_bytes() -> None:
    """As many as the example network has; the page names both figures."""
    without, with_them = (
        bill(Assumptions(MILLION, SIZES["prod"], has_endpoints=each), PRICES)
        for each in (False, True)
    )
    more = dollars(with_them, is_fixed=True) - dollars(without, is_fixed=True)
    less = dollars(without, is_fixed=False) - dollars(with_them, is_fixed=False)
    page = (command.FOLDER / "cost.md").read_text("utf-8")
    assert f"{more:.0f} dollars a month in three zones, against {less:.2f} less" in page
    assert "endpoints" in cost("--endpoints").output


def test_every_price_is_paid_by_somebody() -> None:
    paid: set[str] = set()

    class Watched(dict[str, float]):
        def __getitem__(self, name: str) -> float:
            paid.add(name)
            return super().__getitem__(name)

    for size in SIZES.values():
        for architecture in ("arm64", "x86_64"):
            bill(Assumptions(1, size, architecture=architecture), Watched(PRICES.prices))  # type: ignore[arg-type]
        bill(Assumptions(1, size, has_endpoints=True), Watched(PRICES.prices))  # type: ignore[arg-type]
    assert paid == set(PRICES.prices)
    assert set(PRICES.estimated) <= paid


def test_the_command_says_how_old_its_prices_are_and_which_are_guessed() -> None:
    output = " ".join(cost("--commands", "1e6").output.split())
    assert "1,000,000 commands a month, prod" in output
    assert f"Prices of {PRICES.as_of}, {PRICES.region}" in output
    for words in PRICES.estimated.values():
        assert f"Estimated: {words}" in output


def test_a_stage_for_development_costs_less() -> None:
    together = {
        size: float(
            re.findall(r"together\D*([\d,.]+)", cost("--size", size, "--commands", "0").output)[
                0
            ].replace(",", "")
        )
        for size in SIZES
    }
    assert together["dev"] < together["small-prod"] < together["prod"]


def test_the_page_shows_what_the_command_prints() -> None:
    text = (Path(command.FOLDER) / "cost.md").read_text("utf-8")
    for size in SIZES:
        lines = bill(Assumptions(MILLION, SIZES[size]), PRICES)
        fixed, traffic = dollars(lines, is_fixed=True), dollars(lines, is_fixed=False)
        assert f"| `{size}` | {fixed:,.0f} | {traffic:,.2f} |" in text
    assert PRICES.as_of in text
