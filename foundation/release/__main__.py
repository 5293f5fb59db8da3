"""`python -m release`: checks the commit, builds it, and writes `dist/`."""

import argparse
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path

from . import bill_of_materials, changelog, compatibility, document, links, versions
from .checkout import Checkout, NotReleased
from .compatibility import KEPT, WHEELS, Release
from .distributions import SUMS, build, sums
from .surface import Code

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Make a release; return the exit code."""
    parser = argparse.ArgumentParser(prog="release", description=__doc__)
    parser.add_argument("--tag", help="of the release, if there is one: v and the version")
    arguments = parser.parse_args()
    try:
        checkout = Checkout(ROOT)
        checkout.require_clean()
        with tempfile.TemporaryDirectory(prefix="release-") as folder:
            return _release(checkout, Path(folder), arguments.tag or None)
    except NotReleased as error:
        return _refused([str(error)])


def _release(checkout: Checkout, folder: Path, tag: str | None) -> int:
    tree = checkout.export(folder / "tree")
    version = versions.version_of(tree)
    print(f"carafe-foundation {version}")
    surface, code = document.surface_of(tree), Code(tree)
    now = Release.of(version, code, surface)
    checks: dict[str, Callable[[], list[str]]] = {
        "versions": lambda: versions.faults(tree, tag),
        "changelog": lambda: changelog.faults(tree, version),
        "links": lambda: links.faults(tree),
        "public surface": lambda: code.faults(surface),
        "compatibility": lambda: _compatibility(tree, now),
    }
    faults = [fault for name, check in checks.items() for fault in _checked(name, check)]
    if faults:
        return _refused(faults)
    _say("build, twice")
    built = build(checkout.export, folder / "build", checkout.commit_time)
    print("ok")
    files = _files(tree, built, checkout.commit_time, now)
    _write(files, built, checkout.root / "dist")
    print(
        f"dist/ has {', '.join(sorted(path.name for path in (checkout.root / 'dist').iterdir()))}"
    )
    print("When it is published, commit what the next version is held against:")
    print(f"  cp dist/{_surface(version)} {KEPT}")
    print(f"  cp dist/*-{version}-*.whl {WHEELS}")
    return 0


def _checked(name: str, check: Callable[[], list[str]]) -> list[str]:
    _say(name)
    faults = check()
    print(f"{len(faults)} to mend" if faults else "ok")
    return faults


def _compatibility(tree: Path, now: Release) -> list[str]:
    last = Release.last(tree)
    if last is None:
        print("first release, ", end="")
        return []
    print(f"since {last.version}, ", end="")
    return compatibility.faults(tree, last, now)


def _files(tree: Path, built: list[Path], commit_time: int, now: Release) -> dict[str, str]:
    """Return the texts that stand beside wheel and sdist."""
    project = tomllib.loads((tree / "foundation/pyproject.toml").read_text("utf-8"))["project"]
    extra = project["optional-dependencies"][bill_of_materials.EXTRA]
    pins = (tree / "constraints.txt").read_text("utf-8")
    materials = bill_of_materials.text(built, project["dependencies"] + extra, pins, commit_time)
    return {
        f"carafe_foundation-{now.version}.cdx.json": materials,
        _surface(now.version): now.text(),
    }


def _write(texts: dict[str, str], built: list[Path], dist: Path) -> None:
    """Replace `dist/` by what was made, with the sums of all files."""
    made = Path(tempfile.mkdtemp(dir=dist.parent, prefix=".dist-"))
    for path in built:
        shutil.copyfile(path, made / path.name)
    for name, text in texts.items():
        (made / name).write_text(text, encoding="utf-8")
    (made / SUMS).write_text(sums(list(made.iterdir())))
    made.chmod(0o755)
    shutil.rmtree(dist, ignore_errors=True)
    made.rename(dist)


def _surface(version: str) -> str:
    return f"public_surface-{version}.json"


def _say(step: str) -> None:
    print(f"  {step} ... ", end="", flush=True)


def _refused(faults: list[str]) -> int:
    """Report why nothing was made; return the exit code."""
    for fault in faults:
        print(f"error: {fault}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
