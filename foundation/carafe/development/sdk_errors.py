"""What boto3 raises when a call fails."""

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

NO_ANSWER = (BotoCoreError, ResponseParserError)
"""There was no answer, or none that AWS would give: something else listens at the address."""

SDK_ERRORS = (ClientError, *NO_ANSWER)
"""AWS refuses the call, or there was no answer."""
