"""What can go wrong between a function and a service of AWS.

AwsError
├── AwsNotConfigured   the environment names no region, credentials or valid endpoint
├── AwsUnreachable     refused, too slow, cut off or unreadable; whether AWS acted is unknown
└── AwsRefusal         AWS answered with an error
"""


class AwsError(Exception):
    """A call to AWS failed; messages hold no address, body or credentials.

    Args:
        message: one sentence for a person.
        code: AWS's own name of the error, or the reason why there is no answer.
        is_temporary: whether a repetition may succeed.
    """

    def __init__(self, message: str, code: str, *, is_temporary: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.is_temporary = is_temporary


class AwsNotConfigured(AwsError):
    """The environment lacks what AWS Lambda sets in every function.

    Args:
        fault: names the variable, without its value.
    """

    def __init__(self, fault: str) -> None:
        super().__init__(f"{fault}.", "NotConfigured")


class AwsUnreachable(AwsError):
    """There is no usable answer; whether AWS acted is unknown.

    Args:
        service: its name for the message.
        reason: the class of the failure, or a word for it.
    """

    def __init__(self, service: str, reason: str) -> None:
        super().__init__(f"{service} cannot be reached ({reason}).", reason, is_temporary=True)


class AwsRefusal(AwsError):
    """AWS answered with an error.

    Args:
        service: its name for the message.
        code: AWS's own name of the error.
        is_temporary: whether a repetition may succeed.
    """

    def __init__(self, service: str, code: str, *, is_temporary: bool) -> None:
        super().__init__(f"{service} refused the call ({code}).", code, is_temporary=is_temporary)


def reason_of(error: Exception) -> str:
    """Return why a call failed, in a word for a log line: it quotes nothing that was sent."""
    return error.code if isinstance(error, AwsError) else type(error).__name__
