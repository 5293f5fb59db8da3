"""The parameters and conditions of the template: what only the operator knows."""

from carafe.development.cloudformation import ALARM_CONDITION, ALARM_PARAMETER

from . import gateway, queue_policies

PARAMETERS = {
    **queue_policies.PARAMETERS,
    **gateway.PARAMETERS,
    "VpcId": {
        "Type": "AWS::EC2::VPC::Id",
        "Description": "The VPC of the functions, the same as the platform's",
    },
    "SubnetIds": {
        "Type": "List<AWS::EC2::Subnet::Id>",
        "Description": (
            "Private subnets, one in each of three availability zones, with access (NAT) to "
            "MongoDB, external services, the issuer of tokens and AWS"
        ),
    },
    **ALARM_PARAMETER,
    "ReserveConcurrency": {
        "Type": "String",
        "Default": "false",
        "AllowedValues": ["true", "false"],
        "Description": "Whether functions get reserved executions; a new account has none to give",
    },
    "InboxConnected": {
        "Type": "String",
        "Default": "false",
        "AllowedValues": ["true", "false"],
        "Description": "Whether the broker's inbox feeds `consume`; true once its queue is there",
    },
}

CONDITIONS = {
    **gateway.CONDITIONS,
    **ALARM_CONDITION,
    "ConcurrencyIsReserved": {"Fn::Equals": [{"Ref": "ReserveConcurrency"}, "true"]},
}
