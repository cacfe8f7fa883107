"""Tables keep the primary key that they have, of every form that can name a record exactly."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final, NamedTuple
from uuid import UUID

import pytest

import strongroom
from strongroom.errors import InputError, UnfinishedError
from strongroom.jobs.rewriting.adopt import adopt, undo
from strongroom.jobs.rewriting.adoption_plan import Adoption, make_plan
from strongroom.room.settling import Failure
from tests.jobs.aftermath import traces
from tests.jobs.moments import before
from tests.jobs.someone import grant
from tests.servers.database import Database

EVERYWHERE: Final = frozenset({"sqlite", "mariadb", "postgresql"})
MARIADB: Final = frozenset({"mariadb"})
POSTGRESQL: Final = frozenset({"postgresql"})
UUIDS: Final = [UUID(int=(number << 64) + 7 * number) for number in range(1, 98)]


class Kind(NamedTuple):
    """A form of primary key: how it is declared, and 97 keys as strongroom and as SQL have them."""

    kinds: frozenset[str]
    declared: str
    keys: list[tuple[Any, ...]]
    in_sql: list[tuple[Any, ...]] | None = None
    uuids: frozenset[str] = frozenset()


def one(values: list[Any]) -> list[tuple[Any, ...]]:
    return [(value,) for value in values]


NUMBERS: Final = one(list(range(-40, 57)))
WORDS: Final = one(sorted({f"Name {number:03d}" for number in range(97)}))
DAYS: Final = [dt.date(2024, 1, 1) + dt.timedelta(days=number) for number in range(97)]
KINDS: Final = {
    "int": Kind(EVERYWHERE, "k INT NOT NULL PRIMARY KEY", NUMBERS),
    "bigint": Kind(
        EVERYWHERE, "k BIGINT NOT NULL PRIMARY KEY", one([2**62 + n for n in range(97)])
    ),
    "unsigned": Kind(
        MARIADB, "k BIGINT UNSIGNED NOT NULL PRIMARY KEY", one([2**63 - 97 + n for n in range(97)])
    ),
    "text": Kind(EVERYWHERE, "k VARCHAR(40) NOT NULL PRIMARY KEY", WORDS),
    "collated": Kind(
        MARIADB,
        "k VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL PRIMARY KEY",
        one([f"{'aBcD'[n % 4]}{n}é" for n in range(97)]),
    ),
    "binary order": Kind(
        MARIADB,
        "k VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL PRIMARY KEY",
        one([f"{'aBcD'[n % 4]}{n}é" for n in range(97)]),
    ),
    "UUID as 36": Kind(
        frozenset({"sqlite", "mariadb"}),
        "k CHAR(36) NOT NULL PRIMARY KEY",
        one(list(UUIDS)),
        one([str(uuid) for uuid in UUIDS]),
        frozenset({"k"}),
    ),
    "UUID as 32": Kind(
        frozenset({"sqlite", "mariadb"}),
        "k CHAR(32) NOT NULL PRIMARY KEY",
        one(list(UUIDS)),
        one([uuid.hex for uuid in UUIDS]),
        frozenset({"k"}),
    ),
    "UUID as 16 bytes": Kind(
        MARIADB,
        "k BINARY(16) NOT NULL PRIMARY KEY",
        one(list(UUIDS)),
        one([uuid.bytes for uuid in UUIDS]),
        frozenset({"k"}),
    ),
    "UUID as bytes": Kind(
        POSTGRESQL,
        "k BYTEA NOT NULL PRIMARY KEY",
        one(list(UUIDS)),
        one([uuid.bytes for uuid in UUIDS]),
        frozenset({"k"}),
    ),
    "native UUID": Kind(
        frozenset({"mariadb", "postgresql"}),
        "k UUID NOT NULL PRIMARY KEY",
        one(list(UUIDS)),
        one([str(uuid) for uuid in UUIDS]),
    ),
    "bytes": Kind(
        EVERYWHERE,
        "k VARBINARY(20) NOT NULL PRIMARY KEY",
        one([bytes([n, 0, 255]) for n in range(97)]),
    ),
    "date": Kind(
        frozenset({"mariadb", "postgresql"}),
        "k DATE NOT NULL PRIMARY KEY",
        one([day.isoformat() for day in DAYS]),
        one(list(DAYS)),
    ),
    "two columns": Kind(
        EVERYWHERE,
        "k INT NOT NULL, l VARCHAR(20) NOT NULL",
        [(n // 10, f"part {n % 10}") for n in range(97)],
    ),
}
BYTES: Final = {"sqlite": "BLOB", "postgresql": "BYTEA"}


def make(database: Database, name: str) -> Kind:
    kind = KINDS[name]
    declared = kind.declared
    if database.kind in BYTES:
        declared = declared.replace("VARBINARY(20)", BYTES[database.kind])
    declared += ", name VARCHAR(200) NOT NULL, age INT"
    if len(names(kind)) == 2:
        declared += ", PRIMARY KEY (k, l)"
    database.execute(f"CREATE TABLE people ({declared})")
    grant(database, "people")
    return kind


def names(kind: Kind) -> list[str]:
    return ["k", "l"][: len(kind.keys[0])]


def insert(database: Database, kind: Kind, keys: list[tuple[Any, ...]]) -> None:
    columns = ", ".join([*names(kind), "name", "age"])
    marks = f"({', '.join(['?'] * (len(keys[0]) + 2))})"
    flat = [part for n, key in enumerate(keys) for part in (*key, f"Ada {n}", n)]
    database.execute(
        f"INSERT INTO people ({columns}) VALUES {', '.join([marks] * len(keys))}", flat
    )


WANTED: Final = Adoption("people", encrypt={"name": None}, seal={"age": None})


@pytest.mark.parametrize(
    ("kind", "name"), [(kind, name) for name, form in KINDS.items() for kind in sorted(form.kinds)]
)
def test_every_form_of_key_names_its_record(
    kind: str, name: str, request: pytest.FixtureRequest, key: str
) -> None:
    database: Database = request.getfixturevalue(f"{kind}_database")
    form = make(database, name)
    stored = form.in_sql or form.keys
    insert(database, form, stored)
    before = set(database.execute(f"SELECT {', '.join(names(form))}, age FROM people"))
    with strongroom.open(database.url, key, password=database.password) as room:
        done = adopt(room, Adoption("people", WANTED.encrypt, WANTED.seal, uuids=form.uuids))
        assert done.records == 97
        people = room.table("people")
        assert set(database.execute(f"SELECT {', '.join(names(form))}, age FROM people")) == before

        expected = {key: (f"Ada {n}", n) for n, key in enumerate(form.keys)}
        found = [(record.record_key, (record.name, record.age)) for record in people.all()]
        assert len(found) == 97
        assert dict(found) == expected
        first = list(people.find().limit(10))
        rest = people.find().after(first[-1])
        assert [one.record_key for one in (*first, *rest)] == [key for key, _ in found]
        some = form.keys[41]
        given = some[0] if len(some) == 1 else some
        assert people.get(given).name == "Ada 41"
        assert people.find(age=41).one().record_key == some
        people.update(given, name="Grace", age=0)
        assert (people.get(given).name, people.get(given).age) == ("Grace", 0)
        people.delete(given)
        with pytest.raises(strongroom.NotFoundError):
            people.get(given)
        if len(some) == 1 and type(some[0]) is int:
            if max(form.keys)[0] < 2**62:
                assert people.add(name="New", age=1) == max(form.keys)[0] + 1
        else:
            people.add(**dict(zip(names(form), some, strict=True)), name="New", age=1)
            assert people.get(given).name == "New"
        assert strongroom.verify(room).intact
        assert traces(database) == set()


def refused(room: strongroom.Strongroom, *, uuids: frozenset[str] = frozenset()) -> str:
    with pytest.raises(InputError) as caught:
        make_plan(room.store, Adoption("people", WANTED.encrypt, uuids=uuids))
    return str(caught.value)


def test_keys_that_name_no_record_exactly_are_refused(
    database: Database, room: strongroom.Strongroom
) -> None:
    inexact = {"sqlite": "REAL", "mariadb": "FLOAT", "postgresql": "REAL"}[database.kind]
    decimal = {"sqlite": "DECIMAL(6,2)", "mariadb": "DECIMAL(6,2)", "postgresql": "NUMERIC(6,2)"}
    shown = {
        "sqlite": ("REAL", "DECIMAL(6,2)"),
        "mariadb": ("float", "decimal(6,2)"),
        "postgresql": ("real", "numeric(6,2)"),
    }[database.kind]
    database.execute("CREATE TABLE people (k INT, name VARCHAR(20))")
    assert refused(room) == (
        "the table people has no primary key, so no record can be told from another"
    )
    for declared, spelled in zip((inexact, decimal[database.kind]), shown, strict=True):
        database.execute("DROP TABLE people")
        database.execute(f"CREATE TABLE people (k {declared} PRIMARY KEY, name VARCHAR(20))")
        assert refused(room) == (
            f"the primary key column k ({spelled}) cannot say exactly which record is meant"
        )
    assert refused(room, uuids=frozenset({"name"})) == "name is no column of the primary key"


def test_an_unsigned_id_beyond_64_bits_is_named(mariadb_database: Database, key: str) -> None:
    database = mariadb_database
    form = make(database, "unsigned")
    insert(database, form, [(1,), (2**63 - 1,), (2**63,), (2**64 - 1,)])
    found: list[Failure] = []
    with strongroom.open(database.url, key, password=database.password) as room:
        with pytest.raises(UnfinishedError, match=r"^2 rows of people cannot be taken over"):
            adopt(room, WANTED, found=found.append)
        reason = "the primary key must fit in 64 bits with its sign"
        assert found == [Failure((2**63,), reason), Failure((2**64 - 1,), reason)]
        database.execute("DELETE FROM people WHERE k >= 9223372036854775808")
        assert adopt(room, WANTED).records == 2
        assert strongroom.verify(room).intact
        with pytest.raises(strongroom.StrongroomError):
            room.table("people").add(name="one too many", age=1)
        assert [one.k for one in room.table("people").all()] == [1, 2**63 - 1]


@pytest.mark.parametrize("kind", ["sqlite", "mariadb"])
def test_a_uuid_spelled_otherwise_is_named(
    kind: str, request: pytest.FixtureRequest, key: str
) -> None:
    """Every place in the order of keys: the first, one between, a whole page of them, the last."""
    database: Database = request.getfixturevalue(f"{kind}_database")
    form = make(database, "UUID as 36")
    insert(database, form, [(str(uuid),) for uuid in UUIDS])
    odd = [("!",), *[(f"5-{n:03d}",) for n in range(80)], ("zz",)]
    insert(database, form, odd)
    found: list[Failure] = []
    wanted = Adoption("people", WANTED.encrypt, WANTED.seal, uuids=form.uuids)
    with strongroom.open(database.url, key, password=database.password) as room:
        with pytest.raises(UnfinishedError, match=r"^82 rows of people cannot be taken over"):
            adopt(room, wanted, found=found.append)
        assert [one.key for one in found] == odd
        assert {one.reason for one in found} == {"its primary key is of another type or spelling"}
        undo(room, "people")


def test_a_uuid_that_gets_another_spelling_meanwhile_is_named(
    mariadb_database: Database, key: str
) -> None:
    database = mariadb_database
    form = make(database, "UUID as 36")
    insert(database, form, [(str(uuid),) for uuid in UUIDS])
    wanted = Adoption("people", WANTED.encrypt, WANTED.seal, uuids=form.uuids)
    found: list[Failure] = []
    with strongroom.open(database.url, key, password=database.password) as room:
        change = "UPDATE people SET k = 'odd' WHERE age = 3"
        with (
            before("catch_up", lambda: database.execute(change)),
            pytest.raises(UnfinishedError, match=r"^1 row of people cannot be taken over"),
        ):
            adopt(room, wanted, found=found.append)
        assert [one.key for one in found] == [("odd",)]
        database.execute("UPDATE people SET k = ? WHERE k = 'odd'", [str(UUIDS[3])])
        assert adopt(room, wanted).records == 97
        assert strongroom.verify(room).intact
