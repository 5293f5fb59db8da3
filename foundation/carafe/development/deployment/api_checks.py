"""Rules for an API that pages of other origins call, and that has a host name of its own.

Every `carafe package` checks them, like those of `checks`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from carafe.api.cors import ALLOW_ORIGIN

from .resources import Resources, of_type
from .stages import Stage
from .template.cors import OPTIONS
from .template.gateway_responses import EXTENSION
from .template.naming import DEFAULT_HANDLER, INTEGRATION


def faults_in(template: Mapping[str, Any], stage: Stage) -> list[str]:
    """Return the faults of a template, one sentence for each.

    Args:
        template: in SAM's form.
        stage: which it is for.
    """
    resources: Resources = template["Resources"]
    faults: list[str] = []
    for name, api in of_type(resources, "AWS::Serverless::Api"):
        faults += _faults_of_domain(name, api, stage)
        if stage.allowed_origins:
            faults += _faults_of_preflights(name, api["DefinitionBody"]["paths"], stage)
            faults += _faults_of_refusals(name, api["DefinitionBody"].get(EXTENSION, {}))
    if DEFAULT_HANDLER in resources:
        told = resources[DEFAULT_HANDLER]["Properties"]["Environment"]["Variables"]
        if told.get("ALLOWED_ORIGINS", "").split() != [*stage.allowed_origins]:
            faults.append(f"{DEFAULT_HANDLER} is told other origins than those of the stage")
    return faults


def _faults_of_domain(name: str, api: Mapping[str, Any], stage: Stage) -> Iterator[str]:
    wanted = None if stage.domain is None else stage.domain.name
    if api.get("Domain", {}).get("DomainName") != wanted:
        yield f"{name} has another host name than the stage's: {wanted}"


def _faults_of_preflights(name: str, paths: Mapping[str, Any], stage: Stage) -> Iterator[str]:
    for path, methods in paths.items():
        asked = methods.get(OPTIONS, {})
        answers = asked.get(INTEGRATION, {}).get("responses", {}).values()
        texts = [text for each in answers for text in each.get("responseTemplates", {}).values()]
        if not texts:
            yield f"{name} does not answer a browser that asks for {path}: no page could call it"
        elif "security" in asked:
            yield f"{name} asks a browser for a token before it may ask for {path}"
        for text in texts:
            if '"*"' in text or any(f'"{each}"' not in text for each in stage.allowed_origins):
                yield f"{name} allows other origins at {path} than the stage's"


def _faults_of_refusals(name: str, responses: Mapping[str, Any]) -> Iterator[str]:
    for kind, response in responses.items():
        if f"gatewayresponse.header.{ALLOW_ORIGIN}" not in response["responseParameters"]:
            yield f"{name} refuses as {kind} without saying so to a page, which sees no answer"
