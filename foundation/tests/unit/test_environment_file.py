"""The `.env` of a checkout: a block for `make run`, the rest for the user."""

import stat
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from carafe.development.environment_file import BEGIN, END, read, read_user_values, write_block

VALUES = {"MONGO_URI": "mongodb://127.0.0.1:27017/?replicaSet=rs0", "PORT": "8000"}
USERS = b"# mine\r\nSERVICE_NAME = 'shop'\n\nexport EMPTY=\nBYTES=\xff\xfe\nLAST=$HOME/${X}"


def test_a_missing_file_holds_nothing(tmp_path: Path) -> None:
    assert read(tmp_path / ".env") == {}
    assert read_user_values(tmp_path / ".env") == {}


def test_a_new_file_holds_the_block_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    write_block(file, VALUES)
    assert read(file) == VALUES
    assert read_user_values(file) == {}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_users_bytes_stay_as_they_are(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_bytes(USERS)
    file.chmod(0o640)
    write_block(file, VALUES)
    block = f"{BEGIN}\nMONGO_URI='{VALUES['MONGO_URI']}'\nPORT='8000'\n{END}\n".encode()
    assert file.read_bytes() == USERS + b"\n" + block
    file.write_bytes(file.read_bytes() + b"AFTER=1\n")
    write_block(file, {"PORT": "9000"})
    changed = f"{BEGIN}\nPORT='9000'\n{END}\n".encode()
    assert file.read_bytes() == USERS + b"\n" + changed + b"AFTER=1\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_what_the_user_wrote_is_told_from_the_block(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_bytes(USERS)
    write_block(file, {"SERVICE_NAME": "from the block"})
    assert read(file)["SERVICE_NAME"] == "from the block"
    assert read_user_values(file)["SERVICE_NAME"] == "shop"


def test_values_are_not_expanded(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_bytes(USERS)
    assert read_user_values(file)["LAST"] == "$HOME/${X}"


def test_a_block_without_its_end_swallows_no_line_of_the_user(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(f"{BEGIN}\nPORT='1'\nMINE=kept\n")
    write_block(file, VALUES)
    write_block(file, VALUES)
    assert read(file) == VALUES | {"MINE": "kept"}
    assert file.read_text().count(END) == 1


def test_a_block_with_other_line_ends_is_replaced_as_well(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    write_block(file, {"PORT": "1"})
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    write_block(file, VALUES)
    assert file.read_text().count(BEGIN) == 1
    assert read(file) == VALUES


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    target = tmp_path / "settings"
    target.write_text("MINE=1\n")
    (tmp_path / ".env").symlink_to(target)
    write_block(tmp_path / ".env", VALUES)
    assert (tmp_path / ".env").is_symlink()
    assert read(target) == VALUES | {"MINE": "1"}


def test_a_write_that_fails_leaves_the_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / ".env"
    file.write_bytes(USERS)

    def fail(_self: Path, _target: Path) -> None:
        raise OSError("no space")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="no space"):
        write_block(file, VALUES)
    assert [each.name for each in tmp_path.iterdir()] == [".env"]
    assert file.read_bytes() == USERS


@example("\\")
@example("a\\'b\"c")
@example("${HOME} # none")
@example("two\nlines")
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("'\"\\$#\t \n=`%")))
def test_every_value_is_read_back_exactly(
    tmp_path_factory: pytest.TempPathFactory, value: str
) -> None:
    file = tmp_path_factory.mktemp("values") / ".env"
    write_block(file, {"BEFORE": "1", "VALUE": value, "AFTER": "2"})
    assert read(file) == {"BEFORE": "1", "VALUE": value, "AFTER": "2"}
