"""Workflows of a forge, read as an attacker would."""

import subprocess
import sysconfig
from pathlib import Path

ZIZMOR = Path(sysconfig.get_path("scripts")) / "zizmor"


def audited(path: Path) -> "subprocess.CompletedProcess[str]":
    """Return what zizmor finds in a file or folder; its exit code is not 0 if there is any."""
    return subprocess.run(
        [ZIZMOR, "--offline", "--persona", "pedantic", "--format", "plain", str(path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
