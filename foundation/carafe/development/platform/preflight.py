"""Checks whether an AWS account can take the platform, before CloudFormation starts.

A broker takes twenty minutes to be created: what is refused then costs as much.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from carafe.development.deployment.account import account_number, client, explained_refusals
from carafe.development.deployment.errors import NotAccepted
from carafe.development.deployment.network import faults_of_network
from carafe.development.deployment.preflight import Account, looked_at
from carafe.development.deployment.stack import ROLLED_BACK, STARTABLE, Stack

from .template import SIZES, template

ZONES_OF_A_CLUSTER = 3
SECRETS = ("bootstrap", "administrator")
ENGINE = "RABBITMQ"

Offer = Mapping[str, Any]


def check_platform(stack: str, parameters: Mapping[str, str]) -> Account:
    """Return the account if the platform's stack can be created or changed there.

    Args:
        stack: its name, which is the broker's as well.
        parameters: of the template, as far as they are given.

    Raises:
        NotAccepted: there are no credentials, AWS does not answer, a name is in use, the network
            is not right, or Amazon MQ does not offer such a broker there.
    """
    declared = template()["Parameters"]
    defaults = {name: each.get("Default", "") for name, each in declared.items()}
    chosen = {**{name: str(value) for name, value in defaults.items()}, **parameters}
    notes: list[str] = []
    faults = [*_impossible(declared, parameters)]
    with explained_refusals():
        number = account_number()
        if not faults:
            faults = [
                *looked_at("the broker", lambda: _names_in_the_way(stack), notes),
                *looked_at("the subnets", lambda: faults_of_network(chosen), notes),
                *looked_at("Amazon MQ's offer", lambda: _faults_of_offer(chosen), notes),
            ]
    if faults:
        raise NotAccepted("; ".join(faults))
    return Account(number, notes)


def _impossible(declared: Mapping[str, Any], parameters: Mapping[str, str]) -> Iterator[str]:
    """Yield which parameters the template does not have, or not with this value."""
    for name, value in parameters.items():
        if name not in declared:
            yield f"the template has no parameter {name}; it has {', '.join(declared)}"
        elif value not in map(str, declared[name].get("AllowedValues", [value])):
            allowed = ", ".join(map(str, declared[name]["AllowedValues"]))
            yield f"{name} cannot be {value}: it is one of {allowed}"


def _names_in_the_way(stack: str) -> Iterator[str]:
    """Yield what bears a name that a new stack's resources would have."""
    if Stack(stack).status not in {*STARTABLE, ROLLED_BACK}:
        return  # what is there is the stack's own
    pages = client("mq").get_paginator("list_brokers").paginate()
    found = [
        f"broker {stack}"
        for page in pages
        for each in page["BrokerSummaries"]
        if each["BrokerName"] == stack
    ]
    found += [f"secret {each}" for each in (f"{stack}/{part}" for part in SECRETS) if _exists(each)]
    if found:
        yield (
            f"{', '.join(found)}: there already, and no part of a stack {stack}: give the stack "
            "another name, or delete what is there, if nobody needs what is in it"
        )


def _exists(secret: str) -> bool:
    manager = client("secretsmanager")
    try:
        manager.describe_secret(SecretId=secret)
    except manager.exceptions.ResourceNotFoundException:
        return False
    return True


def _faults_of_offer(chosen: Mapping[str, str]) -> Iterator[str]:
    """Yield why Amazon MQ would refuse such a broker in this region and these subnets."""
    size, version = SIZES[chosen["Size"]], chosen["BrokerVersion"]
    instance, mode = size["Instance"], size["Mode"]
    offers = [each for each in _offers(instance) if mode in each["SupportedDeploymentModes"]]
    if not offers:
        yield (
            f"Amazon MQ offers no {instance} for RabbitMQ in this region ({mode}): choose another "
            "Size, or another region"
        )
        return
    if not any(_has(each, version) for each in offers):
        known = sorted({each for offer in offers for each in offer["SupportedEngineVersions"]})
        yield f"RabbitMQ {version} is not offered on {instance}: BrokerVersion may be {known}"
    yield from _faults_of_zones(chosen, mode, offers)


def _faults_of_zones(chosen: Mapping[str, str], mode: str, offers: list[Offer]) -> Iterator[str]:
    subnets = [each.strip() for each in chosen["SubnetIds"].split(",") if each.strip()]
    if not subnets:
        return
    is_cluster = mode == SIZES["prod"]["Mode"]
    found = client("ec2").describe_subnets(SubnetIds=subnets)["Subnets"]
    by_subnet = {each["SubnetId"]: each["AvailabilityZone"] for each in found}
    # One node is in the first subnet; the function that gives access may be in all.
    zones = {by_subnet[each] for each in (subnets if is_cluster else subnets[:1])}
    offered = {zone["Name"] for each in offers for zone in each["AvailabilityZones"]}
    if missing := sorted(zones - offered):
        instance = SIZES[chosen["Size"]]["Instance"]
        yield f"Amazon MQ offers no {instance} in {', '.join(missing)}: choose other subnets"
    if is_cluster and len(zones) < ZONES_OF_A_CLUSTER:
        yield (
            f"the subnets are in {len(zones)} availability zones: three nodes need one in each of "
            f"{ZONES_OF_A_CLUSTER}"
        )


def _offers(instance: str) -> list[Offer]:
    """Return what Amazon MQ offers of an instance type, in this region."""
    offers: list[Offer] = []
    token: dict[str, str] = {}
    while True:
        page = client("mq").describe_broker_instance_options(
            EngineType=ENGINE, HostInstanceType=instance, **token
        )
        offers += page["BrokerInstanceOptions"]
        if not page.get("NextToken"):
            return offers
        token = {"NextToken": page["NextToken"]}


def _has(offer: Offer, version: str) -> bool:
    versions = offer["SupportedEngineVersions"]
    return any(each == version or each.startswith(f"{version}.") for each in versions)
