"""Logs: one JSON object per line, with the ids of the request or message it belongs to.

A line says what happened to which id. Bodies, tokens and addresses are never logged. Of an
exception only type and place are logged, since its message may quote any of them.
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

_context: ContextVar[Mapping[str, str]] = ContextVar("context", default={})  # noqa: B039 - never changed

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

# They log each failure with addresses; we log it once, without.
_NOISY_LOGGERS = ("pika", "pymongo", "urllib3")


class JsonFormatter(logging.Formatter):
    """Formats a record as JSON; each item of `extra` becomes a field."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the JSON line."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **_context.get(),
            **{name: value for name, value in vars(record).items() if name not in _STANDARD},
        }
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["place"] = traceback.format_tb(record.exc_info[2])
        return json.dumps(line, default=str)


@contextmanager
def context(**ids: str | None) -> Iterator[None]:
    """Add ids to every line that is logged in the block; None leaves one out."""
    present = {name: value for name, value in ids.items() if value is not None}
    token = _context.set({**_context.get(), **present})
    try:
        yield
    finally:
        _context.reset(token)


def configure() -> None:
    """Make this process log JSON, through the existing handlers or to stderr."""
    root = logging.getLogger()
    if not root.handlers:
        root.addHandler(logging.StreamHandler(sys.stderr))
    for handler in root.handlers:
        handler.setFormatter(JsonFormatter())
    root.setLevel(logging.INFO)
    # No line names its thread or process, so do not look them up:
    # https://docs.python.org/3/howto/logging.html#optimization
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    for name in _NOISY_LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL)


def metrics(service: str, stage: str, **values: float) -> dict[str, Any]:
    """Return fields for `extra` that CloudWatch reads as metrics of a service's stage.

    They are in CloudWatch's embedded metric format, which needs no API call:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html

    Args:
        service: the one dimension.
        stage: the other: several stages may be in one account.
        values: by metric name; names ending in `_seconds` are durations, others are counts.
    """
    definitions = [
        {"Name": name, "Unit": "Seconds" if name.endswith("_seconds") else "Count"}
        for name in values
    ]
    metadata = {
        "Timestamp": int(datetime.now(UTC).timestamp() * 1000),
        "CloudWatchMetrics": [
            {"Namespace": "Carafe", "Dimensions": [["service", "stage"]], "Metrics": definitions}
        ],
    }
    return {"_aws": metadata, "service": service, "stage": stage, **values}
