"""Whether API Gateway may write logs in an account: it needs a role, one for each region."""

from collections.abc import Iterator

from .account import client


def may_log_requests() -> bool:
    """Return whether the account has given API Gateway a role for its logs."""
    return bool(client("apigateway").get_account().get("cloudwatchRoleArn"))


def notes_on_request_log() -> Iterator[str]:
    """Yield what is missing for a log of requests."""
    if not may_log_requests():
        yield (
            "API Gateway has no role for its logs in this account and region, so that requests are "
            "not logged: `carafe page operations`, Log of requests"
        )
