"""SQS as the local stack plays it, where moto alone falls short."""

import os
import secrets
import statistics
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import urllib3

from carafe.development.queues import sqs_client
from carafe.development.servers.aws import LIST_QUEUES
from carafe.development.servers.stack import Stack
from carafe.testing.sqs import Sqs

SENDERS = 4
RECEIVERS = 2
EACH = 150
HIDDEN = 3_000


@pytest.fixture
def queue(sqs: Sqs) -> str:
    url: str = sqs.client.create_queue(QueueName=f"queue-{secrets.token_hex(4)}")["QueueUrl"]
    return url


def counts(sqs: Sqs, queue: str, *names: str) -> dict[str, str]:
    answer = sqs.client.get_queue_attributes(QueueUrl=queue, AttributeNames=list(names))
    attributes: dict[str, str] = answer.get("Attributes", {})
    return attributes


def take(client: Any, queue: str) -> list[str]:  # noqa: ANN401 - boto3's client has no type
    """Receive and delete a batch."""
    answer = client.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
    messages = answer.get("Messages", [])
    if messages:
        entries = [
            {"Id": str(number), "ReceiptHandle": each["ReceiptHandle"]}
            for number, each in enumerate(messages)
        ]
        client.delete_message_batch(QueueUrl=queue, Entries=entries)
    return [each["Body"] for each in messages]


def test_the_address_is_the_given_one_whatever_the_environment_says(
    stack: Stack, queue: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    client = sqs_client(stack.environment["AWS_ENDPOINT_URL"])
    assert client.get_queue_url(QueueName=queue.rpartition("/")[2])["QueueUrl"] == queue
    assert os.environ["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1"


def test_no_message_is_lost_or_doubled_between_threads(stack: Stack, sqs: Sqs, queue: str) -> None:
    sent = {f"{sender}-{number}" for sender in range(SENDERS) for number in range(EACH)}
    received: list[str] = []
    all_sent = threading.Event()

    def send(sender: int) -> None:
        client = sqs_client(stack.environment["AWS_ENDPOINT_URL"])
        for number in range(EACH):
            client.send_message(QueueUrl=queue, MessageBody=f"{sender}-{number}")

    def receive(_: int) -> None:
        client = sqs_client(stack.environment["AWS_ENDPOINT_URL"])
        while (bodies := take(client, queue)) or not all_sent.is_set():
            received.extend(bodies)

    # Messages that nobody sees yet make every request's work, and so the danger, longer.
    for _ in range(HIDDEN // 10):
        entries = [{"Id": str(each), "MessageBody": "x", "DelaySeconds": 900} for each in range(10)]
        sqs.client.send_message_batch(QueueUrl=queue, Entries=entries)
    with ThreadPoolExecutor(SENDERS + RECEIVERS) as pool:
        receiving = pool.map(receive, range(RECEIVERS))
        list(pool.map(send, range(SENDERS)))
        all_sent.set()
        list(receiving)
    assert sorted(received) == sorted(sent)


def test_a_long_poll_gets_a_message_as_soon_as_it_comes(stack: Stack, sqs: Sqs, queue: str) -> None:
    client = sqs_client(stack.environment["AWS_ENDPOINT_URL"])
    waits = []
    with ThreadPoolExecutor(1) as pool:
        for _ in range(5):
            poll = pool.submit(client.receive_message, QueueUrl=queue, WaitTimeSeconds=10)
            time.sleep(0.1)  # the poll is under way, and other requests are not held up
            sqs.client.send_message(QueueUrl=queue, MessageBody="late")
            sent = time.monotonic()
            assert [each["Body"] for each in poll.result()["Messages"]] == ["late"]
            waits.append(time.monotonic() - sent)
    assert statistics.median(waits) < 0.2  # and not with the poll's next look


def test_a_long_poll_ends_empty_after_its_time(sqs: Sqs, queue: str) -> None:
    began = time.monotonic()
    answer = sqs.client.receive_message(QueueUrl=queue, WaitTimeSeconds=1)
    assert answer.get("Messages", []) == []
    assert 0.9 < time.monotonic() - began < 5


def test_a_long_poll_sees_a_message_whose_visibility_ends(sqs: Sqs, queue: str) -> None:
    sqs.client.send_message(QueueUrl=queue, MessageBody="again")
    sqs.client.receive_message(QueueUrl=queue, VisibilityTimeout=1)
    answer = sqs.client.receive_message(QueueUrl=queue, WaitTimeSeconds=10)
    assert [each["Body"] for each in answer["Messages"]] == ["again"]


def test_messages_are_counted_when_asked_for(sqs: Sqs, queue: str) -> None:
    for number in range(3):
        sqs.client.send_message(QueueUrl=queue, MessageBody=str(number))
    sqs.client.receive_message(QueueUrl=queue, VisibilityTimeout=60)
    sqs.client.send_message(QueueUrl=queue, MessageBody="later", DelaySeconds=60)
    expected = {
        "ApproximateNumberOfMessages": "2",
        "ApproximateNumberOfMessagesDelayed": "1",
        "ApproximateNumberOfMessagesNotVisible": "1",
    }
    assert counts(sqs, queue, *expected) == expected
    everything = counts(sqs, queue, "All")
    assert expected.items() <= everything.items()
    assert everything["VisibilityTimeout"] == "30"


def test_older_sdks_are_served_too(stack: Stack, queue: str) -> None:
    """They send forms instead of JSON."""
    name = queue.rpartition("/")[2]
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = urllib3.request(
        "POST",
        stack.environment["AWS_ENDPOINT_URL"],
        body=f"Action=ListQueues&QueueNamePrefix={name}&Version=2012-11-05",
        headers={"Authorization": LIST_QUEUES["Authorization"], **form},
    )
    assert answer.status == 200
    assert name.encode() in answer.data


@pytest.mark.parametrize("signature", ["", "AWS4-HMAC-SHA256 Credential=local/20200101/x/s3/a"])
def test_what_is_for_no_service_here_is_refused(stack: Stack, signature: str) -> None:
    address = stack.environment["AWS_ENDPOINT_URL"]
    answer = urllib3.request("POST", address, body="{}", headers={"Authorization": signature})
    assert answer.status == 403


COUNT_CALLS = """
import cProfile, pstats
from carafe.development.servers.moto_improvements import improve_moto
improve_moto()
from moto.sqs.models import sqs_backends

backend = sqs_backends["123456789012"]["us-east-1"]
backend.create_queue("queue", {})

def calls_of(work, *arguments):
    profile = cProfile.Profile()
    profile.runcall(work, *arguments)
    return pstats.Stats(profile).total_calls

def send():
    for _ in range(10):
        backend.send_message("queue", "x")

def receive():
    assert len(backend.receive_message("queue", 10, 0, 0)) == 10

for _ in range(3):
    send()
    receive()
print(calls_of(send), calls_of(receive))
for _ in range(400):
    send()
print(calls_of(send), calls_of(receive))
"""


def test_sends_and_receives_cost_the_same_at_any_depth() -> None:
    """In a process of its own, since moto is changed there. Calls are counted, and not the time."""
    output = subprocess.run(
        [sys.executable, "-c", COUNT_CALLS], capture_output=True, text=True, check=True
    ).stdout
    shallow, deep = ([int(each) for each in line.split()] for line in output.splitlines())
    assert deep[0] < 1.1 * shallow[0]
    assert deep[1] < 1.1 * shallow[1]
