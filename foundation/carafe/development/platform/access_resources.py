"""The platform's function, which gives services their places on the broker."""

import json

from carafe.development.cloudformation import Resources, Value

from .exports import ACCESS_SECONDS, BROKER_ADDRESS
from .function_code import function_code

KEEPER = "LogsKept"
"""The rule by which the broker's logs are looked at."""

VPC_ACCESS = "AWSLambdaVPCAccessExecutionRole"


def resources() -> Resources:
    """Return the function, its role and its log, and the administrator that it creates."""
    name = {"Fn::Sub": "${AWS::StackName}-access"}
    host = {"Fn::Select": [2, {"Fn::Split": ["/", BROKER_ADDRESS]}]}
    host = {"Fn::Select": [0, {"Fn::Split": [":", host]}]}
    return {
        "AccessLogGroup": {
            "Type": "AWS::Logs::LogGroup",
            "UpdateReplacePolicy": "Retain",
            "DeletionPolicy": "Delete",
            "Properties": {
                "LogGroupName": {"Fn::Sub": "/aws/lambda/${AWS::StackName}-access"},
                "RetentionInDays": {"Ref": "LogDays"},
            },
        },
        "AccessFunction": {
            "Type": "AWS::Lambda::Function",
            "DependsOn": ["AccessLogGroup"],
            "Properties": {
                "FunctionName": name,
                "Runtime": "python3.13",
                "Architectures": ["arm64"],
                "Handler": "index.handler",
                "Code": {"ZipFile": function_code()},
                "MemorySize": 256,
                "Timeout": ACCESS_SECONDS,
                "Role": {"Fn::GetAtt": ["AccessRole", "Arn"]},
                "VpcConfig": {
                    "SubnetIds": {"Ref": "SubnetIds"},
                    "SecurityGroupIds": [{"Ref": "AccessSecurityGroup"}],
                },
                "Environment": {
                    "Variables": {
                        "BROKER_URL": {"Fn::Join": ["", ["https://", host]]},
                        "BROKER_ID": {"Ref": "Broker"},
                        "BOOTSTRAP_SECRET": {"Ref": "BootstrapSecret"},
                        "ADMINISTRATOR_SECRET": {"Ref": "AdministratorSecret"},
                        "LOG_DAYS": {"Ref": "LogDays"},
                    }
                },
            },
        },
        "AccessRole": _role(),
        **_clock(),
        "Administrator": {
            "Type": "Custom::BrokerAdministrator",
            "DependsOn": ["AccessReachesConsole"],
            "Properties": {
                "ServiceToken": {"Fn::GetAtt": ["AccessFunction", "Arn"]},
                "ServiceTimeout": 2 * ACCESS_SECONDS,
                "LogDays": {"Ref": "LogDays"},
            },
        },
    }


def _clock() -> Resources:
    """Return what has the broker's logs looked at each day: a group may come late."""
    function = {"Fn::GetAtt": ["AccessFunction", "Arn"]}
    return {
        KEEPER: {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "Description": "Limits how long the logs of the broker are kept",
                "ScheduleExpression": "rate(1 day)",
                "Targets": [
                    {"Id": "access", "Arn": function, "Input": json.dumps({"action": "keep_logs"})}
                ],
            },
        },
        f"{KEEPER}MayCall": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "FunctionName": {"Ref": "AccessFunction"},
                "Action": "lambda:InvokeFunction",
                "Principal": "events.amazonaws.com",
                "SourceArn": {"Fn::GetAtt": [KEEPER, "Arn"]},
            },
        },
    }


def _role() -> Resources:
    prefix = "arn:${AWS::Partition}"
    here = "${AWS::Region}:${AWS::AccountId}"
    logs = f"{prefix}:logs:{here}:log-group:"
    logins = f"{prefix}:secretsmanager:{here}:secret:"
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "lambda.amazonaws.com"},
                        "Action": "sts:AssumeRole",
                    }
                ],
            },
            "ManagedPolicyArns": [
                {"Fn::Sub": f"{prefix}:iam::aws:policy/service-role/{VPC_ACCESS}"}
            ],
            "Policies": [
                {
                    "PolicyName": "access",
                    "PolicyDocument": {
                        "Version": "2012-10-17",
                        "Statement": [
                            _allow([{"Ref": "BootstrapSecret"}], "secretsmanager:GetSecretValue"),
                            _allow(
                                [
                                    {"Ref": "AdministratorSecret"},
                                    # The login of each service.
                                    {"Fn::Sub": f"{logins}*/broker-??????"},
                                ],
                                "secretsmanager:GetSecretValue",
                                "secretsmanager:PutSecretValue",
                            ),
                            _allow(
                                [{"Fn::Sub": f"{logs}*"}],
                                "logs:DescribeLogGroups",
                            ),
                            _allow(
                                [{"Fn::Sub": f"{logs}/aws/amazonmq/broker/${{Broker}}/*"}],
                                "logs:PutRetentionPolicy",
                            ),
                        ],
                    },
                }
            ],
        },
    }


def _allow(resources: list[Value], *actions: str) -> Resources:
    return {"Effect": "Allow", "Action": [*actions], "Resource": resources}
