"""A cell in the database that is not the one strongroom put there: never opened, always named."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import strongroom
from strongroom import Text
from strongroom.keys.keyring import Purpose
from tests import oracle
from tests.crypto.attempts import raw_bytes, spell
from tests.room.thief import Straight, Thief, bits, hold, only, refused, replaced

NAME: Final = "Ada Lovelace"


def tamper(room: strongroom.Strongroom, thief: Thief, cells: Iterator[str]) -> int:
    """Put each of `cells` in the place of the name's and read it; return how many there were."""
    users = room.table("users")
    ada, grace = users.add(name=NAME, age=36), users.add(name="Grace Hopper", age=85)
    good = thief.row(users, ada)["name"]
    count = 0
    for cell in cells:
        assert cell != good
        thief.put(users, ada, name=cell)
        refused(users, ada)
        assert thief.row(users, ada)["name"] == cell  # the database took it as it is
        count += 1
    only(room, {"users": [ada]})
    assert users.get(grace).name == "Grace Hopper"
    thief.put(users, ada, name=good)
    assert users.get(ada).name == NAME
    only(room, {"users": []})
    return count


def test_every_bit_of_a_cell(room: strongroom.Strongroom, thief: Thief) -> None:
    """On SQLite every bit goes through the store; on servers one bit of each byte does."""
    users = room.table("users")
    users.add(name=NAME, age=36)
    straight = Straight(room, users)
    raw = raw_bytes(straight.rows[0].values[0])
    assert len(raw) == 70
    for changed in bits(raw):
        row = replaced(straight.rows[0], 0, spell(changed))
        assert not straight.opens(row)
        assert not straight.opens_without_seal(row)
    every = 1 if thief.database.kind == "sqlite" else 9
    cell = thief.row(users, 1)["name"]
    tried = 0
    for number, changed in enumerate(bits(raw_bytes(cell))):
        if number % every == 0:
            thief.put(users, 1, name=spell(changed))
            refused(users, 1)
            tried += 1
    assert tried == (560 if every == 1 else 63)
    thief.put(users, 1, name=cell)
    assert users.get(1).name == NAME


def test_every_truncation_and_extension(room: strongroom.Strongroom, thief: Thief) -> None:
    users = room.table("users")
    users.add(name=NAME, age=36)
    cell = thief.row(users, 1)["name"]
    raw = raw_bytes(cell)
    shorter = [spell(raw[:length]) for length in range(len(raw))]
    shorter += [cell[:length] for length in range(len(cell))]
    longer = [spell(raw + bytes(count)) for count in (1, 2, 3, 15, 16, 17, 32, 1_000)]
    longer += [spell(raw[:-32] + raw[6:22] + raw[-32:]), cell + cell, cell + cell[4:]]
    straight = Straight(room, users)
    for text in shorter + longer:
        row = replaced(straight.rows[0], 0, text)
        assert not straight.opens(row)
        assert not straight.opens_without_seal(row)
    every = 1 if thief.database.kind == "sqlite" else 7
    for text in [*shorter[::every], *longer]:
        thief.put(users, 1, name=text)
        refused(users, 1)
    assert thief.row(users, 1)["name"] == longer[-1]


def test_text_that_means_almost_the_same(room: strongroom.Strongroom, thief: Thief) -> None:
    """Only the one spelling of a cell is a cell, whatever a database thinks is equal to it."""

    def spellings() -> Iterator[str]:
        cell = thief.row(room.table("users"), 1)["name"]
        body = cell.removeprefix("sr1.")
        letter = next(place for place, one in enumerate(body) if one.isalpha())
        yield "sr1." + body[:letter] + body[letter].swapcase() + body[letter + 1 :]
        for blank in (" ", "\n", "\r\n", "\t"):
            yield from (cell + blank, blank + cell, f"sr1.{blank}{body}")
            yield f"sr1.{body[:40]}{blank}{body[40:]}"
        yield from (body, f"SR1.{body}", f"sr1{body}", f"sr2.{body}", f"sr1.sr1.{body}", "sr1.")
        yield from (cell.rstrip("="), cell.rstrip("=") + "===", cell + "=", cell + "====")
        yield cell.replace("+", "-").replace("/", "_") + "-"  # the other base64 alphabet
        yield from (cell.upper(), cell.lower())
        # The last character before == has four bits that mean nothing: 15 more spellings of it.
        assert cell.endswith("==")
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        start = alphabet.index(cell[-3])
        assert start % 16 == 0
        for same in alphabet[start + 1 : start + 16]:
            assert base64.b64decode(body[:-3] + same + "==") == base64.b64decode(body)
            yield f"{cell[:-3]}{same}=="

    assert tamper(room, thief, spellings()) == 45


def test_what_is_no_cell_at_all(room: strongroom.Strongroom, thief: Thief, key: str) -> None:
    """Plaintext, nothing, and a legacy value under the very same key are never returned as data."""
    root = Path(key.removeprefix("file:")).read_bytes()

    def texts() -> Iterator[str]:
        yield from ("", " ", NAME, "NULL", "null", "0", "sr1", "sr1.AAAA", '{"name": "Ada"}')
        for text in (NAME, "", "x" * 16, "x" * 1_000):
            yield oracle.seal_legacy(root, os.urandom(16), text)
            yield "sr1." + oracle.seal_legacy(root, os.urandom(16), text)
        yield base64.b64encode(os.urandom(48)).decode()
        yield spell(b"\x01\x01" + os.urandom(68))
        yield spell(bytes(70))

    assert tamper(room, thief, texts()) == 20


def test_cells_of_another_version_suite_or_key(room: strongroom.Strongroom, thief: Thief) -> None:
    ring = room._store.state.keyring
    others = [ring.active(Purpose.INDEX)]

    def cells() -> Iterator[str]:
        raw = raw_bytes(thief.row(room.table("users"), 1)["name"])
        for head in (b"\x00\x01", b"\x02\x01", b"\x01\x00", b"\x01\x02", b"\xff\xff"):
            yield spell(head + raw[2:])
        for key_id in (0, 1, 2**32 - 1, *others):
            if key_id.to_bytes(4) != raw[2:6]:
                yield spell(raw[:2] + key_id.to_bytes(4) + raw[6:])
        for tag in (bytes(32), b"\xff" * 32, raw[-32:-16] + bytes(16), raw[-31:] + b"\0"):
            yield spell(raw[:-32] + tag)
        yield spell(raw[:22] + raw[-32:])  # no ciphertext at all
        yield spell(raw[:22] + bytes(16) + raw[-32:])

    assert tamper(room, thief, cells()) == 15


def test_one_swap_is_named_and_nothing_else(room: strongroom.Strongroom, thief: Thief) -> None:
    people = room.create_table("people", {"name": Text(), "note": Text(optional=True)})
    people.add_many({"name": f"name {n}", "note": None if n == 2 else "same"} for n in range(50))
    rows = thief.rows(people)
    thief.put(people, 2, name=rows[40]["name"])
    thief.put(people, 7, name=rows[6]["note"], note=rows[6]["name"])
    thief.put(people, 3, note=rows[3]["note"])  # had none
    thief.put(people, 50, note=None)
    only(room, {"people": [2, 3, 7, 50]})


def test_a_failing_record_in_a_batch_is_the_only_one_that_fails(
    room: strongroom.Strongroom, thief: Thief
) -> None:
    """First, last and in the middle of pages of different sizes."""
    users = room.table("users")
    users.add_many({"name": f"name {n}", "age": n % 100} for n in range(200))
    cell = thief.row(users, 100)["name"]
    wrong = [1, 32, 33, 160, 161, 200]
    for number in wrong:
        thief.put(users, number, name=cell)
    outcomes = list(users.all().outcomes())
    assert len(outcomes) == 200
    for place, outcome in enumerate(outcomes, start=1):
        if place in wrong:
            assert isinstance(outcome, strongroom.IntegrityError)
            hold(outcome, "users", place)
        else:
            assert isinstance(outcome, strongroom.Record)
            assert (outcome.id, outcome.name) == (place, f"name {place - 1}")
