"""What a call follows from is known while a message is handled, and no longer."""

import json
import logging

import pytest

from carafe.contracts.correlation import correlation_context, correlation_headers
from carafe.infrastructure import logs
from carafe.infrastructure.cqrs.middleware.correlation import correlated_by
from carafe.testing.contexts import a_context


def test_it_holds_within_its_block_and_may_be_nested() -> None:
    assert correlation_headers() == {}
    with correlation_context("outer", "00-trace"):
        with correlation_context("inner"):
            assert correlation_headers() == {"X-Correlation-Id": "inner"}
        assert correlation_headers() == {"X-Correlation-Id": "outer", "traceparent": "00-trace"}
    assert correlation_headers() == {}


@pytest.mark.parametrize("value", ["", "line\r\nX-Injected: yes", "ü", "x" * 257])
def test_what_no_header_can_carry_is_left_out(value: str) -> None:
    with correlation_context(value, value):
        assert correlation_headers() == {}


def test_calls_and_log_lines_carry_what_a_command_follows_from(
    caplog: pytest.LogCaptureFixture,
) -> None:
    context = a_context()
    caplog.handler.setFormatter(logs.JsonFormatter())
    with correlated_by(context):
        assert correlation_headers() == {"X-Correlation-Id": context.correlation_id}
        logging.getLogger("test").warning("during")
    logging.getLogger("test").warning("after")
    during, after = map(json.loads, caplog.text.splitlines())
    assert during["correlation_id"] == context.correlation_id
    assert during["causation_id"] == context.command_id
    assert "correlation_id" not in after
    assert correlation_headers() == {}
