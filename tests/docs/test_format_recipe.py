"""docs/format.md opens a real cell with openssl and a shell, and its figures are right.

The recipe is taken from the page as it stands and run on cells that strongroom has just written.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import sqlite3
import subprocess
from pathlib import Path
from typing import Final

import pytest

import strongroom
from strongroom.crypto.cell import CellKey
from strongroom.crypto.derive import Label
from strongroom.crypto.secret import Secret
from strongroom.crypto.wrap import WrapKey
from tests import oracle
from tests.docs.worked_example import values
from tests.vectors.make_format_vectors import FILE

PAGE: Final = Path(__file__).parents[2] / "docs" / "format.md"
TEXT: Final = PAGE.read_text(encoding="utf-8")
SHELL: Final = re.findall(r"^```sh\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
BLOCKS: Final = dict(zip(("example", "recipe", "parcel", "token"), SHELL, strict=True))
NAMES: Final = [
    "Ada Lovelace",
    "",
    "fifteen letters",
    "%s \\n $(id) `id` 'x' \"y\"",
    "Ãda 👩‍👩‍👧 \u202eecalevoL\n\n",
    "nul\0inside",
    "long " * 1_000,
]

Inputs = dict[str, str]
Outcome = subprocess.CompletedProcess[bytes]


def run(script: str, folder: Path, inputs: Inputs | None = None) -> Outcome:
    """Run a script in a clean environment: nothing is given but what the page asks for."""
    return subprocess.run(
        ["sh", "-c", script],
        cwd=folder,
        env={"PATH": f"{folder}:{os.environ['PATH']}", **(inputs or {})},
        capture_output=True,
        check=False,
    )


@pytest.fixture
def spied(tmp_path: Path) -> Path:
    """Put a spy before `openssl`: it notes the name of each command in a file."""
    openssl = shutil.which("openssl")
    assert openssl is not None
    spy = tmp_path / "openssl"
    spy.write_text(f'#!/bin/sh\necho "$1" >> "{tmp_path}/noted"\nexec {openssl} "$@"\n')
    spy.chmod(0o700)
    return tmp_path


def decryptions(folder: Path) -> int:
    noted = folder / "noted"
    return noted.read_text().split().count("enc") if noted.exists() else 0


def freshly_sealed(folder: Path, name: str, record: int = 7) -> Inputs:
    """Seal a name with new keys all the way down, as a store does."""
    root, store_key, data_key = (Secret.generate() for _ in range(3))
    store, key_id = os.urandom(16), int.from_bytes(os.urandom(4), "big") | 1
    (folder / "root.bin").write_bytes(root.reveal())
    identity = oracle.identity(record)
    cells = CellKey(data_key, store, key_id, 12, 3_000_000_000)
    wrapped_store_key = WrapKey(root, store).wrap(store_key, 0, 0)
    wrapped_data_key = WrapKey(store_key, store).wrap(data_key, key_id, 1)
    return {
        "ROOT_KEY_FILE": "root.bin",
        "STORE_ID": store.hex(),
        "WRAPPED_STORE_KEY": base64.b64encode(wrapped_store_key).decode(),
        "WRAPPED_DATA_KEY": base64.b64encode(wrapped_data_key).decode(),
        "TABLE_ID": "12",
        "FIELD_ID": "3000000000",
        "IDENTITY": identity.hex(),
        "CELL": cells.seal(identity, b"\1" + name.encode()),
    }


def test_the_page_has_its_blocks() -> None:
    assert "aes_key.bin" in BLOCKS["example"]
    assert "openssl kdf" in BLOCKS["recipe"]
    assert "$PARCEL" in BLOCKS["parcel"]
    assert "PARTITIONS" in BLOCKS["token"]


def test_the_worked_example_opens(spied: Path) -> None:
    opened = run(BLOCKS["example"] + BLOCKS["recipe"], spied)
    assert (opened.stdout, opened.stderr, opened.returncode) == (b"Ada Lovelace", b"", 0)
    assert (spied / "aes_key.bin").read_bytes().hex() == values()["root"]
    assert decryptions(spied) == 3


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_the_recipe_opens_fresh_cells(spied: Path, name: str) -> None:
    opened = run(BLOCKS["recipe"], spied, freshly_sealed(spied, name))
    assert opened.stderr == b""
    assert (opened.stdout, opened.returncode) == (name.encode(), 0)


@pytest.mark.parametrize("record", [1, 0, -1, 2**63 - 1, -(2**63)])
def test_the_recipe_says_how_to_write_an_identity(tmp_path: Path, record: int) -> None:
    command = "printf '010100000008%016x' 1"
    assert f"`{command}`" in TEXT
    printed = run(f"{command.removesuffix('1')}{record}", tmp_path)
    assert printed.stdout.decode() == oracle.identity(record).hex()


def flipped(text: str, place: int) -> str:
    """Flip the lowest bit of a byte behind base64."""
    raw = bytearray(base64.b64decode(text))
    raw[place] ^= 1
    return base64.b64encode(raw).decode()


@pytest.mark.parametrize(
    ("variable", "place", "before"),
    [
        ("WRAPPED_STORE_KEY", -1, 0),
        ("WRAPPED_STORE_KEY", 0, 0),
        ("WRAPPED_DATA_KEY", -32, 1),
        ("WRAPPED_DATA_KEY", 20, 1),
        ("CELL", -1, 2),
        ("CELL", -32, 2),
        ("CELL", 6, 2),
        ("CELL", 22, 2),
        ("CELL", 5, 1),
        ("CELL", 0, 1),
        ("CELL", 1, 1),
    ],
)
def test_a_flipped_bit_stops_it_before_it_decrypts(
    spied: Path, variable: str, place: int, before: int
) -> None:
    inputs = freshly_sealed(spied, "Ada Lovelace")
    prefix = "sr1." if variable == "CELL" else ""
    inputs[variable] = prefix + flipped(inputs[variable].removeprefix(prefix), place)
    stopped = run(BLOCKS["recipe"], spied, inputs)
    text = b"another version or suite" if place in (0, 1) and prefix else b"the tag does not match"
    assert (stopped.stdout, stopped.stderr.strip(), stopped.returncode) == (b"", text, 1)
    assert decryptions(spied) == before


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("IDENTITY", oracle.identity(8).hex()),
        ("TABLE_ID", "13"),
        ("FIELD_ID", "12"),
        ("STORE_ID", "00" * 16),
    ],
)
def test_another_place_stops_it(spied: Path, variable: str, value: str) -> None:
    inputs = freshly_sealed(spied, "Ada Lovelace") | {variable: value}
    stopped = run(BLOCKS["recipe"], spied, inputs)
    assert stopped.stdout == b""
    assert (stopped.stderr.strip(), stopped.returncode) == (b"the tag does not match", 1)


def test_another_spelling_length_or_prefix_stops_it(spied: Path) -> None:
    good = freshly_sealed(spied, "Ada Lovelace")
    cell = good["CELL"]
    for changed, text in (
        (cell.rstrip("="), b"not canonical base64"),
        (cell[:30] + "\n" + cell[30:], b"not canonical base64"),
        (cell[:-4], b"the length is wrong"),
        ("sr1.AQE=", b""),
        (cell[4:], b"not a cell"),
    ):
        stopped = run(BLOCKS["recipe"], spied, good | {"CELL": changed})
        assert stopped.stdout == b""
        assert text in stopped.stderr
        assert stopped.returncode == 1


def test_wrong_padding_behind_a_right_tag_stops_it(spied: Path) -> None:
    good = freshly_sealed(spied, "Ada Lovelace")
    data_key = oracle.unwrap(
        oracle.unwrap(
            (spied / "root.bin").read_bytes(),
            bytes.fromhex(good["STORE_ID"]),
            (0, 0),
            base64.b64decode(good["WRAPPED_STORE_KEY"]),
        ),
        bytes.fromhex(good["STORE_ID"]),
        (int.from_bytes(oracle.cell_bytes(good["CELL"])[2:6], "big"), 1),
        base64.b64decode(good["WRAPPED_DATA_KEY"]),
    )
    key = oracle.derive(data_key, bytes.fromhex(good["STORE_ID"]), "cell", 12, 3_000_000_000)
    head = oracle.cell_bytes(good["CELL"])[:6]
    for padded in (bytes(16), b"\x11" * 16, b"\1Ada".ljust(14, b"x") + b"\3\2", b"x" * 16):
        sealed = oracle.protect(key, bytes(16), padded, head + bytes.fromhex(good["IDENTITY"]))
        stopped = run(BLOCKS["recipe"], spied, good | {"CELL": oracle.spell(head + sealed)})
        assert stopped.stdout == b""
        assert (stopped.stderr.strip(), stopped.returncode) == (b"the padding is wrong", 1)


def test_a_value_that_is_no_text_is_shown_as_it_is(spied: Path) -> None:
    good = freshly_sealed(spied, "")
    inputs = good | {"CELL": values()["cell"]}
    assert run(BLOCKS["recipe"], spied, inputs).returncode == 1
    example = BLOCKS["example"].replace(values()["cell"], number_cell())
    stopped = run(example + BLOCKS["recipe"], spied)
    assert stopped.stdout == b""
    assert stopped.stderr.strip() == b"opened, but no text: 0224"


def number_cell() -> str:
    key = bytes.fromhex(values()["cell_mac"] + values()["cell_enc"])
    return oracle.seal_cell(key, 0x01020304, oracle.identity(1), bytes(16), b"\2\x24")


def test_the_recipe_opens_a_real_store(spied: Path) -> None:
    """From a database file and a key file alone, by the page's own directions."""
    with strongroom.open(f"sqlite:///{spied}/people.db", key=f"file:{spied}/aes_key.bin") as room:
        record = room.table("users").add(name="Ada Lovelace", age=36)
    database = sqlite3.connect(spied / "people.db")
    select = "SELECT store_id, root, document FROM strongroom_store"
    store, root, document = database.execute(select).fetchone()
    content = json.loads(document)
    (cell,) = database.execute("SELECT name FROM users WHERE id = ?", (record,)).fetchone()
    database.close()
    key_id = int.from_bytes(oracle.cell_bytes(cell)[2:6], "big")
    (key,) = (one for one in content["keys"] if one["id"] == key_id)
    (table,) = (one for one in content["catalogue"]["tables"] if one["name"] == "users")
    (field,) = (one for one in table["fields"] if one["name"] == "name")
    opened = run(
        BLOCKS["recipe"],
        spied,
        {
            "ROOT_KEY_FILE": "aes_key.bin",
            "STORE_ID": store.hex(),
            "WRAPPED_STORE_KEY": json.loads(root)["wrapped"],
            "WRAPPED_DATA_KEY": key["wrapped"],
            "TABLE_ID": str(table["id"]),
            "FIELD_ID": str(field["id"]),
            "IDENTITY": oracle.identity(record).hex(),
            "CELL": cell,
        },
    )
    assert (opened.stdout, opened.stderr, opened.returncode) == (b"Ada Lovelace", b"", 0)


def test_every_figure_on_the_page_is_the_second_implementations() -> None:
    known = values()
    for name, figure in known.items():
        assert figure in TEXT, name
    printed = set(re.findall(r"\b[0-9a-f]{16,}\b", TEXT)) - {"7ff8000000000000", "0123456789abcdef"}
    assert printed <= set(known.values())


def test_every_label_on_the_page_is_the_codes() -> None:
    row = r"^\| `(strongroom/1/\w+)` \| [\w ,]+ \| ([\w, ]+) \| (\d+)"
    rows = re.findall(row, TEXT, re.MULTILINE)
    found = {
        label: (0 if ids == "none" else len(ids.split(",")), int(size)) for label, ids, size in rows
    }
    assert found == {one.value[0]: (one.ids, one.length) for one in Label}
    assert len(rows) == len(found) == 9


def test_the_page_counts_the_vectors_right() -> None:
    vectors = json.loads(FILE.read_bytes())
    sentence = f"holds {vectors['opened']} vectors that must come out to the byte and "
    assert f"{sentence}{vectors['refused']} that must be refused" in TEXT
    parts = {name for name, part in vectors.items() if type(part) is list}
    assert all(f"`{part}`" in TEXT for part in parts)
