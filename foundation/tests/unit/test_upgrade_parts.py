"""The parts of an upgrade: pins, versions, the changelog, and the process of a wheel's own code."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from carafe.development.new.files import write
from carafe.development.new.identity import Identity
from carafe.development.new.origin import NotRemembered, Origin, read_table
from carafe.development.upgrade.changelog import changes_between
from carafe.development.upgrade.child import call
from carafe.development.upgrade.errors import UpgradeFailed
from carafe.development.upgrade.mods import Mod, ServiceTree
from carafe.development.upgrade.mods.selection import announced
from carafe.development.upgrade.requirements import index_options, move_pins, pinned_version
from carafe.development.upgrade.versions import is_upgrade, parsed, require_command_for
from carafe.development.upgrade.wheels import IN_SERVICE, fetch
from tests.support.places import FOUNDATION

LENDING = Identity("Lending Desk", "lending", 8123)

OLD, NEW = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"


def _pins(folder: Path, **texts: str) -> Path:
    for name, text in texts.items():
        (folder / f"{name.replace('_', '-')}.txt").write_bytes(text.encode())
    return folder


@pytest.mark.parametrize(
    ("text", "moved"),
    [
        ("carafe-foundation[service]==1.0.0\n", "carafe-foundation[service]==1.1.0\n"),
        (
            "a==1.0.0\nCarafe_Foundation == 1.0.0 # x\n",
            "a==1.0.0\nCarafe_Foundation == 1.1.0 # x\n",
        ),
        ("carafe-foundation==1.0.0\r\nb==1\r\n", "carafe-foundation==1.1.0\r\nb==1\r\n"),
        (
            f"carafe-foundation==1.0.0 \\\n --hash={OLD} \\\n --hash={OLD}\nb==1 --hash={OLD}\n",
            f"carafe-foundation==1.1.0 \\\n --hash={NEW}\nb==1 --hash={OLD}\n",
        ),
        ('carafe-foundation==1.0.0; os_name=="x"', 'carafe-foundation==1.1.0; os_name=="x"'),
    ],
)
def test_a_pin_is_moved_and_nothing_else(tmp_path: Path, text: str, moved: str) -> None:
    root = _pins(tmp_path, requirements=text)
    assert pinned_version(root) == "1.0.0"
    move_pins(root, "1.1.0", "b" * 64)
    assert (root / "requirements.txt").read_bytes().decode() == moved


@pytest.mark.parametrize(
    ("texts", "reason"),
    [
        ({"requirements": "carafe-foundation @ git+https://host\n"}, "without a version"),
        ({"requirements": "carafe-foundation>=1\n"}, "without a version"),
        ({"requirements": "other==1\n"}, "no requirements"),
        ({}, "no requirements"),
        (
            {
                "requirements": "carafe-foundation==1\n",
                "requirements_dev": "carafe-foundation==2\n",
            },
            r"requirements.txt 1 and requirements-dev.txt 2",
        ),
    ],
)
def test_a_service_without_one_pinned_version_is_told(
    tmp_path: Path, texts: dict[str, str], reason: str
) -> None:
    with pytest.raises(UpgradeFailed, match=reason):
        pinned_version(_pins(tmp_path, **texts))


def test_pip_looks_where_the_service_says(tmp_path: Path) -> None:
    text = "--find-links wheels\n--index-url=https://host/simple\nb==1\n-f more # no option\n"
    options = index_options(_pins(tmp_path, requirements=text))
    assert options == ["--find-links", "wheels", "--index-url", "https://host/simple"]


CHANGELOG = """\
# Changelog

## [Unreleased]
- later

## [1.2.0] - 2027-03-01
- two

## [1.1.0] - 2027-02-01

### Added
- one

## [1.0.0] - 2027-01-01
- the first

[1.0.0]: https://host/compare
"""


def test_the_changes_are_those_after_the_present_version_up_to_the_target() -> None:
    one = "## [1.1.0] - 2027-02-01\n\n### Added\n- one"
    two = "## [1.2.0] - 2027-03-01\n- two"
    assert changes_between(CHANGELOG, "1.0.0", "1.1.0") == one
    assert changes_between(CHANGELOG, "1.0.0", "1.2.0") == f"{two}\n\n{one}"
    assert changes_between(CHANGELOG, "0.9.0", "1.0.0") == "## [1.0.0] - 2027-01-01\n- the first"
    assert "says nothing" in changes_between(CHANGELOG, "1.2.0", "1.3.0")


def test_versions_are_compared_as_pip_does() -> None:
    assert is_upgrade("1.9.0", "1.10.0")
    assert is_upgrade("1.0.0rc1", "1.0.0")
    assert not is_upgrade("1.0", "1.0.0")
    with pytest.raises(UpgradeFailed, match=r"has 1\.10\.0, which is newer than 1\.9\.0"):
        is_upgrade("1.10.0", "1.9.0")
    with pytest.raises(UpgradeFailed, match="'latest' is no version"):
        parsed("latest")
    require_command_for("1.0.0", "1.0.0")
    with pytest.raises(
        UpgradeFailed, match=r"needs carafe-foundation 1\.1\.0, and this command is"
    ):
        require_command_for("1.1.0", "1.0.0")


def test_a_version_may_be_written_shorter_than_the_wheels(tmp_path: Path) -> None:
    wheel = tmp_path / IN_SERVICE / "carafe_foundation-1.1.0-py3-none-any.whl"
    wheel.parent.mkdir()
    wheel.touch()
    assert fetch(tmp_path, "1.1", tmp_path).path == wheel


def test_mods_are_those_after_the_present_version_up_to_the_target() -> None:
    mods = [Mod(version, "", lambda _: None) for version in ("1.0.0", "1.1.0", "1.2.0", "1.10.0")]
    versions = [mod.version for mod in announced(mods, "1.0.0", "1.2.0")]
    assert versions == ["1.1.0", "1.2.0"]


def test_a_tree_is_read_and_written_within_the_service(tmp_path: Path) -> None:
    for name in ("app.py", "tests/test_a.py", ".venv/lib/b.py", "README.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x\n")
    tree = ServiceTree(tmp_path)
    assert tree.paths() == ["app.py", "tests/test_a.py"]
    assert tree.paths("*.md") == ["README.md"]
    tree.write("app.py", "x\n")
    assert tree.changed == set()
    tree.write("app.py", "y\n")
    tree.write("new/b.py", "z\n")
    tree.remove("README.md")
    assert tree.changed == {"app.py", "new/b.py", "README.md"}
    with pytest.raises(ValueError, match="outside"):
        tree.write("../b.py", "")


def test_a_service_remembers_what_it_was_made_with(tmp_path: Path) -> None:
    origin = Origin(LENDING)
    write(origin.files(), tmp_path)
    assert Origin.remembered(read_table(tmp_path)) == origin
    sample = Origin(LENDING, sample=True)
    write({"pyproject.toml": sample.files()["pyproject.toml"]}, tmp_path)
    assert Origin.remembered(read_table(tmp_path)) == sample


@pytest.mark.parametrize("text", ["", "[tool.carafe]\nversion = '1.0.0'\n", "[tool", "tool = 1"])
def test_a_service_that_does_not_remember_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(NotRemembered, match="does not say what the service was made with"):
        read_table(tmp_path)


# The process of a wheel's own code


def _wheel(folder: Path, body: str) -> Path:
    """Return an unpacked wheel whose protocol is one function."""
    package = folder / "carafe/development/upgrade"
    package.mkdir(parents=True)
    for each in (package, package.parent, package.parent.parent):
        (each / "__init__.py").touch()
    text = f"import os, socket, subprocess\ndef probe(values):\n    {body}\n"
    (package / "protocol.py").write_text(text)
    return folder


def test_the_code_is_the_wheels_own_with_the_environments_packages(tmp_path: Path) -> None:
    body = "import msgspec; print('noise'); return [__file__, values['one']]"
    wheel = _wheel(tmp_path, body)
    expected = [str(wheel / "carafe/development/upgrade/protocol.py"), 1]
    assert call(Path(sys.executable), wheel, "probe", one=1) == expected


@pytest.mark.parametrize(
    "body",
    [
        "socket.create_connection(('127.0.0.1', 9))",
        "socket.socket().connect(('127.0.0.1', 9))",
        "socket.getaddrinfo('localhost', 80)",
        "subprocess.run(['true'])",
        "os.system('true')",
        "os.posix_spawn('/bin/true', ['true'], {})",
        "os.fork()",
    ],
)
def test_it_reaches_no_network_and_no_program(tmp_path: Path, body: str) -> None:
    with pytest.raises(UpgradeFailed, match="an upgrade's code uses no network and no program"):
        call(Path(sys.executable), _wheel(tmp_path, body), "probe")


def test_it_knows_no_setting_of_the_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONGO_URI", "mongodb://user:password@host")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    known = call(Path(sys.executable), _wheel(tmp_path, "return dict(os.environ)"), "probe")
    assert known.keys() <= {"PATH", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR"}
    assert known["PATH"] == os.environ["PATH"]


def test_what_another_version_calls_needs_little_of_its_environment() -> None:
    """The command of an older version renders these templates with the packages that it has."""
    code = (
        "import sys; import carafe.development.upgrade.protocol; "
        "print(*{name.partition('.')[0] for name in sys.modules} - set(sys.stdlib_module_names))"
    )
    result = subprocess.run(
        [sys.executable, "-P", "-c", code],
        cwd=FOUNDATION,
        capture_output=True,
        text=True,
        check=True,
    )
    third_party = {name for name in result.stdout.split() if not name.startswith("_")}
    assert third_party - {"carafe", "sitecustomize"} <= {"jinja2", "markupsafe", "packaging"}
