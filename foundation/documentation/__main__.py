"""`python -m documentation`: builds the site, and checks what was built."""

import argparse
import logging
import os
import sys
import time
from pathlib import Path

# Said by the theme on each build: what may become of another major version.
os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")

from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.exceptions import MkDocsException

from . import CONFIGURATION, built


def main() -> int:
    """Build and check; return the exit code."""
    parser = argparse.ArgumentParser(prog="documentation", description=__doc__)
    parser.add_argument("--into", type=Path, help="the folder; build/site by default")
    arguments = parser.parse_args()
    began = time.monotonic()
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s")
    place = {"site_dir": str(arguments.into)} if arguments.into else {}
    try:
        config = load_config(str(CONFIGURATION), strict=True, **place)
        config.plugins.on_startup(command="build", dirty=False)
        build(config)
        config.plugins.on_shutdown()
    except (MkDocsException, ValueError) as error:
        return _refused([str(error)])
    site = Path(config.site_dir)
    if faults := built.faults(site):
        return _refused(faults)
    print(f"{site} has {len(list(site.rglob('*.html')))} pages ({time.monotonic() - began:.0f} s)")
    return 0


def _refused(faults: list[str]) -> int:
    for fault in faults:
        print(f"error: {fault}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
