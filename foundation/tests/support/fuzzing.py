"""Schemathesis: requests made up from the OpenAPI document, right and wrong ones, and checks."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

_RUN = "import sys; from schemathesis.cli import schemathesis; sys.exit(schemathesis())"
_SETTINGS = Path(__file__).with_name("schemathesis.toml")


def fuzz(url: str, headers: Mapping[str, str], seconds: int, seed: int | None = None) -> str:
    """Try every operation in every way that is known, and return what was found.

    Args:
        url: of the service.
        headers: sent with every request, the access token for one.
        seconds: it may take; the systematic part is done in any case.
        seed: for the same requests once more.

    Returns:
        Nothing when all is well; else the report.
    """
    options = [f"--header={name}: {value}" for name, value in headers.items()]
    result = subprocess.run(
        [sys.executable, "-c", _RUN, f"--config-file={_SETTINGS}", "run", f"{url}/openapi.json"]
        + [f"--url={url}", f"--max-time={seconds}", "--no-color", *options]
        + ([] if seed is None else [f"--seed={seed}"]),
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "100"},
    )
    print(result.stdout)  # noqa: T201 - pytest shows it with -s
    return result.stdout + result.stderr if result.returncode else ""
