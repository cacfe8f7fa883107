"""docs/format.md opens a parcel with openssl and a shell: the recipe is run as it stands there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import pytest

from strongroom.crypto.secret import Secret
from strongroom.files.parcel import open_parcel_target
from strongroom.files.target import Column
from strongroom.keys.provider import open_provider
from strongroom.schema.identity import KeyType
from strongroom.schema.types import Text
from tests.docs.test_format_recipe import BLOCKS, Outcome, run

FUNCTIONS: Final = BLOCKS["recipe"].partition("root_key=")[0]
COLUMNS: Final = [Column("id", KeyType.INTEGER), Column("parcel", Text(optional=True))]
NAMES: Final = ["Ada Lovelace", "%s \\n $(id) `id`", "Ãda 👩‍👩‍👧\n\0", None]


def parcel(folder: Path, names: list[str | None]) -> bytes:
    """Write a parcel as a person does, with a key file, and return what is in it."""
    provider = open_provider(f"file:{folder}/parcel_key.bin")
    key, parcel_id = Secret.generate(), os.urandom(16)
    root = provider.create(parcel_id, key).to_document()
    with open_parcel_target(f"{folder}/people.srp", COLUMNS, key, parcel_id, root) as target:
        target.write(list(enumerate(names, start=1)))
    opened = opened_by_recipe(folder)
    assert (opened.stderr, opened.returncode) == (b"", 0)
    return opened.stdout


def opened_by_recipe(folder: Path) -> Outcome:
    inputs = {"ROOT_KEY_FILE": "parcel_key.bin", "PARCEL": "people.srp"}
    return run(FUNCTIONS + BLOCKS["parcel"], folder, inputs)


def test_the_recipe_opens_a_parcel(tmp_path: Path) -> None:
    assert parcel(tmp_path, NAMES) == (
        b'{"id":1,"parcel":"Ada Lovelace"}\n'
        b'{"id":2,"parcel":"%s \\\\n $(id) `id`"}\n'
        + '{"id":3,"parcel":"Ãda 👩‍👩‍👧\\n\\u0000"}\n'.encode()
        + b'{"id":4,"parcel":null}\n'
    )


def test_the_recipe_opens_an_empty_parcel(tmp_path: Path) -> None:
    assert parcel(tmp_path, []) == b""


def test_the_recipe_opens_full_chunks(tmp_path: Path) -> None:
    assert parcel(tmp_path, ["x" * 300_000]) == (b'{"id":1,"parcel":"' + b"x" * 300_000 + b'"}\n')
    assert (tmp_path / "people.srp").read_bytes().count(b"\n") == 3


@pytest.mark.parametrize("line", [1, 2])
def test_a_changed_line_stops_it(tmp_path: Path, line: int) -> None:
    parcel(tmp_path, NAMES)
    file = tmp_path / "people.srp"
    lines = file.read_bytes().split(b"\n")
    if line == 1:  # the header of another parcel: its key does not fit this one's chunks
        (tmp_path / "other").mkdir()
        (tmp_path / "other" / "parcel_key.bin").write_bytes(
            (tmp_path / "parcel_key.bin").read_bytes()
        )
        (tmp_path / "other" / "parcel_key.bin").chmod(0o600)
        parcel(tmp_path / "other", NAMES)
        lines[0] = (tmp_path / "other" / "people.srp").read_bytes().split(b"\n")[0]
    else:
        middle = len(lines[1]) // 2
        other = b"A" if lines[1][middle : middle + 1] != b"A" else b"B"
        lines[1] = lines[1][:middle] + other + lines[1][middle + 1 :]
    file.write_bytes(b"\n".join(lines))
    stopped = opened_by_recipe(tmp_path)
    assert (stopped.stdout, stopped.stderr) == (b"", b"the tag does not match\n")
    assert stopped.returncode == 1


def test_a_missing_end_stops_it(tmp_path: Path) -> None:
    parcel(tmp_path, NAMES)
    file = tmp_path / "people.srp"
    whole = file.read_bytes()
    for cut in (whole[:-1], whole.split(b"\n")[0] + b"\n"):
        file.write_bytes(cut)
        stopped = opened_by_recipe(tmp_path)
        assert (stopped.stdout, stopped.stderr) == (b"", b"the parcel is cut off\n")
        assert stopped.returncode == 1
