"""A copy of both houses in which mutmut works.

- `service`: the service;
- `service/foundation`: the foundation with its tests, whose mutated files mutmut replaces;
- `work`: where mutmut runs, with its configuration, what it mutates, and `mutants`, a link to the
  foundation.
"""

import shutil
from pathlib import Path

from .modules import Module
from .undecorated import undecorated

FOUNDATION = Path(__file__).parents[1]

LEFT_OUT = shutil.ignore_patterns(
    *(".git", ".venv", ".local", ".env", "build", "dist", "__pycache__", ".*_cache", ".hypothesis")
)

CONFIGURATION = """\
[mutmut]
source_paths =
    carafe
pytest_add_cli_args =
    -p
    mutation.pytest_plugin
    -p
    no:cacheprovider
    -p
    no:xdist
    --timeout
    30
pytest_add_cli_args_test_selection =
{tests}
do_not_mutate_patterns =
    \\blog\\.\\w+\\(
timeout_multiplier = 3
timeout_constant = 10
use_git_change_detection = false
"""
"""What a log says is for people: its text is not mutated."""


def prepared(folder: Path, module: Module) -> Path:
    """Make the copy, and return the folder where mutmut runs."""
    service, work = folder / "service", folder / "work"
    shutil.copytree(FOUNDATION.parent, service, ignore=LEFT_OUT)
    work.mkdir()
    (work / "mutants").symlink_to(service / "foundation")
    for name in module.files:
        _put_into(work / name, name)
        (service / "foundation" / name).unlink()  # mutmut must write it
    tests = "\n".join(f"    tests/{each}" for each in module.tests)
    (work / "setup.cfg").write_text(CONFIGURATION.format(tests=tests), encoding="utf-8")
    return work


def _put_into(path: Path, name: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    source = (FOUNDATION / name).read_text(encoding="utf-8")
    path.write_text(undecorated(source), encoding="utf-8")
