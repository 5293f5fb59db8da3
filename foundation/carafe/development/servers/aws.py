"""SQS and Secrets Manager of our own."""

import json

from .probes import http_post
from .python_server import PythonServer

# The head of an SQS request, as far as moto and LocalStack look at it.
LIST_QUEUES = {
    "Authorization": "AWS4-HMAC-SHA256 Credential=local/20200101/us-east-1/sqs/aws4_request",
    "X-Amz-Target": "AmazonSQS.ListQueues",
    "Content-Type": "application/x-amz-json-1.0",
}


class AwsServer(PythonServer):
    """SQS and Secrets Manager, played by moto; its queues are gone when it stops."""

    name = "SQS"
    module = "carafe.development.servers.moto_server"
    variable = "AWS_ENDPOINT_URL"
    usual_port = 4566

    @property
    def endpoint_url(self) -> str:
        """Where clients find both services."""
        return self.url

    def _answers(self) -> bool:
        return sqs_answers(self.url)


def sqs_answers(endpoint_url: str) -> bool:
    """Say whether an SQS is there, and not just any HTTP server: it must list its queues."""
    answer = http_post(endpoint_url, b"{}", LIST_QUEUES)
    try:
        queues = json.loads(answer or b"")
    except ValueError:
        return False
    # Without a queue the list itself may be missing.
    return isinstance(queues, dict) and queues.keys() <= {"QueueUrls", "NextToken"}
