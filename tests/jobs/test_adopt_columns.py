"""Every column that can be read exactly is encrypted and reads back; the others are refused."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any, Final

import pytest

import strongroom
from strongroom.crypto.decrepit.schemes import SCHEMES
from strongroom.errors import InputError, UnfinishedError
from strongroom.jobs.rewriting.adopt import adopt, look
from strongroom.jobs.rewriting.adoption_plan import Adoption, make_plan
from strongroom.room.settling import Failure
from strongroom.schema.types import FieldType, Text
from tests.jobs.someone import fill, grant, make_users
from tests.servers.database import Database

NOON: Final = dt.datetime(2024, 2, 29, 12, 0, 0, 123456)  # noqa: DTZ001  # a column without zone
DAY: Final = dt.date(1815, 12, 10)
DOCUMENT: Final = {"a": [1, 2.5, None, True], "é": "😀"}
TEXT: Final = "Ada 😀 Löwe "

# column type: (what SQL is given, what strongroom gives back)
READABLE: Final[dict[str, dict[str, tuple[Any, Any]]]] = {
    "sqlite": {
        "INTEGER": (-(2**63), -(2**63)),
        "TEXT": (TEXT, TEXT),
        "VARCHAR(20)": (TEXT, TEXT),
        "BLOB": (b"\x00\xff", b"\x00\xff"),
        "REAL": (0.1, 0.1),
        "DATE": ("1815-12-10", DAY),
        "DATETIME": ("2024-02-29T12:00:00.123456", NOON),
    },
    "mariadb": {
        "TINYINT": (-128, -128),
        "INT UNSIGNED": (2**32 - 1, 2**32 - 1),
        "BIGINT UNSIGNED": (2**64 - 1, 2**64 - 1),
        "DECIMAL(10,3)": (Decimal("-12.340"), Decimal("-12.340")),
        "DOUBLE": (0.1, 0.1),
        "DATE": (DAY, DAY),
        "DATETIME(6)": (NOON, NOON),
        "DATETIME": (NOON.replace(microsecond=0), NOON.replace(microsecond=0)),
        "VARCHAR(50) CHARACTER SET utf8mb4": (TEXT, TEXT),
        "CHAR(8) CHARACTER SET utf8mb4": ("Ada 😀", "Ada 😀"),
        "LONGTEXT CHARACTER SET utf8mb4": (TEXT, TEXT),
        "ENUM('a','b')": ("b", "b"),
        "VARBINARY(9)": (b"\x00\xff", b"\x00\xff"),
        "BINARY(2)": (b"\x00\xff", b"\x00\xff"),
        "LONGBLOB": (b"\x00\xff'\\", b"\x00\xff'\\"),
    },
    "postgresql": {
        "SMALLINT": (-5, -5),
        "BIGINT": (-(2**63), -(2**63)),
        "NUMERIC(10,3)": (Decimal("-12.340"), Decimal("-12.340")),
        "NUMERIC": (Decimal("1E+30"), Decimal(10**30)),
        "DOUBLE PRECISION": (0.1, 0.1),
        "BOOLEAN": (True, True),
        "DATE": (DAY, DAY),
        "TIMESTAMP": (NOON, NOON),
        "TIMESTAMPTZ": (NOON.replace(tzinfo=dt.UTC), NOON.replace(tzinfo=dt.UTC)),
        "TEXT": (TEXT, TEXT),
        "VARCHAR(50)": (TEXT, TEXT),
        "UUID": ("00112233-4455-6677-8899-aabbccddeeff", "00112233-4455-6677-8899-aabbccddeeff"),
        "JSONB": (json.dumps(DOCUMENT), DOCUMENT),
        "JSON": (json.dumps(DOCUMENT), DOCUMENT),
        "BYTEA": (b"\x00\xff", b"\x00\xff"),
    },
}
REFUSED: Final = {
    "sqlite": {"NUMERIC": "NUMERIC", "TIME": "TIME"},
    "mariadb": {"FLOAT": "float", "TIME": "time", "YEAR": "year(4)", "BIT(3)": "bit(3)"},
    "postgresql": {"INTERVAL": "interval", "TIME": "time without time zone", "INT[]": "integer[]"},
}


def test_every_type_is_read_back(database: Database, room: strongroom.Strongroom) -> None:
    types = READABLE[database.kind]
    declared = ", ".join(f"c{n} {kind}" for n, kind in enumerate(types))
    database.execute(f"CREATE TABLE things (id INT PRIMARY KEY, {declared})")
    grant(database, "things")
    names = [f"c{n}" for n, _ in enumerate(types)]
    marks = ", ".join("?" for _ in names)
    given = [value for value, _ in types.values()]
    database.execute(f"INSERT INTO things VALUES (1, {marks})", given)
    database.execute("INSERT INTO things (id) VALUES (2)")

    adopt(room, Adoption("things", encrypt=dict.fromkeys(names)))

    full, empty = room.table("things").all()
    for name, kind, (_, expected) in zip(names, types, types.values(), strict=True):
        assert (type(full[name]), full[name]) == (type(expected), expected), kind
        assert empty[name] is None, kind
    assert strongroom.verify(room).intact
    cells = database.execute(f"SELECT {', '.join(names)} FROM things WHERE id = 1")[0]
    assert all(cell.startswith("sr1.") for cell in cells)
    again = room.table("things").add(**{name: full[name] for name in names})
    assert [room.table("things").get(again)[name] for name in names] == [
        expected for _, expected in types.values()
    ]


def test_types_that_do_not_give_back_what_they_hold_are_refused(
    database: Database, room: strongroom.Strongroom
) -> None:
    types = REFUSED[database.kind]
    declared = ", ".join(f"c{n} {kind}" for n, kind in enumerate(types))
    database.execute(f"CREATE TABLE things (id INT PRIMARY KEY, {declared})")
    for number, spelled in enumerate(types.values()):
        with pytest.raises(InputError) as caught:
            make_plan(room.store, Adoption("things", encrypt={f"c{number}": None}))
        message = f"column c{number} has the type {spelled}, which cannot be read exactly"
        assert str(caught.value) == message


TEXTS: Final = [
    "",
    " ",
    "sr1.",
    "sr1.AQEAAAAB",
    "trailing  ",
    "quotes ' \" ` \\ %s %(a)s :b ?",
    "line\r\nbreak",
    "😀" * 40,
    "NULL",
]


def test_texts_come_back_as_they_are(database: Database, room: strongroom.Strongroom) -> None:
    cell_of = room.create_table("elsewhere", {"name": Text()})
    cell_of.add(name="somebody else")
    [(cell,)] = database.execute("SELECT name FROM elsewhere")
    texts = [*TEXTS, cell]
    if database.kind != "postgresql":
        texts.append("with\x00nul")
    wide = "VARCHAR(2000) CHARACTER SET utf8mb4" if database.kind == "mariadb" else "TEXT"
    make_users(database, text=wide)
    fill(database, [(text, n) for n, text in enumerate(texts)])
    adopt(room, Adoption("users", encrypt={"name": None}, seal={"age": None}))
    assert [(one.name, one.age) for one in room.table("users").all()] == [
        (text, n) for n, text in enumerate(texts)
    ]
    stored = [one for (one,) in database.execute("SELECT name FROM users")]
    assert cell not in stored
    assert strongroom.verify(room).intact


def test_a_table_is_adopted_once(database: Database, room: strongroom.Strongroom) -> None:
    make_users(database)
    fill(database, [("Ada", 36)])
    wanted = Adoption("users", encrypt={"name": None}, seal={"age": None})
    adopt(room, wanted)
    stored = database.execute("SELECT * FROM users")
    with pytest.raises(InputError, match="users is a table of the store already"):
        adopt(room, wanted)
    assert database.execute("SELECT * FROM users") == stored


def test_a_text_is_no_list_of_names() -> None:
    with pytest.raises(InputError, match="names are given as a list"):
        strongroom.Adoption("users", encrypt="name")


def test_what_is_in_plaintext_is_never_taken_for_another_scheme(
    database: Database, room: strongroom.Strongroom
) -> None:
    make_users(database)
    fill(database, [("Ada", 36), ("QWRhIEzDtndlIGlzIG5vIGNpcGhlcnRleHQuLi4uLi4=", 1)])
    found: list[Failure] = []
    wanted = Adoption("users", encrypt={"name": None}, scheme="legacy")
    with pytest.raises(UnfinishedError, match=r"^2 rows of users cannot be taken over"):
        adopt(room, wanted, keys=SCHEMES["legacy"].derive(bytes(32)), found=found.append)
    reason = "name does not open under the scheme legacy"
    assert found == [Failure((1,), reason), Failure((2,), reason)]


def test_a_value_that_its_field_may_not_hold_is_named(
    database: Database, room: strongroom.Strongroom
) -> None:
    make_users(database)
    fill(database, [("Ada", 36), ("more than ten bytes", 1), ("Grace", -1)])
    found: list[Failure] = []
    kinds: dict[str, FieldType | None] = {"name": Text(max_bytes=10)}
    with pytest.raises(UnfinishedError) as caught:
        adopt(room, Adoption("users", encrypt=kinds), found=found.append)
    [failure] = found
    assert failure.key == (2,)
    assert failure.reason.startswith("users.name ")
    assert "more than" not in str(caught.value) + failure.reason.replace("more than 10", "")


OUTSIDE: Final = {
    "sqlite": "note TEXT, seen TEXT DEFAULT 'never'",
    "mariadb": "note TEXT, seen TIMESTAMP NOT NULL DEFAULT '2001-01-01 00:00:00' "
    "ON UPDATE CURRENT_TIMESTAMP",
    "postgresql": "note TEXT, seen TIMESTAMP NOT NULL DEFAULT '2001-01-01 00:00:00'",
}


def test_columns_outside_stay_as_they_are_and_may_change(
    database: Database, room: strongroom.Strongroom
) -> None:
    others = OUTSIDE[database.kind]
    database.execute(
        f"CREATE TABLE people (id INT PRIMARY KEY, name VARCHAR(50), age INT, {others})"
    )
    grant(database, "people")
    for number in range(60):
        database.execute("INSERT INTO people (id, name, age) VALUES (?, 'Ada', 1)", [number])
    before = database.execute("SELECT id, note, seen FROM people ORDER BY id")
    done = adopt(room, Adoption("people", encrypt={"name": None}, seal={"age": None}))
    assert done.outside == ("note", "seen")
    assert database.execute("SELECT id, note, seen FROM people ORDER BY id") == before
    database.execute("UPDATE people SET note = 'by another program' WHERE id < 30")
    assert strongroom.verify(room).intact
    assert room.status().tables[0].outside == ("note", "seen")
    record = room.table("people").get(3)
    assert [name for name, _ in record] == ["id", "name", "age"]
    database.execute("UPDATE people SET age = 2 WHERE id = 40")
    report = strongroom.verify(room)
    assert (report.records, report.broken) == (60, 1)


def test_large_values_fit_what_a_server_takes_at_once(
    database: Database, room: strongroom.Strongroom
) -> None:
    """Together they are four times what MariaDB takes in one statement."""
    kind = "LONGTEXT" if database.kind == "mariadb" else "TEXT"
    make_users(database, text=kind)
    crowd = [(f"{n:03d}" * 150_000, n) for n in range(100)]
    for start in range(0, 100, 10):
        fill(database, crowd[start : start + 10])
    adopt(room, Adoption("users", encrypt={"name": None}, seal={"age": None}), rebuild=False)
    assert [(one.name[:3], len(one.name)) for one in room.table("users").all()] == [
        (f"{n:03d}", 450_000) for n in range(100)
    ]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])  # MariaDB's driver gives everything
def test_a_value_that_the_driver_cannot_give_is_named(
    kind: str, request: pytest.FixtureRequest, key: str
) -> None:
    database: Database = request.getfixturevalue(f"{kind}_database")
    put = {"sqlite": "CAST(x'ff41' AS TEXT)", "postgresql": "'infinity'"}[database.kind]
    column = {"sqlite": "TEXT", "postgresql": "DATE"}[database.kind]
    database.execute(f"CREATE TABLE people (id INT PRIMARY KEY, born {column})")
    grant(database, "people")
    for number in range(50):
        database.execute(f"INSERT INTO people VALUES ({number}, '2001-02-03')")
    database.execute(f"UPDATE people SET born = {put} WHERE id IN (7, 49)")
    wanted = Adoption("people", encrypt={"born": None})
    reason = "holds a value that cannot be read, such as an infinite date"
    named = [Failure((7,), reason), Failure((49,), reason)]
    with strongroom.open(database.url, key, password=database.password) as room:
        looked: list[Failure] = []
        look(room.store, make_plan(room.store, wanted), (), looked.append)
        assert looked == named
        found: list[Failure] = []
        with pytest.raises(UnfinishedError, match=r"^2 rows of people"):
            adopt(room, wanted, found=found.append)
        assert found == named
        database.execute("UPDATE people SET born = '2001-02-03' WHERE id IN (7, 49)")
        assert adopt(room, wanted).records == 50
        assert strongroom.verify(room).intact
