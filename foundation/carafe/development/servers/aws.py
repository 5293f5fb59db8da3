"""A local server for SQS and Secrets Manager."""

import json

from .probes import http_post
from .python_server import PythonServer

# The headers of an SQS request that moto and LocalStack read.
LIST_QUEUES = {
    "Authorization": "AWS4-HMAC-SHA256 Credential=local/20200101/us-east-1/sqs/aws4_request",
    "X-Amz-Target": "AmazonSQS.ListQueues",
    "Content-Type": "application/x-amz-json-1.0",
}


class AwsServer(PythonServer):
    """SQS and Secrets Manager by moto; its queues are lost when it stops."""

    name = "SQS"
    module = "carafe.development.servers.moto_server"
    variable = "AWS_ENDPOINT_URL"
    usual_port = 4566

    @property
    def endpoint_url(self) -> str:
        """The address of both services."""
        return self.url

    def _is_reachable(self) -> bool:
        return is_sqs_reachable(self.url)


def is_sqs_reachable(endpoint_url: str) -> bool:
    """Return whether an SQS, and not another HTTP server, answers: it must list its queues."""
    answer = http_post(endpoint_url, b"{}", LIST_QUEUES)
    try:
        queues = json.loads(answer or b"")
    except ValueError:
        return False
    # Without queues the list itself may be missing.
    return isinstance(queues, dict) and queues.keys() <= {"QueueUrls", "NextToken"}
