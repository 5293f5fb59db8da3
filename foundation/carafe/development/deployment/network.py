"""Checks the VPC and the subnets that a stage is given."""

from collections.abc import Iterator, Mapping

from botocore.exceptions import ClientError

from .account import client, code_of

FEWEST_ZONES = 2


def faults_of_network(parameters: Mapping[str, str]) -> Iterator[str]:
    """Yield what is wrong with the VPC and the subnets, one sentence for each.

    Args:
        parameters: of the template; without `SubnetIds` there is nothing to check.
    """
    wanted = [each.strip() for each in parameters.get("SubnetIds", "").split(",") if each.strip()]
    if not wanted:
        return
    try:
        found = client("ec2").describe_subnets(SubnetIds=wanted)["Subnets"]
    except ClientError as error:
        if not code_of(error).startswith("InvalidSubnet"):
            raise
        yield f"SubnetIds: {error.response['Error'].get('Message', code_of(error))}"
        return
    vpc = parameters.get("VpcId")
    for each in found:
        if vpc and each["VpcId"] != vpc:
            yield f"subnet {each['SubnetId']} is in {each['VpcId']}, not in {vpc}"
        if each.get("MapPublicIpOnLaunch"):
            yield (
                f"subnet {each['SubnetId']} is a public one, where functions reach nothing "
                "outside: name private subnets, with a way out by NAT"
            )
    zones = {each["AvailabilityZone"] for each in found}
    if len(zones) < FEWEST_ZONES:
        yield (
            f"the subnets are all in {', '.join(zones)}: name some in at least {FEWEST_ZONES} "
            "availability zones, best in three"
        )
