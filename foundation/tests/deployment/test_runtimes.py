"""For which Python and processors a package is, and whether there are wheels for them.

Wheels are looked for with each Python and with each processor; with `WHOLE=1`, with each of both.
"""

import json
import os
import platform
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, product
from pathlib import Path

import pytest

from carafe.development.deployment import runtimes
from carafe.development.deployment.errors import PackagingFailed
from carafe.development.deployment.package import TEMPLATE, build_package
from carafe.development.deployment.runtimes import ARCHITECTURES, SUPPORTED, missing_wheels
from carafe.development.project import Project
from tests.support.places import ROOT

COMBINATIONS = list(
    product(SUPPORTED, ARCHITECTURES)
    if "WHOLE" in os.environ
    else zip(SUPPORTED, cycle(ARCHITECTURES), strict=False)
)


def _functions(folder: Path) -> list[dict[str, object]]:
    template = json.loads((folder / TEMPLATE).read_text())
    return [
        each["Properties"]
        for each in template["Resources"].values()
        if each["Type"] == "AWS::Serverless::Function"
    ]


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_functions_run_on_the_python_that_packages_them_and_on_arm(
    small: Project, tmp_path: Path, stage: str
) -> None:
    package = build_package(small, stage, tmp_path / "package", print)
    version = "{}.{}".format(*sys.version_info)
    for function in _functions(package.folder):
        assert function["Runtime"] == f"python{version}"
        assert function["Architectures"] == ["arm64"]


def test_a_rehearsal_packages_for_this_machine(small: Project, tmp_path: Path) -> None:
    machine = runtimes.this_machine()
    package = build_package(small, "prod", tmp_path / "package", print, architecture=machine)
    architectures = [each["Architectures"] for each in _functions(package.folder)]
    assert architectures == [[machine]] * len(architectures)


@pytest.mark.parametrize(
    ("machine", "name"), [("x86_64", "x86_64"), ("aarch64", "arm64"), ("arm64", "arm64")]
)
def test_a_machine_has_the_name_that_lambda_gives_it(
    monkeypatch: pytest.MonkeyPatch, machine: str, name: str
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: machine)
    assert runtimes.this_machine() == name


def test_a_python_that_lambda_does_not_have_packages_nothing(
    small: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 15, 0))
    with pytest.raises(PackagingFailed, match=r"no Python 3\.15"):
        build_package(small, "dev", tmp_path / "package", print)
    assert not (tmp_path / "package").exists()


def test_there_is_a_wheel_of_each_package_for_each_python_and_processor(tmp_path: Path) -> None:
    """Of all that services deploy beside the foundation, which is of Python alone."""
    names = [
        line
        for line in (ROOT / "requirements.txt").read_text().splitlines()
        if "==" in line and not line.startswith("carafe-foundation")
    ]
    assert len(names) > 5
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("\n".join(names))
    with ThreadPoolExecutor(4) as pool:
        missing = pool.map(lambda each: missing_wheels(requirements, *each), COMBINATIONS)
        found = dict(zip(COMBINATIONS, missing, strict=True))
    assert found == {each: [] for each in COMBINATIONS}


def test_a_package_without_a_wheel_is_named(tmp_path: Path) -> None:
    """Its wheels are for newer Pythons alone."""
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("pika==1.4.4\nmsgspec==0.18.0\n")
    assert missing_wheels(requirements, "3.14", "arm64") == ["msgspec==0.18.0"]
