"""The code of the platform's function, as one module: it stands in the template itself."""

import re
from pathlib import Path

HERE = Path(__file__).parent
MODULES = ("administration.py", "access.py", "function.py")

_OWN_IMPORT = re.compile(r"^from carafe\..* import (?:\([^)]*\)|[^(\n]*)\n", re.MULTILINE)


def function_code() -> str:
    """Return the module `index`, whose `handler` Lambda calls."""
    sources = [(HERE / name).read_text() for name in MODULES]
    return "\n\n".join(_OWN_IMPORT.sub("", source) for source in sources)
