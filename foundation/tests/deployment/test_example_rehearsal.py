"""A service without a rehearsal of its own is rehearsed by the examples of its contracts."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from carafe.api.functions import Functions
from carafe.development.deployment.package import Package
from carafe.development.project import Project
from carafe.development.rehearse import commands
from carafe.development.rehearse.commands import prepare_rehearsal, run_rehearsal
from carafe.development.rehearse.errors import RehearsalFailed
from carafe.development.rehearse.example_rehearsal import ExampleRehearsal
from carafe.development.servers.stack import Stack
from carafe.infrastructure.identifiers import new_id


class WithoutRehearsal(Project):
    """A service that has everything else; orders, which require a product, are its first routes."""

    @property
    def functions(self) -> Functions:
        """The declaration of the functions, with the routes in reverse."""
        declared = super().functions
        reverse = declared.operations[::-1]
        return Functions(declared.service, reverse, "chalicelib.api.wiring:handlers")

    def local(self, name: str, declared: str) -> Any:  # noqa: ANN401 - each is something else
        """Return what a module of the folder `local` declares; there is no rehearsal."""
        return None if name == "rehearsal" else super().local(name, declared)


def test_its_first_command_is_sent_and_its_event_reaches_the_bus(
    project: Project,
    stack: Stack,
    packages: Mapping[str, Package],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As another stage: the rehearsal of prod has left its secrets on these servers."""
    monkeypatch.setattr(commands, "STAGE", "dev")
    service, package = WithoutRehearsal(project.root), packages["dev"].folder
    reports: list[str] = []
    with prepare_rehearsal(service, stack, package, tmp_path, tmp_path / "logs") as rehearsal:
        assert isinstance(rehearsal, ExampleRehearsal)
        assert rehearsal.creation(new_id())["resource"] == "/orders"
        run_rehearsal(rehearsal, 0, reports.append)
        assert rehearsal.creation(new_id())["resource"] == "/products"
        for function in rehearsal.functions.environments:
            assert rehearsal.functions.stopwatch.median(function, "warm") is not None
        monkeypatch.setattr(rehearsal, "pump", lambda _function: None)  # nobody feeds the bridge
        with pytest.raises(RehearsalFailed, match="the first event did not reach the bus"):
            rehearsal.play()
    # Six rounds, the one that was killed and repeated: an aggregate each, with one event.
    assert reports[-1] == "7 events reached the bus, those of each aggregate complete and in order"
