"""Signatures are those of botocore, whatever is signed, and addresses too.

That AWS refuses a wrong secret can be seen in AWS alone: moto accepts any.
"""

from datetime import UTC, datetime

import botocore.auth
import botocore.session
import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials
from hypothesis import given
from hypothesis import strategies as st

from carafe.infrastructure.aws.configuration import (
    SECRETS_MANAGER,
    SQS,
    AwsService,
    credentials_of,
    endpoint_of,
)
from carafe.infrastructure.aws.errors import AwsNotConfigured
from carafe.infrastructure.aws.signature import Credentials, Signer

# What a header can carry without being rewritten on its way.
words = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1)
names = st.text("abcdefghijklmnopqrstuvwxyz-0123456789", min_size=1)
segments = st.text("ABCabc012-._~%!$&'()*+,;=:", min_size=1).filter(lambda text: text.strip("."))
paths = st.lists(segments).map(lambda parts: "/" + "/".join(parts))
times = st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31))  # noqa: DTZ001 - UTC


def _botocore_authorization(
    credentials: BotocoreCredentials,
    region: str,
    service: str,
    request: AWSRequest,
    time: datetime,
) -> str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.auth, "get_current_datetime", lambda: time)
        botocore.auth.SigV4Auth(credentials, service, region).add_auth(request)
    authorization: str = request.headers["Authorization"]
    return authorization


@given(
    key_id=words,
    secret=st.text(min_size=1),
    token=st.none() | words,
    region=names,
    service=names,
    path=paths,
    target=words,
    body=st.binary(),
    instants=st.lists(times, min_size=1, max_size=3),
)
def test_a_signature_is_the_one_of_botocore(
    key_id: str,
    secret: str,
    token: str | None,
    region: str,
    service: str,
    path: str,
    target: str,
    body: bytes,
    instants: list[datetime],
) -> None:
    """One signer signs on several days, as in a process that lives past midnight."""
    headers = {
        "content-type": "application/x-amz-json-1.0",
        "host": "127.0.0.1:4566",
        "x-amz-target": target,
    }
    signer = Signer(Credentials(key_id, secret, token), region, service)
    credentials = BotocoreCredentials(key_id, secret, token)
    for time in instants:
        signed = signer.sign(path, headers, body, time.replace(tzinfo=UTC).timestamp())
        request = AWSRequest("POST", f"http://127.0.0.1:4566{path}", dict(headers), body)
        expected = _botocore_authorization(credentials, region, service, request, time)
        assert signed["authorization"] == expected
        assert signed.get("x-amz-security-token") == token
        assert signed["x-amz-date"] == request.headers["X-Amz-Date"]


def test_credentials_do_not_show() -> None:
    assert "s3cr3t" not in repr(Credentials("s3cr3t", "s3cr3t", "s3cr3t"))


@pytest.mark.parametrize("service", [SQS, SECRETS_MANAGER])
@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_the_address_of_a_service_is_the_one_of_botocore(
    service: AwsService, partition: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("AWS_ENDPOINT_URL", service.endpoint_variable):
        monkeypatch.delenv(variable, raising=False)
    session = botocore.session.get_session()
    regions = session.get_available_regions(service.host, partition)
    assert regions
    for region in regions:
        client = session.create_client(
            service.host, region, aws_access_key_id="x", aws_secret_access_key="x"
        )
        assert endpoint_of(service, {"AWS_REGION": region}) == client.meta.endpoint_url


def test_a_variable_of_the_service_comes_before_that_of_all() -> None:
    environment = {
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_REGION": "eu-west-1",
        "AWS_ENDPOINT_URL": "http://all:4566",
        "AWS_ENDPOINT_URL_SQS": "http://sqs:4566",
    }
    assert endpoint_of(SQS, environment) == "http://sqs:4566"
    assert endpoint_of(SECRETS_MANAGER, environment) == "http://all:4566"
    del environment["AWS_ENDPOINT_URL"]
    expected = "https://secretsmanager.eu-central-1.amazonaws.com"
    assert endpoint_of(SECRETS_MANAGER, environment) == expected


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1:4566", "http://", "http://user:s3cr3t@host", "http://host/?s3cr3t", "ftp://h"],
)
def test_a_wrong_address_is_refused_and_not_quoted(address: str) -> None:
    with pytest.raises(AwsNotConfigured, match=r"^AWS_ENDPOINT_URL must be") as refusal:
        endpoint_of(SQS, {"AWS_ENDPOINT_URL": address, "AWS_REGION": "eu-west-1"})
    assert address not in str(refusal.value)


def test_without_region_or_credentials_the_variable_is_named() -> None:
    with pytest.raises(AwsNotConfigured, match="AWS_DEFAULT_REGION"):
        endpoint_of(SQS, {})
    for missing in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        environment = {"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "s3cr3t", missing: ""}
        with pytest.raises(AwsNotConfigured, match=missing):
            credentials_of(environment)


@pytest.mark.parametrize("variable", ["AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN"])
def test_credentials_begin_no_header(variable: str) -> None:
    environment = {"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "x"}
    with pytest.raises(AwsNotConfigured, match=variable):
        credentials_of({**environment, variable: "s3cr3t\r\nX-Other: 1"})
