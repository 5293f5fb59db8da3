"""Makes what a stage's deployment takes: `sam.json` and `deployment.zip`."""

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from carafe.development.project import Project
from carafe.development.servers.folder_lock import locked

from . import archive, checks
from .downloads import run_downloading
from .errors import PackagingFailed, TemplateUnsafe
from .stages import Stage, read_stage
from .template import extras
from .template.naming import handlers
from .workspace import copied, left_out

TEMPLATE = "sam.json"
CODE = "deployment.zip"
DEFAULT_REGION = "us-east-1"
REASON_LENGTH = 300

# It has no module to run by name, and its script may lie anywhere.
CHALICE = "import sys; from chalice.cli import main; sys.exit(main())"

# Chalice says the first, and goes on; the second ends it.
DEPENDENCIES_MISSING = "Could not install dependencies"
NO_SUCH_PACKAGE = "Could not satisfy the requirement"

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Package:
    """What was made.

    Attributes:
        folder: with template and code.
        functions: memory and timeout of each, as text, by name in AWS.
        source_bytes: size of the code without bytecode.
        code_bytes: size of the code as it is deployed.
    """

    folder: Path
    functions: dict[str, str]
    source_bytes: int
    code_bytes: int


def make(project: Project, stage_name: str, folder: Path, tell: Tell) -> Package:
    """Make a stage's package; what was in the folder is replaced, or stays if this fails.

    Args:
        project: the service.
        stage_name: in `.chalice/config.json`.
        folder: where the package shall be.
        tell: told what takes long.

    Raises:
        UnknownStage: there is no such stage.
        PackagingFailed: the package could not be made, or is too large.
        TemplateUnsafe: the template breaks a rule.
    """
    stage = read_stage(stage_name, project)
    work = project.root / "build" / "package"
    work.mkdir(parents=True, exist_ok=True)
    with locked(work), tempfile.TemporaryDirectory(dir=work) as temporary:
        made = Path(temporary) / "made"
        tell("collecting the code and what requirements.txt names")
        for path in left_out(project.root):
            tell(f"left out, since functions get modules alone: {path}")
        _run_chalice(project, stage, copied(project.root, work / "project"), made)
        template = _read_template(made)
        tell("checking the template")
        if faults := checks.faults(template, project.service):
            raise TemplateUnsafe(faults)
        source_bytes = _without_rest(made / CODE, Path(temporary) / "code")
        tell("compiling")
        archive.compile_all(Path(temporary) / "code")
        archive.pack(Path(temporary) / "code", made / CODE)
        put(made, folder)
    code_bytes = (folder / CODE).stat().st_size
    return Package(folder, _functions(template), source_bytes, code_bytes)


def _run_chalice(project: Project, stage: Stage, copy: Path, made: Path) -> None:
    app = project.app
    if unknown := [each for each in handlers(app) if each not in stage.timeouts]:
        raise PackagingFailed(
            f"{', '.join(unknown)}: no lambda_timeout in lambda_functions of .chalice/config.json, "
            "where each function has one, and an iam_policy_file"
        )
    merged = made.parent / "extras.json"
    merged.write_text(json.dumps(extras(app, stage)))
    options = ["--stage", stage.name, "--merge-template", str(merged), str(made)]
    command = [sys.executable, "-c", CHALICE, "--project-dir", str(copy), "package", *options]
    region = {"AWS_DEFAULT_REGION": os.environ.get("AWS_DEFAULT_REGION", DEFAULT_REGION)}
    done = run_downloading(
        command,
        "the packages of requirements.txt were",
        folder=copy,
        # Chalice would pack the bytecode that its own imports leave beside the modules.
        environment={**_plain_environment(), **region, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    said = done.stdout + done.stderr
    for sign in (DEPENDENCIES_MISSING, NO_SUCH_PACKAGE):
        if sign in said:
            raise PackagingFailed(_missing(said.partition(sign)[2]))
    if done.returncode != 0:
        last = said.strip().splitlines()[-1] if said.strip() else f"exit code {done.returncode}"
        raise PackagingFailed(f"chalice could not package: {last[:REASON_LENGTH]}")


def _missing(names: str) -> str:
    """Return which dependencies could not be had, from what Chalice says of them."""
    lines = [line.strip(": ") for line in names.splitlines() if line.strip(": ")]
    return (
        f"no wheel for Lambda could be had of {lines[0][:REASON_LENGTH] if lines else 'something'} "
        "(is the package index reachable, and is there a wheel for this Python?)"
    )


def _plain_environment() -> dict[str, str]:
    """Return this process's environment without what would lead Chalice elsewhere."""
    return {
        name: value
        for name, value in os.environ.items()
        if name not in {"AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ENDPOINT_URL", "PYTHONPATH"}
    }


def _read_template(made: Path) -> dict[str, Any]:
    template: dict[str, Any] = json.loads((made / TEMPLATE).read_text())
    return template


def _without_rest(code: Path, folder: Path) -> int:
    """Unpack what is needed of the code, and return its size in a zip of its own."""
    archive.unpack(code, folder)
    archive.pack(folder, code)
    return archive.require_small(code)


def put(made: Path, folder: Path) -> None:
    """Put the package in its place, in the place of an older one.

    That may lie on another file system: it is brought beside its place first, and then renamed.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as beside:
        shutil.move(made, Path(beside) / "new")
        if folder.exists():
            folder.rename(Path(beside) / "old")
        (Path(beside) / "new").rename(folder)


def _functions(template: Mapping[str, Any]) -> dict[str, str]:
    return {
        each["Properties"]["FunctionName"]: (
            f"{each['Properties']['MemorySize']} MB, {each['Properties']['Timeout']} s"
        )
        for each in template["Resources"].values()
        if each["Type"] == "AWS::Serverless::Function"
    }
