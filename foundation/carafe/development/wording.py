"""How numbers of things are said."""


def counted(number: int, one: str, several: str) -> str:
    """Return a number with its noun, such as `1 timer` or `2 timers`."""
    return f"{number} {one if number == 1 else several}"
