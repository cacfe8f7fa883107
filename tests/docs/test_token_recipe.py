"""docs/format.md makes the tokens of an index with openssl and a shell, as they stand in a store.

The recipe is run as it is on the page, on a database file and a key file alone.
"""

from __future__ import annotations

import base64
import json
import sqlite3
from pathlib import Path
from typing import Any, Final

import pytest

import strongroom
from strongroom import Boolean, Index, Text
from tests import oracle
from tests.docs.test_format_recipe import BLOCKS, Inputs, Outcome, run
from tests.docs.worked_example import (
    BITS,
    EXACT,
    FOLDED,
    INDEX,
    INDEX_KEY,
    INDEX_KEY_ID,
    PART,
    ROOT,
    STORE,
    STORE_KEY,
    values,
)

FUNCTIONS: Final = BLOCKS["recipe"].partition("root_key=")[0]
NUMBERS: Final = {"exact": 1, "compound": 2, "prefix": 3, "words": 4, "trigram": 5, "range": 6}
INDEXES: Final = (
    Index.exact("name", normaliser="folded", bits=13),
    Index.exact("name", bits=99, partitions=7, name="spread"),
    Index.words("name", bits=64),
    Index.prefix("name", bits=33, partitions=64),
)


def made(folder: Path, inputs: Inputs) -> Outcome:
    return run(FUNCTIONS + BLOCKS["token"], folder, inputs)


def text(part: str) -> str:
    return (b"\1" + part.encode()).hex()


def test_the_worked_example(tmp_path: Path) -> None:
    (tmp_path / "aes_key.bin").write_bytes(ROOT)
    wrapped = oracle.wrap(STORE_KEY, STORE, (INDEX_KEY_ID, 2), bytes(16), INDEX_KEY)
    inputs = {
        "ROOT_KEY_FILE": "aes_key.bin",
        "STORE_ID": STORE.hex(),
        "WRAPPED_STORE_KEY": values()["wrapped_store_key"],
        "WRAPPED_INDEX_KEY": base64.b64encode(wrapped).decode(),
        "INDEX_KEY_ID": str(INDEX_KEY_ID),
        "INDEX_ID": str(INDEX),
        "BITS": str(BITS),
        "PARTITIONS": "1",
        "KIND": str(EXACT),
        "NORMALISER": str(FOLDED),
        "IDENTITY": values()["identity"],
        "PART": PART.hex(),
        "FILLERS": "1",
    }
    shown = made(tmp_path, inputs)
    assert (shown.stderr, shown.returncode) == (b"", 0)
    assert shown.stdout.decode().split() == [values()["token"], values()["filler"]]
    stopped = made(tmp_path, inputs | {"INDEX_KEY_ID": "1"})
    assert (stopped.stdout, stopped.stderr) == (b"", b"the tag does not match\n")
    assert stopped.returncode == 1


class Store:
    """A store on SQLite, as somebody sees it who has its file and its key file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        url, key = f"sqlite:///{folder}/people.db", f"file:{folder}/aes_key.bin"
        with strongroom.open(url, key=key) as room:
            people = room.create_table("people", {"name": Text(optional=True), "deaf": Boolean()})
            people.add(name="Ada Lovelace", deaf=False)
            for index in INDEXES:
                strongroom.add_index(room, "people", index)
            people.add_many([{"name": "ADA   byron", "deaf": True}, {"name": None, "deaf": True}])
        self.database = sqlite3.connect(folder / "people.db")
        select = "SELECT store_id, root, document FROM strongroom_store"
        self.id, root, document = self.database.execute(select).fetchone()
        self.root, self.document = json.loads(root), json.loads(document)

    def inputs(self, name: str, record: int, part: str, fillers: int) -> Inputs:
        index = self.index(name)
        (key,) = (one for one in self.document["keys"] if one["id"] == index["key"])
        return {
            "ROOT_KEY_FILE": "aes_key.bin",
            "STORE_ID": self.id.hex(),
            "WRAPPED_STORE_KEY": self.root["wrapped"],
            "WRAPPED_INDEX_KEY": key["wrapped"],
            "INDEX_KEY_ID": str(key["id"]),
            "INDEX_ID": str(index["id"]),
            "BITS": str(index["bits"]),
            "PARTITIONS": str(index["partitions"]),
            "KIND": str(NUMBERS[index["kind"]]),
            "NORMALISER": str(index["parts"][0][1]),
            "IDENTITY": oracle.identity(record).hex(),
            "PART": text(part),
            "FILLERS": str(fillers),
        }

    def index(self, name: str) -> dict[str, Any]:
        (table,) = self.document["catalogue"]["tables"]
        (found,) = (one for one in table["indexes"] if one["name"] == name)
        return dict(found)

    def made(self, name: str, record: int, *parts: str, fillers: int = 0) -> list[str]:
        found: list[str] = []
        for number, part in enumerate(parts, start=1):
            last = fillers if number == len(parts) else 0
            shown = made(self.folder, self.inputs(name, record, part, last))
            assert (shown.stderr, shown.returncode) == (b"", 0)
            found += shown.stdout.decode().split()
        return found

    def column(self, name: str) -> list[str | None]:
        place = f"record_index_{self.index(name)['id']:08x}"
        rows = self.database.execute(f'SELECT lower(hex("{place}")) FROM people ORDER BY id')
        return [token or None for (token,) in rows]

    def beside(self, name: str, record: int) -> list[str]:
        place = f"strongroom_index_{self.index(name)['id']:08x}"
        select = f'SELECT lower(hex(token)) FROM "{place}" WHERE record_id = ?'
        return [token for (token,) in self.database.execute(select, (record,))]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def test_the_tokens_of_a_column(store: Store) -> None:
    ada = store.made("name_exact", 1, "ada lovelace")
    byron = store.made("name_exact", 2, "ada byron")
    assert store.column("name_exact") == [*ada, *byron, None]
    assert len(ada[0]) == 4
    ada = store.made("spread", 1, "Ada Lovelace")
    byron = store.made("spread", 2, "ADA   byron")
    assert store.column("spread") == [*ada, *byron, None]


def test_the_tokens_of_a_table_with_its_fillers(store: Store) -> None:
    for record, last in ((1, "lovelace"), (2, "byron")):
        words = store.made("name_words", record, "ada", last, fillers=2)
        assert sorted(store.beside("name_words", record)) == sorted(words)
        assert len(set(words)) == 4
    parts = ("ad", "ada", "ada ", "ada by")
    assert sorted(store.beside("name_prefix", 2)) == sorted(store.made("name_prefix", 2, *parts))
    for name in ("name_words", "name_prefix"):
        assert store.beside(name, 3) == []
