"""A service is not deployed before the platform whose broker it uses."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from carafe.development.deployment.platform_check import faults_of_platform
from tests.support.account import Account


@pytest.fixture
def account(
    checking_tools: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Account]:
    """An account with a platform."""
    account = Account(checking_tools, tmp_path / "log")
    for name, value in account.environment.items():
        monkeypatch.setenv(name, value)
    yield account
    account.end()


@pytest.mark.usefixtures("account")
def test_the_platform_must_be_there() -> None:
    assert list(faults_of_platform("platform")) == []
    (fault,) = faults_of_platform("elsewhere")
    assert fault.startswith("the stack elsewhere does not export BrokerArn, BrokerAddress")
    assert "`carafe platform`" in fault
