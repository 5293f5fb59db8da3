"""A real browser without a window: the machine's Chromium, or Debian's, unpacked."""

import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from carafe.development.servers.debian_packages import fetch_debian_package
from carafe.development.servers.errors import MissingPart

ADVICE = "run `sudo apt-get install chromium`"
TIMEOUT_SECONDS = 120

# No sandbox: it needs rights that containers lack, and only our own pages are opened. The rest
# keeps the browser from asking for anything outside this machine.
OPTIONS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-sync",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]

# Unpacked fonts lie where the machine's own configuration does not look.
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>/usr/share/fonts</dir><dir>{root}/usr/share/fonts</dir></fontconfig>
"""


@dataclass(frozen=True)
class Chromium:
    """A browser that opens one page, and ends when it has loaded.

    Attributes:
        program: to be run.
        environment: that it needs beside the process's own.
    """

    program: Path
    environment: Mapping[str, str]

    def open(self, url: str, *options: str) -> str:
        """Open a page, wait until all of it has loaded, and return it as HTML.

        Raises:
            RuntimeError: the browser failed.
            TimeoutExpired: the page did not load in two minutes.
        """
        with tempfile.TemporaryDirectory(prefix="chromium-") as profile:
            command = [str(self.program), *OPTIONS, f"--user-data-dir={profile}", *options]
            result = subprocess.run(
                [*command, "--dump-dom", url],
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=TIMEOUT_SECONDS,
                check=False,
            )
        if result.returncode != 0:
            last = result.stderr.strip().splitlines()[-1:]
            raise RuntimeError(f"Chromium ended with {result.returncode}: {last}")
        return result.stdout


def find_chromium() -> Chromium:
    """Return the machine's browser, or fetch one.

    Raises:
        MissingPart: there is none, and it could not be fetched.
    """
    installed = shutil.which("chromium") or shutil.which("google-chrome")
    return Chromium(Path(installed), {}) if installed else _fetched()


def _fetched() -> Chromium:
    root = fetch_debian_package("chromium", ADVICE, print, threading.Event())
    program = root / "usr/lib/chromium/chromium"
    if not program.exists():  # Ubuntu's package of that name only points to a snap
        raise MissingPart(f"{root} holds no browser: {ADVICE}, or install Google Chrome.")
    folders = {str(path.parent) for path in (root / "usr/lib").rglob("*.so*")}
    fonts = root / "fonts.conf"
    fonts.write_text(FONTS.format(root=root))
    return Chromium(
        program,
        {"LD_LIBRARY_PATH": ":".join(sorted(folders)), "FONTCONFIG_FILE": str(fonts)},
    )
