"""What goes wrong with the step between two stored forms; it can be named without the driver."""


class NoStep(Exception):
    """There is no step to write; the message says why."""
