"""Mermaid and its browser, fetched once; what cannot be had is told in one line."""

import subprocess
from pathlib import Path

import pytest

from carafe.development.servers import debian_packages
from carafe.development.servers.errors import MissingPart
from tests.support import chromium, mermaid
from tests.support.nodejs import NPM

OTHER_CONTENT = """#!/bin/sh
# Plays npm: "packs" something else under the right name.
echo changed > mermaid-{version}.tgz
"""


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty machine: no program but those that the test puts here."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(mermaid, "CACHE", tmp_path / "npm")
    monkeypatch.setattr(debian_packages, "FOLDER", tmp_path / "debian")
    return folder


@pytest.mark.usefixtures("programs")
def test_npm_needs_nothing_of_the_machine() -> None:
    subprocess.run([*NPM, "--version"], check=True)


def test_another_mermaid_than_the_pinned_one_is_refused(
    programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _install_npm(programs, OTHER_CONTENT.format(version=mermaid.VERSION), monkeypatch)
    with pytest.raises(MissingPart, match="another mermaid"):
        mermaid.mermaid_script()
    assert not mermaid.CACHE.exists()


def test_a_failing_npm_is_told(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _install_npm(programs, "#!/bin/sh\nexit 1\n", monkeypatch)
    with pytest.raises(MissingPart, match="npm could not fetch mermaid"):
        mermaid.mermaid_script()


@pytest.mark.usefixtures("programs")
def test_without_a_browser_it_says_what_to_install() -> None:
    with pytest.raises(MissingPart, match="run `sudo apt-get install chromium`"):
        chromium.find_chromium()


def _install_npm(programs: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    npm = programs / "npm"
    npm.write_text(script)
    npm.chmod(0o755)
    monkeypatch.setattr(mermaid, "NPM", (str(npm),))
