"""The service is loaded in a process of its own, so that `make run` outlives its faults."""

import os
from pathlib import Path

import pytest

from carafe.development.preparation import prepare_apart
from carafe.development.project import ServiceBroken


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import sys\nsys.exit()\n", "ended"),
        ("import sys\nprint('noise')\nsys.exit()\n", "ended"),
        ("import os\nos._exit(0)\n", "ended"),
        ("1 / 0\n", "ZeroDivisionError"),
    ],
)
def test_code_that_cannot_be_loaded_is_told_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, reason: str
) -> None:
    for each in ("chalicelib", ".chalice"):
        (tmp_path / each).mkdir()
    (tmp_path / "app.py").write_text(code)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ServiceBroken, match=reason) as fault:
        prepare_apart({**os.environ, "PYTHONPATH": str(tmp_path)})
    assert "\n" not in str(fault.value)
