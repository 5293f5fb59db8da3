"""What Chalice leaves out of API Gateway's stage: its limits, its log, and nothing besides it."""

import json

from chalice.app import Chalice

from carafe.development.cloudformation import Resources, Value
from carafe.development.deployment.stages import Stage

from .naming import API_HANDLER

REQUEST_LOG = "ApiRequestLogGroup"

REQUESTS_PER_ENVIRONMENT = 10
"""Requests a second that one environment of the API answers, each within a tenth of a second."""

DEFAULT_ENVIRONMENTS = 100
"""Of the API, where the stage reserves none."""

LOGS_REQUESTS = "LogRequests"
"""The parameter. API Gateway needs a role for that, one for each account and region, which a stack
of one service must not set: it would take that of others away.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-account.html"""

PARAMETERS = {
    LOGS_REQUESTS: {
        "Type": "String",
        "Default": "false",
        "AllowedValues": ["true", "false"],
        "Description": "Whether API Gateway logs requests; an account without a role for it cannot",
    }
}

CONDITIONS = {"RequestsAreLogged": {"Fn::Equals": [{"Ref": LOGS_REQUESTS}, "true"]}}

# No bodies, tokens or addresses. The function's own log has the rest under the same request.
FORMAT = json.dumps(
    {
        name: f"$context.{variable}"
        for name, variable in {
            "request_id": "requestId",
            "extended_request_id": "extendedRequestId",
            "time": "requestTimeEpoch",
            "method": "httpMethod",
            "route": "resourcePath",
            "status": "status",
            "error": "error.responseType",
            "latency_ms": "responseLatency",
            "function_ms": "integrationLatency",
            "authorizer_ms": "authorizer.integrationLatency",
            "response_bytes": "responseLength",
        }.items()
    }
)


def resources(app: Chalice, stage: Stage) -> Resources:
    """Return the additions to the API, and what its log needs."""
    if not app.routes:
        return {}
    environments = stage.reserved.get(API_HANDLER, DEFAULT_ENVIRONMENTS)
    return {
        "RestAPI": {
            "Properties": {
                # Chalice gives the service's name, under which CloudWatch would count all stages.
                "Name": stage.stack,
                "DefinitionBody": {"info": {"title": stage.stack}},
                # Without it, SAM publishes a second stage, with the name Stage.
                # https://github.com/aws/serverless-application-model/issues/191
                "OpenApiVersion": "2.0",
                "MethodSettings": [_limits(environments)],
                "AccessLogSetting": _where_logged(_request_log()),
            }
        },
        REQUEST_LOG: _log_group(stage),
    }


def _limits(environments: int) -> Value:
    """Return the limits of each route: beyond them API Gateway answers 429 by itself.

    They are targets; what bounds the environments is the function's reservation.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
    """
    return {
        "ResourcePath": "/*",
        "HttpMethod": "*",
        "ThrottlingBurstLimit": environments,
        "ThrottlingRateLimit": environments * REQUESTS_PER_ENVIRONMENT,
    }


def _where_logged(value: Value) -> Value:
    return {"Fn::If": ["RequestsAreLogged", value, {"Ref": "AWS::NoValue"}]}


def _request_log() -> Value:
    # The group's own attribute Arn ends in `:*`.
    arn = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:${%s}"
    return {"DestinationArn": {"Fn::Sub": arn % REQUEST_LOG}, "Format": FORMAT}


def _log_group(stage: Stage) -> Resources:
    properties: Resources = {"LogGroupName": f"/aws/apigateway/{stage.stack}"}
    if stage.log_days is not None:
        properties["RetentionInDays"] = stage.log_days
    return {
        "Type": "AWS::Logs::LogGroup",
        "Condition": "RequestsAreLogged",
        "Properties": properties,
    }
