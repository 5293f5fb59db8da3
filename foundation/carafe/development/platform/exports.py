"""What the services' stacks take from the platform's, and how they reach its broker."""

from carafe.development.cloudformation import Resources, Value

DEFAULT_NAME = "platform"
"""Of the platform's stack, unless `.chalice/config.json` names another."""

AMQPS_PORT = 5671
CONSOLE_PORT = 443

ACCESS_SECONDS = 120
"""The timeout of the function that gives access; CloudFormation waits twice as long for it."""

BROKER_ADDRESS: Value = {"Fn::Select": [0, {"Fn::GetAtt": ["Broker", "AmqpEndpoints"]}]}
"""`amqps://host:5671`, without user and password."""

EXPORTS: dict[str, Value] = {
    "BrokerArn": {"Fn::GetAtt": ["Broker", "Arn"]},
    "BrokerAddress": BROKER_ADDRESS,
    "BrokerSecurityGroup": {"Ref": "BrokerSecurityGroup"},
    "AccessFunction": {"Fn::GetAtt": ["AccessFunction", "Arn"]},
}
"""By their names, which begin with that of the platform's stack."""


def imported(export: str, platform: str) -> Value:
    """Return what a platform's stack exports, in the template of a service.

    Raises:
        KeyError: it exports nothing of this name.
    """
    EXPORTS[export]
    return {"Fn::ImportValue": f"{platform}-{export}"}


def ingress(source: str, port: int, broker: Value, about: str) -> Resources:
    """Return the rule that lets a security group reach a port of the broker.

    Args:
        source: the resource of the group.
        port: of the broker.
        broker: the broker's group.
        about: who needs it, for a person who reads the group's rules.
    """
    return {
        "Type": "AWS::EC2::SecurityGroupIngress",
        "Properties": {
            "Description": about,
            "GroupId": broker,
            "SourceSecurityGroupId": {"Ref": source},
            "IpProtocol": "tcp",
            "FromPort": port,
            "ToPort": port,
        },
    }
