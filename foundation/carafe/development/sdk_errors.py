"""What boto3 raises when a call fails."""

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    PartialCredentialsError,
)
from botocore.parsers import ResponseParserError

NO_CREDENTIALS = (NoCredentialsError, PartialCredentialsError)
NO_CREDENTIALS_ADVICE = (
    "no credentials for AWS: `aws sso login`, or set AWS_PROFILE or AWS_ACCESS_KEY_ID"
)

NO_ANSWER = (BotoCoreError, ResponseParserError)
"""There was no answer, or none that AWS would give: something else listens at the address."""

SDK_ERRORS = (ClientError, *NO_ANSWER)
"""AWS refuses the call, or there was no answer."""
