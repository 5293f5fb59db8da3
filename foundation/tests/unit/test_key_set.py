"""Keys of the issuer are asked for seldom, kept for a while, and not for ever."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from carafe.development.servers.issuer import Signer
from carafe.infrastructure.authorization.key_set import (
    FRESH_SECONDS,
    SECONDS_BETWEEN_FETCHES,
    STALE_SECONDS,
    Keys,
    KeySet,
)
from carafe.infrastructure.authorization.signatures import PublicKey, public_key
from carafe.infrastructure.errors import IssuerUnavailable


def a_key(identifier: str) -> PublicKey:
    public = Signer("", ec.generate_private_key(ec.SECP256R1())).public
    key = public_key({**public, "kid": identifier})
    assert key is not None
    return key


class FakeIssuer:
    """An issuer and its clock, as the test wants them."""

    def __init__(self, *identifiers: str) -> None:
        self.now = 0.0
        self.fetches = 0
        self.is_away = False
        self.keys = {each: a_key(each) for each in identifiers}
        self.key_set = KeySet(self.fetch, lambda: self.now)

    def fetch(self) -> Keys:
        self.fetches += 1
        if self.is_away:
            raise IssuerUnavailable("It is away.")
        return {(each, "ES256"): key for each, key in self.keys.items()}

    def has(self, identifier: str) -> bool:
        return self.key_set.find(identifier, "ES256") is not None


@pytest.fixture
def issuer() -> FakeIssuer:
    return FakeIssuer("one")


def test_keys_are_fetched_once_and_found_by_id_and_algorithm(issuer: FakeIssuer) -> None:
    assert [issuer.has("one") for _ in range(100)] == [True] * 100
    assert issuer.fetches == 1
    assert issuer.key_set.find("one", "RS256") is None


def test_unknown_ids_ask_the_issuer_at_a_bounded_rate(issuer: FakeIssuer) -> None:
    assert not any(issuer.has(f"unknown-{number}") for number in range(1000))
    assert issuer.fetches == 1
    issuer.now = 10 * SECONDS_BETWEEN_FETCHES
    assert not any(issuer.has(f"unknown-{number}") for number in range(1000))
    assert issuer.fetches == 2


def test_who_comes_while_keys_are_fetched_waits_for_them(issuer: FakeIssuer) -> None:
    begun, may_end = threading.Event(), threading.Event()

    def fetch_slowly() -> Keys:
        begun.set()
        may_end.wait(10)
        return issuer.fetch()

    issuer.key_set = KeySet(fetch_slowly, lambda: issuer.now)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(issuer.has, "one")
        assert begun.wait(10)
        second = pool.submit(issuer.has, "one")
        with pytest.raises(TimeoutError):
            second.result(0.1)
        may_end.set()
        assert (first.result(10), second.result(10)) == (True, True)
    assert issuer.fetches == 1


def test_a_new_key_is_found_when_a_token_names_it(issuer: FakeIssuer) -> None:
    assert issuer.has("one")
    issuer.keys["two"] = a_key("two")
    assert not issuer.has("two")
    issuer.now = SECONDS_BETWEEN_FETCHES
    assert issuer.has("two")
    assert issuer.fetches == 2


def test_a_withdrawn_key_is_soon_trusted_no_more(issuer: FakeIssuer) -> None:
    assert issuer.has("one")
    issuer.keys = {"two": a_key("two")}
    issuer.now = FRESH_SECONDS
    assert issuer.has("one")
    issuer.now += 1
    assert not issuer.has("one")


def test_while_the_issuer_is_away_its_keys_count_for_a_while(issuer: FakeIssuer) -> None:
    assert issuer.has("one")
    issuer.is_away = True
    issuer.now = STALE_SECONDS
    assert issuer.has("one")
    issuer.now += 1
    with pytest.raises(IssuerUnavailable):
        issuer.has("one")
    issuer.is_away = False
    issuer.now += SECONDS_BETWEEN_FETCHES
    assert issuer.has("one")


def test_an_issuer_that_is_away_from_the_start_is_asked_at_a_bounded_rate(
    issuer: FakeIssuer,
) -> None:
    issuer.is_away = True
    for _ in range(100):
        with pytest.raises(IssuerUnavailable):
            issuer.has("one")
    assert issuer.fetches == 1
    issuer.is_away = False
    issuer.now = SECONDS_BETWEEN_FETCHES
    assert issuer.has("one")
