"""Every release opens the stores of all releases before it, value by value."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import strongroom
from tests.compat.make_golden import read

HERE = Path(__file__).parent
GOLDEN = sorted(path.parent.name for path in HERE.glob("*/expected.json"))


def test_there_is_a_golden_store_of_this_release() -> None:
    assert strongroom.__version__ in GOLDEN


@pytest.mark.parametrize("version", GOLDEN)
def test_a_golden_store_reads_as_it_was_written(version: str, tmp_path: Path) -> None:
    expected = json.loads((HERE / version / "expected.json").read_text())
    shutil.copyfile(HERE / version / "people.db", tmp_path / "people.db")
    assert read(tmp_path, bytes.fromhex(expected["root_key"])) == expected["tables"]


@pytest.mark.parametrize("version", GOLDEN)
def test_a_golden_store_can_be_written(version: str, tmp_path: Path) -> None:
    expected = json.loads((HERE / version / "expected.json").read_text())
    shutil.copyfile(HERE / version / "people.db", tmp_path / "people.db")
    key = tmp_path / "aes_key.bin"
    key.touch(mode=0o600)
    key.write_bytes(bytes.fromhex(expected["root_key"]))
    with strongroom.open(f"sqlite:///{tmp_path / 'people.db'}", f"file:{key}") as room:
        users = room.table("users")
        assert users.update(1, name="Augusta Ada King").age == 36
        assert users.get(users.add(name="Annie Easley", age=78)).name == "Annie Easley"
        assert strongroom.verify(room).intact
