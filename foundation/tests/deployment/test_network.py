"""The example network: it is what preflight asks for, and has the ways out that were chosen."""

import json
from pathlib import Path
from typing import Any

import pytest

from carafe.development.cli import main
from carafe.development.deployment.network import faults_of_network
from carafe.development.deployment.stack import Stack
from carafe.development.platform.command import NETWORK
from carafe.development.platform.network import ENDPOINTS
from tests.support.account import Account
from tests.support.command_runner import CommandRunner
from tests.support.stage_templates import require_lint


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """The template as the command writes it, beside the platform's."""
    result = CommandRunner().invoke(main, ["platform", "--into", str(tmp_path)])
    assert result.exit_code == 0, result.output
    return tmp_path / NETWORK


def test_cloudformation_takes_it(written: Path, checking_tools: Path) -> None:
    require_lint(checking_tools, written)


@pytest.mark.parametrize(
    ("gateways", "endpoints"), [("0", "true"), ("1", "false"), ("3", "false"), ("3", "true")]
)
def test_it_is_the_network_that_a_stage_needs(
    written: Path,
    account: Account,
    monkeypatch: pytest.MonkeyPatch,
    gateways: str,
    endpoints: str,
) -> None:
    for variable, value in account.environment.items():
        monkeypatch.setenv(variable, value)
    values = {"NatGateways": gateways, "Endpoints": endpoints}
    cloudformation, ec2 = account.client("cloudformation"), account.client("ec2")
    name = f"network-{gateways}-{endpoints}"
    cloudformation.create_stack(
        StackName=name,
        TemplateBody=written.read_text(),
        Parameters=[{"ParameterKey": each, "ParameterValue": values[each]} for each in values],
    )
    outputs = Stack(name, wait=lambda: None).outputs
    assert list(faults_of_network(outputs)) == []
    here = [{"Name": "vpc-id", "Values": [outputs["VpcId"]]}]
    private = outputs["SubnetIds"].split(",")
    subnets = ec2.describe_subnets(Filters=here)["Subnets"]
    assert len({each["CidrBlock"] for each in subnets}) == len(subnets)
    assert len(private) == 3
    assert len(subnets) == 3 + int(gateways)
    found = ec2.describe_nat_gateways(Filter=here)["NatGateways"]
    assert len({each["SubnetId"] for each in found} - {*private}) == int(gateways)
    assert _ways_out(ec2, here) == int(gateways)
    interfaces = [each for each in _endpoints(ec2, here) if each != "s3"]
    assert sorted(interfaces) == (sorted(ENDPOINTS) if endpoints == "true" else [])


def _ways_out(ec2: Any, here: list[dict[str, Any]]) -> int:  # noqa: ANN401 - boto3's client
    """Return how many gateways the network's routes lead to."""
    tables = ec2.describe_route_tables(Filters=here)["RouteTables"]
    routes = [each for table in tables for each in table["Routes"]]
    return len({each["NatGatewayId"] for each in routes if each.get("NatGatewayId")})


def _endpoints(ec2: Any, here: list[dict[str, Any]]) -> list[str]:  # noqa: ANN401 - as above
    found = ec2.describe_vpc_endpoints(Filters=here)["VpcEndpoints"]
    return [each["ServiceName"].rpartition(".")[2] for each in found]


def test_each_private_subnet_has_routes_of_its_own(written: Path) -> None:
    resources = json.loads(written.read_text())["Resources"].values()
    associated = {
        each["Properties"]["SubnetId"]["Ref"]: each["Properties"]["RouteTableId"]["Ref"]
        for each in resources
        if each["Type"] == "AWS::EC2::SubnetRouteTableAssociation"
    }
    private = {f"Private{zone}": f"Routes{zone}" for zone in range(3)}
    assert associated == private | {f"Public{zone}": "PublicRoutes" for zone in range(3)}


def test_it_leads_to_whatever_a_stage_calls(written: Path) -> None:
    """Without a way out to the internet, each service of AWS needs an endpoint."""
    template = json.loads(written.read_text())
    served = {
        each["Properties"]["ServiceName"]["Fn::Sub"].rpartition(".")[2]
        for each in template["Resources"].values()
        if each["Type"] == "AWS::EC2::VPCEndpoint"
    }
    assert served == {"s3", "sqs", "secretsmanager", "sts", "lambda", "logs", "codedeploy"}
    (free,) = (
        each
        for each in template["Resources"].values()
        if each.get("Properties", {}).get("VpcEndpointType") == "Gateway"
    )
    assert "Condition" not in free
