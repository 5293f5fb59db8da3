"""Callers with access tokens from the test run's issuer."""

import functools
import os
from collections.abc import Iterator, Mapping

from carafe.development.tokens import bearer, fetch_token

AUDIENCE = "carafe-tests"


class SignedIn(Mapping[str, str]):
    """The headers of a caller; the token is fetched from TOKEN_ISSUER when they are read.

    Args:
        subject: the token's subject.
        scope: the token's scopes, separated by spaces.
    """

    def __init__(self, subject: str, scope: str) -> None:
        self.subject = subject
        self.scope = scope

    def __getitem__(self, name: str) -> str:
        return bearer(_token(os.environ["TOKEN_ISSUER"], self.subject, self.scope))[name]

    def __iter__(self) -> Iterator[str]:
        yield "Authorization"

    def __len__(self) -> int:
        return 1

    def __repr__(self) -> str:
        return f"SignedIn({self.subject!r}, {self.scope!r})"


@functools.cache
def _token(issuer: str, subject: str, scope: str) -> str:
    return fetch_token(issuer, AUDIENCE, subject, scope)
