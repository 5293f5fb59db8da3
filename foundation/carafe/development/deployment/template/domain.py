"""A host name of the API's own, with its certificate, and a record of it in Route 53."""

from chalice.app import Chalice

from carafe.development.cloudformation import Resources
from carafe.development.deployment.stages import Stage


def resources(app: Chalice, stage: Stage) -> Resources:
    """Return the additions to the API; none where a stage names no domain.

    SAM makes domain, mapping and record of them, and lets the mapping wait for the API's stage.
    """
    if not app.routes or stage.domain is None:
        return {}
    domain: Resources = {
        "DomainName": stage.domain.name,
        "CertificateArn": stage.domain.certificate_arn,
        "EndpointConfiguration": "REGIONAL",
        "SecurityPolicy": "TLS_1_2",
    }
    if stage.domain.hosted_zone_id is not None:
        domain["Route53"] = {"HostedZoneId": stage.domain.hosted_zone_id}
    return {"RestAPI": {"Properties": {"Domain": domain}}}


def address(stage: Stage) -> str | None:
    """Return the API's address under its own name; None if it has none."""
    return None if stage.domain is None else f"https://{stage.domain.name}/"
