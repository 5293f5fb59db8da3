"""SQS and Secrets Manager of our own."""

from typing import ClassVar

from .python_server import PythonServer


class AwsServer(PythonServer):
    """SQS and Secrets Manager, played by moto; its queues are gone when it stops."""

    name = "SQS"
    module = "workflow.servers.moto_server"
    # Lists the queues, with the head of an SQS request as far as moto looks at it.
    probe_method = "POST"
    probe_headers: ClassVar = {
        "Authorization": "AWS4-HMAC-SHA256 Credential=local/20200101/us-east-1/sqs/aws4_request",
        "X-Amz-Target": "AmazonSQS.ListQueues",
        "Content-Type": "application/x-amz-json-1.0",
    }

    @property
    def endpoint_url(self) -> str:
        """Where clients find both services."""
        return self.url
