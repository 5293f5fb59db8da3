"""The record of what a person did to a running service."""

import getpass
import json
from datetime import UTC, datetime

import click


def audit(action: str, **subject: str) -> None:
    """Write a record to stderr: who did what.

    Args:
        action: what was done, or why it was not.
        subject: to what.
    """
    record = {
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "audit": action,
        "by": getpass.getuser(),
        **subject,
    }
    click.echo(json.dumps(record), err=True)
