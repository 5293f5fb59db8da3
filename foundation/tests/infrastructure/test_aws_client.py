"""The functions' own client of AWS: against moto, and against servers that go wrong."""

import logging
import os
import secrets
import socket
import ssl
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate
from pathlib import Path
from typing import Any

import boto3
import pytest

from carafe.development.servers.stack import Stack
from carafe.development.servers.tls import write_certificate
from carafe.infrastructure.aws.client import AwsClient
from carafe.infrastructure.aws.configuration import SECRETS_MANAGER, SQS
from carafe.infrastructure.aws.connections import LARGEST_ANSWER, LARGEST_POOL, LONGEST_IDLE_SECONDS
from carafe.infrastructure.aws.errors import (
    AwsError,
    AwsNotConfigured,
    AwsRefusal,
    AwsUnreachable,
)
from carafe.infrastructure.aws.services import SecretsManager, Sqs
from carafe.infrastructure.outbox.nudges import SqsNudges
from carafe.testing import sqs as testing
from carafe.testing.scripted_server import (
    ScriptedServer,
    Step,
    break_off,
    hang_up,
    respond,
    respond_without_end,
    respond_without_http,
    stay_silent,
    trickle_body,
    trickle_head,
)

SECONDS = 0.5
MESSAGE = {"QueueUrl": "https://sqs/1/queue", "MessageBody": "the body"}

ok = respond({"MessageId": "1"})


def refuse(code: str, status: int = 400, **headers: str) -> Step:
    """Return a step that answers as AWS refuses."""
    return respond({"__type": f"com.amazonaws.sqs#{code}", "message": "a secret"}, status, headers)


def environment_with(url: str, **more: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "key-id",
        "AWS_SECRET_ACCESS_KEY": "s3cr3t",
        **more,
    }


def client_of(url: str, seconds: float = SECONDS, **more: Any) -> Sqs:  # noqa: ANN401 - of AwsClient
    environment = more.pop("environment", environment_with(url))
    return Sqs(AwsClient(SQS, seconds, seconds, environment, **more))


# moto


@pytest.fixture
def client(stack: Stack) -> Sqs:
    return client_of("", seconds=5, environment={**stack.environment, "AWS_SESSION_TOKEN": "token"})


@pytest.fixture
def queue(sqs: testing.Sqs) -> str:
    name = f"queue-{secrets.token_hex(4)}"
    sqs.client.create_queue(QueueName=name)
    return name


def test_a_message_arrives_whole(client: Sqs, sqs: testing.Sqs, queue: str) -> None:
    url = client.get_queue_url(QueueName=queue)["QueueUrl"]
    assert url == sqs.url(queue)
    body = 'quotes ", lines \n, ünïcödé 🍾'
    failures = {"DataType": "Number", "StringValue": "3"}
    answer = client.send_message(
        QueueUrl=url, MessageBody=body, DelaySeconds=0, MessageAttributes={"failures": failures}
    )
    received = sqs.client.receive_message(QueueUrl=url, MessageAttributeNames=["All"])
    (message,) = received["Messages"]
    assert message["MessageId"] == answer["MessageId"]
    assert message["Body"] == body
    assert message["MessageAttributes"] == {"failures": failures}

    assert sqs.waiting(queue) == []
    receipt = message["ReceiptHandle"]
    client.change_message_visibility(QueueUrl=url, ReceiptHandle=receipt, VisibilityTimeout=0)
    assert sqs.client.receive_message(QueueUrl=url)["Messages"][0]["Body"] == body


def test_a_missing_queue_is_named_by_its_code(client: Sqs) -> None:
    with pytest.raises(AwsRefusal) as refusal:
        client.get_queue_url(QueueName="nowhere")
    assert refusal.value.code == "QueueDoesNotExist"
    assert not refusal.value.is_temporary


def test_a_secret_is_read(stack: Stack) -> None:
    name = f"secret-{secrets.token_hex(4)}"
    boto3.client(
        "secretsmanager",
        endpoint_url=stack.environment["AWS_ENDPOINT_URL"],
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
    ).create_secret(Name=name, SecretString="hush")
    manager = SecretsManager(AwsClient(SECRETS_MANAGER, 5, 5, stack.environment))
    assert manager.get_secret_value(SecretId=name)["SecretString"] == "hush"
    with pytest.raises(AwsRefusal) as refusal:
        manager.get_secret_value(SecretId="nowhere")
    assert refusal.value.code == "ResourceNotFoundException"


# Servers that go wrong

TEMPORARY = {
    "server error": refuse("InternalFailure", 500),
    "throttled": refuse("ThrottlingException"),
    "no JSON": respond(b"<html>"),
    "no JSON, refused": respond(b"<html>", 503),
    "half an answer": break_off,
    "hung up": hang_up,
    "no HTTP": respond_without_http,
    "no end": respond_without_end,
    "too large": respond(b" " * LARGEST_ANSWER + b"{}"),
}
SLOW = {"silence": stay_silent, "trickling head": trickle_head, "trickling body": trickle_body}


@pytest.mark.parametrize("fault", TEMPORARY)
def test_a_temporary_fault_is_unseen_the_first_time(fault: str) -> None:
    with ScriptedServer(TEMPORARY[fault], ok) as server:
        assert client_of(server.url, 5).send_message(**MESSAGE) == {"MessageId": "1"}
    assert len(server.requests) == 2
    assert server.requests[0].body == server.requests[1].body


@pytest.mark.parametrize("fault", TEMPORARY)
def test_a_fault_that_stays_is_reported_after_one_repetition(fault: str) -> None:
    with ScriptedServer(TEMPORARY[fault]) as server, pytest.raises(AwsError) as error:
        client_of(server.url, 5).send_message(**MESSAGE)
    assert len(server.requests) == 2
    assert error.value.is_temporary
    assert "a secret" not in str(error.value)


@pytest.mark.parametrize("fault", SLOW)
def test_a_slow_server_costs_no_more_than_the_limit(fault: str) -> None:
    with ScriptedServer(SLOW[fault]) as server:
        began = time.monotonic()
        with pytest.raises(AwsUnreachable, match="SQS cannot be reached"):
            client_of(server.url).send_message(**MESSAGE)
        assert SECONDS <= time.monotonic() - began < SECONDS + 0.4
    assert len(server.requests) == 1


def test_a_slow_attempt_leaves_time_for_another() -> None:
    with ScriptedServer(stay_silent, ok) as server:
        client = Sqs(AwsClient(SQS, SECONDS, 5, environment_with(server.url)))
        assert client.send_message(**MESSAGE) == {"MessageId": "1"}


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(AwsUnreachable, match="ConnectionRefusedError") as error:
        client_of(f"http://127.0.0.1:{port}").send_message(**MESSAGE)
    assert str(port) not in str(error.value)


def test_a_refusal_is_not_repeated() -> None:
    refused = pytest.raises(AwsRefusal, match=r"SQS refused the call \(AccessDeniedException\)\.")
    with ScriptedServer(refuse("AccessDeniedException")) as server, refused:
        client_of(server.url).send_message(**MESSAGE)
    assert len(server.requests) == 1


# The clock


@pytest.mark.parametrize("code", ["RequestTimeTooSkewed", "SignatureDoesNotMatch"])
def test_a_clock_that_is_wrong_is_corrected_once(code: str) -> None:
    skewed = refuse(code, 403, Date=formatdate(time.time() + 3_600, usegmt=True))
    with ScriptedServer(skewed, ok) as server:
        client = client_of(server.url)
        client.send_message(**MESSAGE)
        client.send_message(**MESSAGE)
    first, *others = [
        time.mktime(time.strptime(each.headers["x-amz-date"], "%Y%m%dT%H%M%SZ"))
        for each in server.requests
    ]
    assert [round((each - first) / 60) for each in others] == [60, 60]


def test_threads_with_the_same_wrong_clock_all_repeat() -> None:
    both_signed = threading.Barrier(2)
    skewed = refuse("RequestTimeTooSkewed", 403, Date=formatdate(time.time() + 3_600, usegmt=True))

    def refuse_both(connection: socket.socket) -> None:
        both_signed.wait(5)
        skewed(connection)

    with ScriptedServer(refuse_both, refuse_both, ok) as server, ThreadPoolExecutor(2) as pool:
        client = client_of(server.url, 5)
        answers = list(pool.map(lambda _: client.send_message(**MESSAGE), range(2)))
    assert answers == [{"MessageId": "1"}] * 2
    assert len(server.requests) == 4


@pytest.mark.parametrize("date", ["now", "today", None])
def test_a_wrong_signature_at_the_right_time_is_not_repeated(date: str | None) -> None:
    refused = pytest.raises(AwsRefusal, match="SignatureDoesNotMatch")
    value = formatdate(usegmt=True) if date == "now" else date
    headers = {} if value is None else {"Date": value}
    with ScriptedServer(refuse("SignatureDoesNotMatch", 403, **headers)) as server, refused:
        client_of(server.url).send_message(**MESSAGE)
    assert len(server.requests) == 1


# Connections


def test_a_connection_is_kept_and_renewed_after_a_freeze() -> None:
    now = 1_000_000_000.0
    with ScriptedServer(ok) as server:
        client = client_of(server.url, wall_clock=lambda: now)
        for expected in (1, 1, 2, 2):
            client.send_message(**MESSAGE)
            assert server.connections == expected
            if len(server.requests) == 2:
                now += LONGEST_IDLE_SECONDS + 1
        client.close()
        client.send_message(**MESSAGE)
    assert server.connections == 3


def test_a_connection_that_the_server_closed_is_replaced_unseen() -> None:
    def respond_and_hang_up(connection: socket.socket) -> None:
        ok(connection)
        hang_up(connection)

    with ScriptedServer(respond_and_hang_up, ok) as server:
        client = client_of(server.url)
        client.send_message(**MESSAGE)
        time.sleep(0.05)  # the connection's end arrives
        client.send_message(**MESSAGE)
    assert server.connections == 2


@pytest.mark.parametrize("is_encrypted", [False, True])
def test_what_a_server_says_without_a_request_answers_none(
    tmp_path: Path, *, is_encrypted: bool
) -> None:
    """Load balancers announce with a 408 that they close an idle connection."""
    trusted = write_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trusted)

    def respond_and_time_out(connection: socket.socket) -> None:
        ok(connection)
        time.sleep(0.02)
        respond({"__type": "RequestTimeout"}, 408)(connection)

    with ScriptedServer(respond_and_time_out, ok, tls=context if is_encrypted else None) as server:
        environment = environment_with(server.url, AWS_CA_BUNDLE=str(trusted))
        client = client_of("", environment=environment)
        client.send_message(**MESSAGE)
        time.sleep(0.1)  # the second answer arrives
        assert client.send_message(**MESSAGE) == {"MessageId": "1"}
    assert (server.connections, len(server.requests)) == (2, 2)


def test_a_server_that_closed_all_connections_is_reached_by_the_repetition() -> None:
    both_connected = threading.Barrier(2)

    def respond_and_hang_up(connection: socket.socket) -> None:
        both_connected.wait(5)
        ok(connection)
        hang_up(connection)

    with ScriptedServer(respond_and_hang_up, respond_and_hang_up, ok) as server:
        client = client_of(server.url, 5)
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda _: client.send_message(**MESSAGE), range(2)))
        time.sleep(0.05)  # the connections' ends arrive
        assert client.send_message(**MESSAGE) == {"MessageId": "1"}
    assert server.connections == 3


def test_a_server_that_keeps_no_connection_is_served() -> None:
    with ScriptedServer(respond({}, headers={"Connection": "close"})) as server:
        client = client_of(server.url)
        for _ in range(3):
            client.send_message(**MESSAGE)
    assert server.connections == 3


def test_threads_share_no_connection() -> None:
    def answer_later(connection: socket.socket) -> None:
        time.sleep(0.02)
        ok(connection)

    threads = 2 * LARGEST_POOL
    with ScriptedServer(answer_later) as server, ThreadPoolExecutor(threads) as pool:
        client = client_of(server.url, 5)
        bodies = [str(number) for number in range(5 * threads)]
        send: Callable[[str], object] = lambda body: client.send_message(MessageBody=body)  # noqa: E731
        assert list(pool.map(send, bodies)) == [{"MessageId": "1"}] * len(bodies)
        assert sorted(each.json["MessageBody"] for each in server.requests) == sorted(bodies)
        client.close()


def test_only_a_trusted_certificate_is_accepted(tmp_path: Path) -> None:
    trusted = write_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trusted)
    with ScriptedServer(ok, tls=context) as server:
        environment = environment_with(server.url, AWS_CA_BUNDLE=str(trusted))
        client = client_of("", environment=environment)
        for _ in range(2):
            assert client.send_message(**MESSAGE) == {"MessageId": "1"}
        assert len(server.requests) == 2
        with pytest.raises(AwsUnreachable, match="SSLCertVerificationError"):
            client_of(server.url).send_message(**MESSAGE)
    assert len(server.requests) == 2


# What is sent and told


def test_what_is_sent_is_what_aws_documents() -> None:
    with ScriptedServer(ok) as server:
        environment = environment_with(f"{server.url}/prefix", AWS_SESSION_TOKEN="token")
        client_of("", environment=environment).send_message(**MESSAGE)
    (request,) = server.requests
    assert (request.method, request.target) == ("POST", "/prefix")
    assert request.json == MESSAGE
    assert request.headers["x-amz-target"] == "AmazonSQS.SendMessage"
    assert request.headers["content-type"] == "application/x-amz-json-1.0"
    assert request.headers["x-amz-security-token"] == "token"
    assert "s3cr3t" not in str(request)


def test_a_failed_nudge_is_logged_by_its_code_alone(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), ScriptedServer(refuse("QueueDoesNotExist")) as server:
        SqsNudges(client_of(server.url), "https://sqs/1/queue")("orders", "the-id")
    (record,) = caplog.records
    assert record.getMessage() == "nudge not sent, the sweep will relay: QueueDoesNotExist"


def test_a_nudge_without_credentials_is_logged_too(caplog: pytest.LogCaptureFixture) -> None:
    environment = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_REGION": "us-east-1"}
    client = client_of("", environment=environment)
    SqsNudges(client, "https://sqs/1/queue")("orders", "the-id")
    assert "NotConfigured" in caplog.text
    with pytest.raises(AwsNotConfigured, match="Set AWS_ACCESS_KEY_ID"):
        client.send_message(**MESSAGE)


def test_the_process_s_environment_is_read_as_it_is_at_the_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Others may put another object in its place for a while, as Chalice's test client does."""
    with ScriptedServer(ok) as server:
        client = AwsClient(SQS, attempt_seconds=1, total_seconds=1)
        monkeypatch.setattr(os, "environ", environment_with(server.url))
        Sqs(client).send_message(**MESSAGE)
    assert [each.json for each in server.requests] == [MESSAGE]


@pytest.mark.parametrize(
    "region", ["eu-west-1.example.com/", "eu west", "EU", "host@other", "a" * 64]
)
def test_a_region_that_cannot_be_part_of_a_host_is_refused(region: str) -> None:
    environment = {**environment_with(""), "AWS_REGION": region}
    with pytest.raises(AwsNotConfigured, match="AWS_DEFAULT_REGION must be"):
        client_of("", environment=environment).send_message(**MESSAGE)


def test_a_name_that_cannot_be_encoded_is_an_unreachable_host(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse_name(*_arguments: object, **_options: object) -> None:
        raise UnicodeError("label too long")

    monkeypatch.setattr(socket, "getaddrinfo", refuse_name)
    with pytest.raises(AwsUnreachable, match="UnicodeError"):
        client_of("http://somewhere").send_message(**MESSAGE)
