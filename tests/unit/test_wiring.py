"""Every message has one handler."""

from typing import cast

import pytest

from chalicelib.api.wiring import wired
from chalicelib.infrastructure.bootstrap import Container
from workflow.diagrams.wiring import service

NOTHING = cast("Container", None)


def test_a_message_with_two_handlers_is_refused() -> None:
    with pytest.raises(ValueError, match="handled twice"):
        wired((lambda _: {int: str}, lambda _: {int: str}), NOTHING)


def test_every_route_has_a_handler() -> None:
    assert {each.message for each in service().operations} <= service().handlers.keys()
