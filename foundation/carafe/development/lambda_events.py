"""The events with which AWS calls a function, written as each event source writes them.

`carafe.api.lambda_events` reads them in the functions. The shapes are documented at
https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
https://docs.aws.amazon.com/lambda/latest/dg/with-mq.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

import base64
import hashlib
import json
import re
import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pika

from carafe.infrastructure.identifiers import new_id

from .queues import REGION

Event = dict[str, Any]

ACCOUNT = "000000000000"
STAGE = "api"
TOKEN_SECONDS = 3_600


@dataclass(frozen=True)
class BrokerMessage:
    """A message of RabbitMQ.

    Attributes:
        body: as it was sent.
        properties: its AMQP properties, headers included.
        redelivered: whether it was delivered before.
    """

    body: bytes
    properties: pika.BasicProperties = field(default_factory=pika.BasicProperties)
    redelivered: bool = False


@dataclass(frozen=True)
class Caller:
    """The caller of an HTTP request, as the authorizer identified it.

    Attributes:
        subject: the token's subject.
        scopes: the token's scopes, separated by spaces.
    """

    subject: str
    scopes: str

    def context(self) -> dict[str, str]:
        """Return what the authorizer adds to the event."""
        expiry = str(int(time.time()) + TOKEN_SECONDS)
        return {"subject": self.subject, "scopes": self.scopes, "expires_at": expiry}


def queue_event(queue_arn: str, messages: Iterable[Mapping[str, Any]]) -> Event:
    """Return the event that SQS sends.

    Args:
        queue_arn: the queue.
        messages: as boto3's `receive_message` returns them.
    """
    return {"Records": [_record(queue_arn, each) for each in messages]}


def queue_message(body: str, number: int = 0) -> dict[str, Any]:
    """Return a message as boto3's `receive_message` returns it; its id is `m-NUMBER`."""
    return {
        "MessageId": f"m-{number}",
        "ReceiptHandle": "r",
        "Body": body,
        "MD5OfBody": hashlib.md5(body.encode(), usedforsecurity=False).hexdigest(),
        "Attributes": {"ApproximateReceiveCount": "1"},
    }


def schedule_event(function: str) -> Event:
    """Return the event that EventBridge sends on a schedule."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": [f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{function}"],
        "detail": {},
    }


def amazon_mq_event(queue: str, virtual_host: str, messages: Iterable[BrokerMessage]) -> Event:
    """Return the event that Amazon MQ sends; the messages are in the order of the queue."""
    return {
        "eventSource": "aws:rmq",
        "eventSourceArn": f"arn:aws:mq:{REGION}:{ACCOUNT}:broker:local:b-0",
        "rmqMessagesByQueue": {f"{queue}::{virtual_host}": [_delivery(each) for each in messages]},
    }


def request_event(
    method: str,
    route: str,
    body: object = None,
    *,
    caller: Caller,
    key: str | None = None,
    **path_parameters: str,
) -> Event:
    """Return the event that API Gateway sends for a request.

    Args:
        method: the HTTP method.
        route: the path, with its parameters as `{id}`.
        body: sent as JSON; None for no body.
        caller: the authorized caller.
        key: the Idempotency-Key, if any.
        path_parameters: values of the route's parameters.
    """
    headers = {"content-type": "application/json", **({"idempotency-key": key} if key else {})}
    path = re.sub(r"{(\w+)}", lambda match: path_parameters[match[1]], route)
    return {
        "resource": route,
        "path": path,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": path_parameters or None,
        "stageVariables": None,
        "requestContext": {
            "resourcePath": route,
            "path": f"/{STAGE}{path}",
            "httpMethod": method,
            "requestId": new_id(),
            "stage": STAGE,
            "identity": {"sourceIp": "127.0.0.1"},
            "authorizer": caller.context(),
        },
        "body": None if body is None else json.dumps(body),
        "isBase64Encoded": False,
    }


def authorizer_event(token: str) -> Event:
    """Return the event that API Gateway sends to have a token checked."""
    return {
        "type": "TOKEN",
        "authorizationToken": f"Bearer {token}",
        "methodArn": f"arn:aws:execute-api:{REGION}:{ACCOUNT}:api/{STAGE}/GET/",
    }


def _record(queue_arn: str, message: Mapping[str, Any]) -> Event:
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
        "messageAttributes": {
            name: {"stringValue": each.get("StringValue"), "dataType": each["DataType"]}
            for name, each in message.get("MessageAttributes", {}).items()
        },
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": REGION,
    }


def _delivery(message: BrokerMessage) -> Event:
    properties = message.properties
    # Lambda is written in Java, whose bytes are signed; its documentation shows unsigned ones.
    signed = len(message.body) % 2 == 1
    return {
        "basicProperties": {
            "contentType": _text(properties.content_type),
            "contentEncoding": _text(properties.content_encoding),
            "headers": _header(properties.headers or {}, signed=signed),
            "deliveryMode": properties.delivery_mode,
            "priority": properties.priority,
            "correlationId": _text(properties.correlation_id),
            "replyTo": _text(properties.reply_to),
            "expiration": _text(properties.expiration),
            "messageId": _text(properties.message_id),
            "timestamp": _timestamp(properties.timestamp),
            "type": _text(properties.type),
            "userId": _text(properties.user_id),
            "appId": _text(properties.app_id),
            "clusterId": _text(properties.cluster_id),
            "bodySize": len(message.body),
        },
        "redelivered": message.redelivered,
        "data": base64.b64encode(message.body).decode(),
    }


def _timestamp(seconds: int | None) -> str | None:
    """Return a time as Lambda writes it, `Jan 1, 1970, 12:33:41 AM`."""
    if seconds is None:
        return None
    try:
        time_ = datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return str(seconds)  # after the year 9999, such as milliseconds
    return time_.strftime("%b %-d, %Y, %-I:%M:%S %p")


def _text(value: str | bytes | None) -> str | None:
    """Return a property as Java reads it; pika leaves one that is not UTF-8 as bytes."""
    return value.decode(errors="replace") if isinstance(value, bytes) else value


def _header(value: object, *, signed: bool) -> Any:  # noqa: ANN401 - any AMQP value
    """Return a header's value as Lambda writes it: strings as arrays of their bytes."""
    if isinstance(value, str | bytes):
        octets = value.encode(errors="replace") if isinstance(value, str) else value
        return {"bytes": memoryview(octets).cast("b" if signed else "B").tolist()}
    if isinstance(value, dict):
        return {name: _header(each, signed=signed) for name, each in value.items()}
    if isinstance(value, list):
        return [_header(each, signed=signed) for each in value]
    return value if isinstance(value, bool | int | float | None) else str(value)
