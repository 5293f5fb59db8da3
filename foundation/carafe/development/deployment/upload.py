"""Code and template in S3, from where CloudFormation takes them: above 51,200 bytes it must."""

import hashlib
import json
from pathlib import Path

from botocore.exceptions import ClientError

from .account import client, code_of
from .errors import DeploymentFailed
from .package import TEMPLATE
from .resources import of_type

FUNCTION = "AWS::Serverless::Function"
OURS_ALREADY = "BucketAlreadyOwnedByYou"
NOT_FOUND = ("404", "NoSuchBucket")
DEFAULT_REGION = "us-east-1"
"""Where a bucket has no constraint."""


def default_bucket(account: str, region: str) -> str:
    """Return the name of the bucket for the code of all services in an account and region."""
    return f"carafe-{account}-{region}"


class Bucket:
    """A bucket of the account for code and templates.

    Args:
        name: its name.
        account: who must own it; somebody else may have taken the name.
        region: where it is made.
    """

    def __init__(self, name: str, account: str, region: str) -> None:
        self.name = name
        self._owner = {"Bucket": name, "ExpectedBucketOwner": account}
        self._region = region
        self._s3 = client("s3")

    def create(self) -> bool:
        """Make it, private and encrypted as all new buckets are, and return whether it was missing.

        Raises:
            DeploymentFailed: somebody else has the name.
        """
        try:
            self._s3.head_bucket(**self._owner)
        except ClientError as error:
            if code_of(error) not in NOT_FOUND:
                raise DeploymentFailed(
                    f"the bucket {self.name} cannot be used ({code_of(error)}): name one of this "
                    "account with --bucket"
                ) from None
        else:
            return False
        elsewhere = self._region != DEFAULT_REGION
        place = {"CreateBucketConfiguration": {"LocationConstraint": self._region}}
        self._s3.create_bucket(Bucket=self.name, **(place if elsewhere else {}))
        return True

    def put(self, folder: str, name: str, content: bytes) -> str:
        """Store a file under the digest of its content, and return its key."""
        digest = hashlib.sha256(content).hexdigest()[:16]
        path = Path(name)
        key = f"{folder}/{path.stem}-{digest}{path.suffix}"
        self._s3.put_object(**self._owner, Key=key, Body=content)
        return key

    def url(self, key: str) -> str:
        """Return an address that CloudFormation reads."""
        return f"https://{self.name}.s3.{self._region}.amazonaws.com/{key}"


def upload(package: Path, bucket: Bucket, stack: str) -> str:
    """Upload a package, as `aws cloudformation package` does, and return the template's address.

    Args:
        package: the folder with template and code.
        bucket: takes them.
        stack: the stack's name, for the folder in the bucket.
    """
    template = json.loads((package / TEMPLATE).read_text())
    keys: dict[str, str] = {}
    for _, function in of_type(template["Resources"], FUNCTION):
        name = Path(function["CodeUri"]).name
        if name not in keys:
            keys[name] = bucket.put(stack, name, (package / name).read_bytes())
        function["CodeUri"] = {"Bucket": bucket.name, "Key": keys[name]}
    # Without spaces it is a third smaller; it is for CloudFormation.
    content = json.dumps(template, separators=(",", ":")).encode()
    return bucket.url(bucket.put(stack, TEMPLATE, content))
