"""The context with which AWS Lambda calls a function."""

import time
import uuid

FUNCTION_TIMEOUT_SECONDS = 10


class LambdaContext:
    """The part of Lambda's context that functions use.

    Args:
        function: the function's name.
        timeout_seconds: the time after which Lambda would stop the function.
    """

    def __init__(self, function: str, timeout_seconds: float = FUNCTION_TIMEOUT_SECONDS) -> None:
        self.function_name = function
        self.aws_request_id = str(uuid.uuid4())
        self._deadline = time.monotonic() + timeout_seconds

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds left."""
        return max(0, int((self._deadline - time.monotonic()) * 1000))
