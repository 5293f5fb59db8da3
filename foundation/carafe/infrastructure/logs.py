"""Logs: one JSON object a line, each with the ids of what it belongs to.

What is logged says what happened to which id. Bodies, tokens and addresses are never logged;
of an exception the type and the place, since its message may quote any of them.
"""

import json
import logging
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from carafe.contracts.envelope import CommandContext

_about: ContextVar[Mapping[str, str]] = ContextVar("about", default={})  # noqa: B039 - never changed

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

# They tell each failure in their own words, with addresses in them; ours are told once.
_TALKATIVE = ("botocore", "pika", "pymongo", "urllib3")


class JsonFormatter(logging.Formatter):
    """Writes a record as JSON: what `extra` gives becomes a field of its own."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **_about.get(),
            **{name: value for name, value in vars(record).items() if name not in _STANDARD},
        }
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["place"] = traceback.format_tb(record.exc_info[2])
        return json.dumps(line, default=str)


@contextmanager
def about(**ids: str | None) -> Iterator[None]:
    """Let every line that is logged in the block carry some ids."""
    known = {name: value for name, value in ids.items() if value is not None}
    token = _about.set({**_about.get(), **known})
    try:
        yield
    finally:
        _about.reset(token)


@contextmanager
def about_command(context: CommandContext) -> Iterator[None]:
    """Let every line that is logged in the block say which command it belongs to."""
    with about(
        correlation_id=context.correlation_id,
        causation_id=context.causation_id or context.command_id,
        traceparent=context.traceparent,
    ):
        yield


def configure() -> None:
    """Let this process log JSON: to the handlers that there are, or else to stderr."""
    root = logging.getLogger()
    if not root.handlers:
        root.addHandler(logging.StreamHandler(sys.stderr))
    for handler in root.handlers:
        handler.setFormatter(JsonFormatter())
    root.setLevel(logging.INFO)
    # Nothing here tells threads and processes, so that no line pays for looking them up:
    # https://docs.python.org/3/howto/logging.html#optimization
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.CRITICAL)


def metrics(service: str, **values: float) -> dict[str, Any]:
    """Return fields for `extra` that CloudWatch reads as metrics of the service.

    The form is CloudWatch's embedded metric format, so that no call leaves the function:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html

    Args:
        service: the dimension.
        values: by metric name; names that end in `_seconds` are durations, others counts.
    """
    definitions = [
        {"Name": name, "Unit": "Seconds" if name.endswith("_seconds") else "Count"}
        for name in values
    ]
    metadata = {
        "Timestamp": int(datetime.now(UTC).timestamp() * 1000),
        "CloudWatchMetrics": [
            {"Namespace": "Carafe", "Dimensions": [["service"]], "Metrics": definitions}
        ],
    }
    return {"_aws": metadata, "service": service, **values}
