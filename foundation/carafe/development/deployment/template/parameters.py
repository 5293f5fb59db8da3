"""The parameters and conditions of the template: what only the operator knows."""

PARAMETERS = {
    "VpcId": {
        "Type": "AWS::EC2::VPC::Id",
        "Description": "The VPC of the functions and the broker",
    },
    "SubnetIds": {
        "Type": "List<AWS::EC2::Subnet::Id>",
        "Description": (
            "Private subnets, one in each of three availability zones, with access (NAT) to "
            "MongoDB, external services, the issuer of tokens and AWS"
        ),
    },
    "AlarmEmail": {
        "Type": "String",
        "Default": "",
        "Description": "The e-mail address for alarms; empty for none",
    },
    "BrokerVersion": {
        "Type": "String",
        "Default": "3.13",
        "Description": "RabbitMQ's version, major and minor; patches are applied automatically",
    },
    "InboxConnected": {
        "Type": "String",
        "Default": "false",
        "AllowedValues": ["true", "false"],
        "Description": "Whether the broker's inbox feeds `consume`; true once its queue is there",
    },
}

CONDITIONS = {"SomebodyIsTold": {"Fn::Not": [{"Fn::Equals": [{"Ref": "AlarmEmail"}, ""]}]}}
