"""Runs commands in this process."""

import contextlib
import os
from pathlib import Path
from typing import Any
from unittest.mock import patch

from click.testing import CliRunner, Result


class CommandRunner(CliRunner):
    """Leaves the process as it was: a command changes to the service's folder, and reads `.env`."""

    def invoke(self, *arguments: Any, **options: Any) -> Result:  # noqa: ANN401 - as in click
        """Run a command, and return how it ended."""
        with patch.dict(os.environ), contextlib.chdir(Path.cwd()):
            return super().invoke(*arguments, **options)
