"""The template of an example network: a VPC with private subnets in three availability zones.

Functions and broker are in the private subnets. Out of them leads a NAT gateway for all zones or
one for each, or none; to AWS's own services also endpoints, if wanted.
"""

from typing import Any

from carafe.development.cloudformation import Resources, Value

ZONES = 3

ENDPOINTS = ("sqs", "secretsmanager", "sts", "lambda", "logs", "codedeploy")
"""What functions, the mapping of the inbox, the platform's function and rollouts call.
https://docs.aws.amazon.com/lambda/latest/dg/with-mq.html"""

HTTPS = 443
PART = 16
"""Of the third number of an address: 4,096 addresses in each subnet."""

WITH_NAT, WITH_NATS, WITH_ENDPOINTS = "HasNat", "HasNatInEachZone", "HasEndpoints"


def template() -> dict[str, Any]:
    """Return the template."""
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "A network for the platform and the services",
        "Parameters": _PARAMETERS,
        "Conditions": {
            WITH_NAT: {"Fn::Not": [{"Fn::Equals": [{"Ref": "NatGateways"}, "0"]}]},
            WITH_NATS: {"Fn::Equals": [{"Ref": "NatGateways"}, str(ZONES)]},
            WITH_ENDPOINTS: {"Fn::Equals": [{"Ref": "Endpoints"}, "true"]},
        },
        "Resources": {**_vpc(), **_private(), **_ways_out(), **_endpoints()},
        "Outputs": {
            "VpcId": {"Value": {"Ref": "Vpc"}},
            "SubnetIds": {"Value": {"Fn::Join": [",", _private_subnets()]}},
        },
    }


_PARAMETERS = {
    "Block": {
        "Type": "String",
        "Default": "10.42",
        "AllowedPattern": r"10\.\d{1,3}",
        "Description": "The first two numbers of its addresses: 10.42 for 10.42.0.0/16",
    },
    "NatGateways": {
        "Type": "String",
        "Default": "3",
        "AllowedValues": ["0", "1", "3"],
        "Description": "Ways out to the internet: one in each zone, one for all, or none",
    },
    "Endpoints": {
        "Type": "String",
        "Default": "false",
        "AllowedValues": ["true", "false"],
        "Description": "Whether AWS's services are reached without a way out to the internet",
    },
}

_ALL: Value = {"Fn::Sub": "${Block}.0.0/16"}


def _vpc() -> Resources:
    return {
        "Vpc": {
            "Type": "AWS::EC2::VPC",
            "Properties": {
                "CidrBlock": _ALL,
                "EnableDnsSupport": True,
                "EnableDnsHostnames": True,
                "Tags": _name("${AWS::StackName}"),
            },
        }
    }


def _private() -> Resources:
    """Return the subnets of functions and broker, each with its routes."""
    by_name: Resources = {}
    for zone in range(ZONES):
        by_name |= _subnet(f"Private{zone}", zone, part=zone)
        by_name[f"Routes{zone}"] = _routes()
        by_name[f"Private{zone}Routes"] = _association(f"Private{zone}", f"Routes{zone}")
        own = {"Fn::If": [WITH_NATS, {"Ref": f"Nat{zone}"}, {"Ref": "Nat0"}]}
        by_name[f"WayOut{zone}"] = _route(f"Routes{zone}", WITH_NAT, NatGatewayId=own)
    return by_name


def _ways_out() -> Resources:
    """Return the NAT gateways, each with its address and a public subnet in which it is alone."""
    attachment = {"VpcId": {"Ref": "Vpc"}, "InternetGatewayId": {"Ref": "Internet"}}
    by_name: Resources = {
        "Internet": {"Type": "AWS::EC2::InternetGateway", "Condition": WITH_NAT},
        "InternetAttachment": {
            "Type": "AWS::EC2::VPCGatewayAttachment",
            "Condition": WITH_NAT,
            "Properties": attachment,
        },
        "PublicRoutes": {**_routes(), "Condition": WITH_NAT},
        "PublicWayOut": {
            **_route("PublicRoutes", WITH_NAT, GatewayId={"Ref": "Internet"}),
            "DependsOn": ["InternetAttachment"],
        },
    }
    for zone in range(ZONES):
        condition = WITH_NATS if zone else WITH_NAT
        public = _subnet(f"Public{zone}", zone, part=ZONES + zone)
        association = _association(f"Public{zone}", "PublicRoutes")
        address = {"Fn::GetAtt": [f"Address{zone}", "AllocationId"]}
        gateway = {"SubnetId": {"Ref": f"Public{zone}"}, "AllocationId": address}
        own: Resources = {
            **public,
            f"Public{zone}Routes": association,
            f"Address{zone}": {"Type": "AWS::EC2::EIP", "Properties": {"Domain": "vpc"}},
            f"Nat{zone}": {"Type": "AWS::EC2::NatGateway", "Properties": gateway},
        }
        by_name |= {name: {**each, "Condition": condition} for name, each in own.items()}
        by_name[f"Address{zone}"]["DependsOn"] = ["InternetAttachment"]
    return by_name


def _endpoints() -> Resources:
    """Return the ways to AWS's services; that to S3 is free, and always there.

    To S3, the platform's function answers CloudFormation.
    """
    tables: list[Value] = [{"Ref": f"Routes{zone}"} for zone in range(ZONES)]
    rule = {"IpProtocol": "tcp", "FromPort": HTTPS, "ToPort": HTTPS, "CidrIp": _ALL}
    by_name: Resources = {
        "EndpointOfS3": _endpoint("s3", VpcEndpointType="Gateway", RouteTableIds=tables),
        "EndpointsSecurityGroup": {
            "Type": "AWS::EC2::SecurityGroup",
            "Condition": WITH_ENDPOINTS,
            "Properties": {
                "GroupDescription": "The endpoints: whoever is in the network may call them",
                "VpcId": {"Ref": "Vpc"},
                "SecurityGroupIngress": [{**rule, "Description": "From the network"}],
            },
        },
    }
    for service in ENDPOINTS:
        endpoint = _endpoint(
            service,
            VpcEndpointType="Interface",
            PrivateDnsEnabled=True,
            SubnetIds=_private_subnets(),
            SecurityGroupIds=[{"Ref": "EndpointsSecurityGroup"}],
        )
        by_name[f"EndpointOf{service.title()}"] = {**endpoint, "Condition": WITH_ENDPOINTS}
    return by_name


def _endpoint(service: str, **properties: Value) -> Resources:
    name = {"Fn::Sub": f"com.amazonaws.${{AWS::Region}}.{service}"}
    return {
        "Type": "AWS::EC2::VPCEndpoint",
        "Properties": {"VpcId": {"Ref": "Vpc"}, "ServiceName": name, **properties},
    }


def _private_subnets() -> list[Value]:
    return [{"Ref": f"Private{zone}"} for zone in range(ZONES)]


def _subnet(name: str, zone: int, part: int) -> Resources:
    """Return a subnet in a zone, which gives nobody a public address."""
    return {
        name: {
            "Type": "AWS::EC2::Subnet",
            "Properties": {
                "VpcId": {"Ref": "Vpc"},
                "CidrBlock": {"Fn::Sub": f"${{Block}}.{PART * part}.0/20"},
                "AvailabilityZone": {"Fn::Select": [zone, {"Fn::GetAZs": ""}]},
                "MapPublicIpOnLaunch": False,
                "Tags": _name(f"${{AWS::StackName}}-{name.lower()}"),
            },
        }
    }


def _routes() -> Resources:
    return {"Type": "AWS::EC2::RouteTable", "Properties": {"VpcId": {"Ref": "Vpc"}}}


def _association(subnet: str, routes: str) -> Resources:
    return {
        "Type": "AWS::EC2::SubnetRouteTableAssociation",
        "Properties": {"SubnetId": {"Ref": subnet}, "RouteTableId": {"Ref": routes}},
    }


def _route(table: str, condition: str, **target: Value) -> Resources:
    """Return the route to everywhere else."""
    return {
        "Type": "AWS::EC2::Route",
        "Condition": condition,
        "Properties": {
            "RouteTableId": {"Ref": table},
            "DestinationCidrBlock": "0.0.0.0/0",
            **target,
        },
    }


def _name(name: str) -> Value:
    return [{"Key": "Name", "Value": {"Fn::Sub": name}}]
