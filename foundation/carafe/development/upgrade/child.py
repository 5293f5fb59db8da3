"""Calls functions of a wheel, in a process of their own."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from .errors import UpgradeFailed

SANDBOX = Path(__file__).parent / "sandbox.py"
PROTOCOL = "carafe.development.upgrade.protocol"

# All that the process gets of the environment: no setting of the service is among it.
INHERITED = ("PATH", "LANG", "LC_ALL", "TMPDIR")

LONGEST_SECONDS = 300


def call(
    python: Path,
    unpacked: Path,
    function: str,
    **values: object,
) -> Any:  # noqa: ANN401 - what the function returns
    """Call a function of the protocol in an unpacked wheel, and return its result.

    Args:
        python: the interpreter of an environment that has what the foundation needs.
        unpacked: the wheel's files.
        function: its name.
        values: its argument, as JSON.

    Raises:
        UpgradeFailed: it raised; the message is the last line of the traceback.
    """
    try:
        result = subprocess.run(  # noqa: S603 - this module's own program
            [str(python), "-I", str(SANDBOX), str(unpacked), PROTOCOL, function],
            cwd=unpacked,
            env={name: os.environ[name] for name in INHERITED if name in os.environ},
            input=json.dumps(values),
            capture_output=True,
            text=True,
            timeout=LONGEST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise UpgradeFailed(f"{function} did not end within {LONGEST_SECONDS} s") from None
    if result.returncode != 0:
        lines = result.stderr.strip().splitlines() or [f"exit code {result.returncode}"]
        raise UpgradeFailed(lines[-1])
    return json.loads(result.stdout)
