"""What only who deploys can know."""

PARAMETERS = {
    "VpcId": {
        "Type": "AWS::EC2::VPC::Id",
        "Description": "Where functions and broker live",
    },
    "SubnetIds": {
        "Type": "List<AWS::EC2::Subnet::Id>",
        "Description": (
            "Private subnets, one in each of three availability zones, with a way out (NAT) to "
            "MongoDB, external services, the issuer of tokens and AWS"
        ),
    },
    "AlarmEmail": {
        "Type": "String",
        "Default": "",
        "Description": "Who is told of alarms; empty for nobody",
    },
    "BrokerVersion": {
        "Type": "String",
        "Default": "3.13",
        "Description": "Of RabbitMQ: major and minor, the rest comes by itself",
    },
    "InboxConnected": {
        "Type": "String",
        "Default": "false",
        "AllowedValues": ["true", "false"],
        "Description": "Whether the broker's inbox feeds `consume`; true once its queue is there",
    },
}

CONDITIONS = {"SomebodyIsTold": {"Fn::Not": [{"Fn::Equals": [{"Ref": "AlarmEmail"}, ""]}]}}
