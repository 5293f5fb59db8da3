"""Makes the package of a stage: `sam.json`, `deployment.zip` and `operations.zip`."""

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from carafe.development.project import Project
from carafe.development.servers.folder_lock import locked
from carafe.development.servers.process import Report
from carafe.development.stored_forms.commands import form_changes

from . import api_checks, archive, bounds, checks, deployer, names, rollout_checks
from .downloads import run_downloading
from .errors import DocumentsUnreadable, FunctionsUnfit, PackagingFailed, TemplateUnsafe
from .operations import add_commands
from .policies.checks import faults_in_policies
from .runtimes import this_python
from .stages import Stage, read_stage
from .template import additions, description_of
from .template.functions import OPERATIONS
from .workspace import copy_service, set_stage, undeployed_files

TEMPLATE = "sam.json"
CODE = "deployment.zip"
DEFAULT_REGION = "us-east-1"
REASON_LENGTH = 300

# Chalice has no module for `python -m`, and its script may be anywhere.
CHALICE = "import sys; from chalice.cli import main; sys.exit(main())"

# Chalice prints the first and continues; the second ends it.
DEPENDENCIES_MISSING = "Could not install dependencies"
NO_SUCH_PACKAGE = "Could not satisfy the requirement"


@dataclass(frozen=True)
class Package:
    """A stage's package.

    Attributes:
        folder: the folder with template and code.
        functions: the memory and timeout of each function, as text, by its name in AWS.
        source_bytes: the size of the code without bytecode.
        code_bytes: the size of the deployed code.
    """

    folder: Path
    functions: dict[str, str]
    source_bytes: int
    code_bytes: int


def build_package(
    project: Project,
    stage_name: str,
    folder: Path,
    report: Report,
    *,
    architecture: str | None = None,
) -> Package:
    """Make a stage's package; it replaces the folder, which stays as it is if this fails.

    Args:
        project: the service.
        stage_name: a stage of `.chalice/config.json`.
        folder: the output folder.
        report: called before each step.
        architecture: of the processors; by default, the stage's.

    Raises:
        UnknownStage: there is no such stage.
        ServiceBroken: the service cannot be loaded, or its declaration is not right.
        DocumentsUnreadable: the stored forms do not fit the released ones.
        FunctionsUnfit: functions lack configuration, or their policies are not right.
        PackagingFailed: the package could not be made, or is too large.
        TemplateUnsafe: the template breaks a rule.
    """
    this_python()  # fails where Lambda has no such Python
    stage = read_stage(stage_name, project)
    stage = replace(stage, architecture=architecture or stage.architecture)
    project.require_sound()
    changes = form_changes(project)
    if changes.breaks:
        raise DocumentsUnreadable(changes.breaks)
    for remark in changes.remarks:
        report(f"`carafe database check` says: {remark}")
    if faults := faults_in_policies(project.root, project.app, stage):
        raise FunctionsUnfit(faults)
    work = project.root / "build" / "package"
    work.mkdir(parents=True, exist_ok=True)
    with locked(work), tempfile.TemporaryDirectory(dir=work) as temporary:
        output = Path(temporary) / "output"
        report("collecting the code and the packages of requirements.txt")
        for path in undeployed_files(project.root):
            report(f"not deployed, because functions get only modules: {path}")
        _run_chalice(project, stage, copy_service(project.root, work / "project"), output)
        template = _read_template(output)
        report("checking the template")
        faults = faults_in(template, project, stage)
        if faults:
            raise TemplateUnsafe(faults)
        _write_deployer(template, stage, output, report)
        report("compiling")
        source_bytes = _compile(project.root, output, Path(temporary))
        replace_folder(folder, output)
    code_bytes = (folder / CODE).stat().st_size
    return Package(folder, _functions(template), source_bytes, code_bytes)


def faults_in(template: Mapping[str, Any], project: Project, stage: Stage) -> list[str]:
    """Return which rules a stage's template breaks, one sentence for each.

    Args:
        template: in SAM's form.
        project: the service.
        stage: which it is for.
    """
    return [
        *checks.faults_in(template, project.service, stage),
        *bounds.faults_in(template, stage),
        *names.faults_in(template, stage),
        *rollout_checks.faults_in(template, stage),
        *api_checks.faults_in(template, stage),
    ]


def require_package(folder: Path, stage: Stage) -> Path:
    """Return the folder of a stage's package that was made before.

    Raises:
        PackagingFailed: there is none of this stage in it.
    """
    try:
        template = json.loads((folder / TEMPLATE).read_text())
    except (OSError, ValueError):
        template = {}
    if template.get("Description") != description_of(stage):
        raise PackagingFailed(
            f"{folder} is no package of {description_of(stage)}: `carafe package --stage "
            f"{stage.name} --into {folder}` makes one"
        )
    return folder


def _run_chalice(project: Project, stage: Stage, copy: Path, output: Path) -> None:
    merged = output.parent / "additions.json"
    merged.write_text(json.dumps(additions(project.app, stage)))
    options = ["--stage", stage.name, "--merge-template", str(merged), str(output)]
    set_stage(copy, stage)
    command = [sys.executable, "-c", CHALICE, "--project-dir", str(copy), "package", *options]
    region = {"AWS_DEFAULT_REGION": os.environ.get("AWS_DEFAULT_REGION", DEFAULT_REGION)}
    result = run_downloading(
        command,
        "the packages of requirements.txt",
        folder=copy,
        # Chalice would pack the bytecode that its own imports write.
        environment={**_plain_environment(), **region, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    messages = result.stdout + result.stderr
    for warning in (DEPENDENCIES_MISSING, NO_SUCH_PACKAGE):
        if warning in messages:
            raise PackagingFailed(_no_wheel(messages.partition(warning)[2], stage))
    if result.returncode != 0:
        lines = messages.strip().splitlines() or [f"exit code {result.returncode}"]
        raise PackagingFailed(f"chalice could not package: {lines[-1][:REASON_LENGTH]}")


def _no_wheel(names: str, stage: Stage) -> str:
    """Return the message about missing dependencies, whose names Chalice printed."""
    lines = [line.strip(": ") for line in names.splitlines() if line.strip(": ")]
    return (
        f"no wheel for Lambda is available of {lines[0][:REASON_LENGTH] if lines else 'a package'} "
        f"(is the package index reachable, and is there a wheel for Python {this_python()} on "
        f"{stage.architecture}?)"
    )


def _plain_environment() -> dict[str, str]:
    """Return this process's environment without variables that would mislead Chalice."""
    return {
        name: value
        for name, value in os.environ.items()
        if name not in {"AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ENDPOINT_URL", "PYTHONPATH"}
    }


def _read_template(output: Path) -> dict[str, Any]:
    template: dict[str, Any] = json.loads((output / TEMPLATE).read_text())
    return template


def _write_deployer(
    template: Mapping[str, Any], stage: Stage, output: Path, report: Report
) -> None:
    """Write the policy of who deploys the template."""
    for each in deployer.unknown_types(template):
        report(f"{deployer.FILE} says nothing of {each}: add what it takes to create it")
    policy = deployer.deployer_policy(template, stage)
    (output / deployer.FILE).write_text(json.dumps(policy, indent=2) + "\n")


def _compile(root: Path, output: Path, work: Path) -> int:
    """Pack what is needed of Chalice's zip, compiled; return the size of the code alone."""
    code, commands = work / "code", work / "commands"
    archive.unpack(output / CODE, code)
    archive.compile_all(code)
    archive.pack(code, output / CODE)
    source_bytes = archive.require_small(output / CODE)
    add_commands(root, code, commands)
    archive.compile_all(commands)
    archive.pack(commands, output / OPERATIONS, onto=output / CODE)
    return source_bytes


def replace_folder(folder: Path, replacement: Path) -> None:
    """Move a folder to the place of another, which may exist already.

    The two may be on different file systems, so it is copied to a sibling first, and then renamed.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as sibling:
        shutil.move(replacement, Path(sibling) / "new")
        if folder.exists():
            folder.rename(Path(sibling) / "old")
        (Path(sibling) / "new").rename(folder)


def _functions(template: Mapping[str, Any]) -> dict[str, str]:
    return {
        each["Properties"]["FunctionName"]: (
            f"{each['Properties']['MemorySize']} MB, {each['Properties']['Timeout']} s"
        )
        for each in template["Resources"].values()
        if each["Type"] == "AWS::Serverless::Function"
    }
