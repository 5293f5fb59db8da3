"""What people and commands need to know of a stack once it is there."""

from typing import Any

from chalice.app import Chalice

from carafe.development.deployment.stages import Stage
from carafe.development.event_sources import MIGRATE, queue_triggers
from carafe.development.queues import COMMAND_FUNCTION, NUDGE_FUNCTION

from . import domain, functions, gateway, secrets
from .naming import handlers, queue_resource, resource_of

URLS = {NUDGE_FUNCTION: "NudgeQueueUrl", COMMAND_FUNCTION: "CommandQueueUrl"}


def outputs(app: Chalice, stage: Stage) -> dict[str, Any]:
    """Return the outputs beside Chalice's own, which tell the API's address and the functions."""
    values: dict[str, Any] = {
        "SettingsSecretArn": {"Ref": secrets.SETTINGS},
        "BrokerSecretArn": {"Ref": secrets.BROKER_LOGIN},
        "FunctionsSecurityGroup": {"Ref": functions.SECURITY_GROUP},
        "DashboardName": {"Ref": "Dashboard"},
        "AlarmsTopicArn": {"Ref": "Alarms"},
    }
    for trigger in queue_triggers(app):
        if trigger.function in URLS:
            values[URLS[trigger.function]] = {"Ref": queue_resource(trigger.queue)}
    if MIGRATE in handlers(app):
        values["MigrateFunction"] = {"Ref": resource_of(MIGRATE)}
    if app.routes and stage.domain is not None:
        values["DomainURL"] = domain.address(stage)
    described: dict[str, Any] = {name: {"Value": value} for name, value in values.items()}
    if app.routes:
        log = {"Value": {"Ref": gateway.REQUEST_LOG}, "Condition": "RequestsAreLogged"}
        described["RequestLogGroup"] = log
    return described
