"""An AWS account of a test's own: moto's server with what CloudFormation needs, in a process."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3

from carafe.development.platform.exports import EXPORTS
from carafe.development.servers.ports import choose_port
from tests.support.places import FOUNDATION

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_DEFAULT_REGION": "us-east-1",
}
AS_AWS = {"MOTO_IAM_LOAD_MANAGED_POLICIES": "true"}
"""What moto leaves out by default."""


class Account:
    """An account, empty but for its usual network and the platform's exports.

    Args:
        tools: the folder of the packages that play it.
        log: the file for what the server prints.

    Attributes:
        environment: what leads a client there.
    """

    def __init__(self, tools: Path, log: Path) -> None:
        port = choose_port()
        self.environment = {**CREDENTIALS, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"}
        with log.open("w") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.account_server", str(port)],
                cwd=FOUNDATION,
                env={**os.environ, **CREDENTIALS, **AS_AWS, "PYTHONPATH": str(tools)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                text=True,
            )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "listening\n", log.read_text()
        self._export_platform()

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3's client has no type
        """Return a client of one of its services."""
        return boto3.client(
            service,
            endpoint_url=self.environment["AWS_ENDPOINT_URL"],
            region_name="us-east-1",
            aws_access_key_id="local",
            aws_secret_access_key="local",
        )

    def private_network(self, zones: str = "ab") -> dict[str, str]:
        """Make a VPC with a private subnet in each zone, and return them as parameters."""
        ec2 = self.client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
        subnets = [
            ec2.create_subnet(
                VpcId=vpc, CidrBlock=f"10.9.{number}.0/24", AvailabilityZone=f"us-east-1{zone}"
            )["Subnet"]["SubnetId"]
            for number, zone in enumerate(zones)
        ]
        return {"VpcId": vpc, "SubnetIds": ",".join(subnets)}

    def broker(self, name: str) -> str:
        """Make a broker of one node, and return its id."""
        answer = self.client("mq").create_broker(
            BrokerName=name,
            EngineType="RABBITMQ",
            EngineVersion="3.13",
            DeploymentMode="SINGLE_INSTANCE",
            HostInstanceType="mq.m7g.medium",
            AutoMinorVersionUpgrade=True,
            PubliclyAccessible=False,
            Users=[{"Username": "administrator", "Password": "a-long-password"}],
        )
        return str(answer["BrokerId"])

    def _export_platform(self) -> None:
        """Make a stack that exports what services import, and nothing else."""
        outputs = {
            name: {"Value": name, "Export": {"Name": f"platform-{name}"}} for name in EXPORTS
        }
        topic = {"Topic": {"Type": "AWS::SNS::Topic"}}
        template = json.dumps({"Resources": topic, "Outputs": outputs})
        self.client("cloudformation").create_stack(StackName="platform", TemplateBody=template)

    def end(self) -> None:
        """End the server."""
        self._process.terminate()
        self._process.communicate()
