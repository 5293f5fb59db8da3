"""A service is upgraded and rolled back under load, and nothing is lost: `make test-upgrade`."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from carafe.testing.sqs import Sqs
from tests.upgrade.rolling.plants import PLANTS, Plant
from tests.upgrade.rolling.run import Rollout, Timing
from tests.upgrade.rolling.versions import Upgrade, make_upgrade

pytestmark = pytest.mark.skipif("WHOLE" not in os.environ, reason="WHOLE=1: minutes")


@pytest.fixture(scope="session")
def upgrade(tmp_path_factory: pytest.TempPathFactory) -> Upgrade:
    """The service with the newest released version, and with the synthetic next one."""
    return make_upgrade(tmp_path_factory.mktemp("upgrade"))


def test_nothing_is_lost_reordered_doubled_or_refused(
    upgrade: Upgrade,
    environment: Mapping[str, str],
    sqs: Sqs,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Both versions work side by side on the way there and on the way back."""
    report = Rollout(upgrade, environment, sqs, tmp_path, Timing()).run()
    with capsys.disabled():
        print("", report.text(), sep="\n")  # noqa: T201 - the figures
    assert report.faults == [], report.text()


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.name)
def test_an_incompatibility_of_the_next_version_is_found(
    plant: Plant, upgrade: Upgrade, environment: Mapping[str, str], sqs: Sqs, tmp_path: Path
) -> None:
    """The same run names it; it ends as soon as one is known."""
    new = upgrade.new.edited(tmp_path / "packages", *plant.edits)
    timing = Timing(phase_seconds=2.0, rest_seconds=25.0)
    planted = Upgrade(upgrade.old, new)
    report = Rollout(planted, environment, sqs, tmp_path, timing).run(back=False)
    assert any(re.match(plant.found, each) for each in report.faults), report.text()
