"""Prints a template in SAM's form as CloudFormation transforms it, for tests and for reading.

Run by hand, with the packages of tools.txt on the import path:
`python -m carafe.development.deployment.transform build/prod/sam.json`.
"""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PARAMETERS = {
    "VpcId": "vpc-1",
    "SubnetIds": "subnet-1,subnet-2",
    "AlarmEmail": "",
    "InboxConnected": "true",
    "ReserveConcurrency": "true",
}
CODE = "s3://bucket/deployment.zip"


class NoManagedPolicies:
    """AWS's managed policies, of which the template uses none."""

    def load(self) -> dict[str, str]:
        """Return no policies."""
        return {}


def transform_template(template: dict[str, Any], parameters: Mapping[str, str] = PARAMETERS) -> Any:  # noqa: ANN401 - a template
    """Return the template as CloudFormation transforms it, with these parameters."""
    from samtranslator.translator.transform import transform  # noqa: PLC0415 - see above

    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = CODE
    return transform(template, {**PARAMETERS, **parameters}, NoManagedPolicies())


def main() -> None:
    """Transform the file named on the command line."""
    os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
    print(json.dumps(transform_template(json.loads(Path(sys.argv[1]).read_text())), indent=1))


if __name__ == "__main__":
    main()
