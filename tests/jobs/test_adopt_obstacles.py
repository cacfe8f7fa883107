"""What hangs on an adopted column is named and refused, or goes by name where that may be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import pytest

import strongroom
from strongroom.errors import InputError
from strongroom.jobs.rewriting.adopt import adopt
from strongroom.jobs.rewriting.adoption_plan import Adoption, make_plan
from strongroom.storage.inspection import inspect
from strongroom.storage.rewriting.obstacles import find
from tests.jobs.someone import grant
from tests.jobs.whole import everything
from tests.servers.database import Database

SQLITE: Final = frozenset({"sqlite"})
MARIADB: Final = frozenset({"mariadb"})
POSTGRESQL: Final = frozenset({"postgresql"})
EVERYWHERE: Final = SQLITE | MARIADB | POSTGRESQL
TEXT: Final = "VARCHAR(50)"


class Case(NamedTuple):
    """Statements that make the table, and (name, what, acceptable) of each obstacle."""

    kinds: frozenset[str]
    made: Sequence[str]
    found: Sequence[tuple[str, str, bool]]


def people(more: str = "", *, name: str = "") -> str:
    return f"CREATE TABLE people (id INT NOT NULL PRIMARY KEY, name {TEXT} {name}, age INT{more})"


FUNCTION: Final = (
    "CREATE FUNCTION count_up() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN NEW.age := NEW.age; RETURN NEW; END $$"
)
CASES: Final = {
    "an index": Case(
        EVERYWHERE,
        [people(), "CREATE INDEX by_name ON people (name)"],
        [("by_name", "is an index over name", True)],
    ),
    "a unique index": Case(
        EVERYWHERE,
        [people(), "CREATE UNIQUE INDEX by_name ON people (name)"],
        [("by_name", "is a unique index over name", True)],
    ),
    "an index over two columns": Case(
        EVERYWHERE,
        [people(), "CREATE INDEX by_both ON people (age, name)"],
        [("by_both", "is an index over name", True)],
    ),
    "an index over an expression": Case(
        POSTGRESQL,
        [people(), "CREATE INDEX by_small ON people (lower(name))"],
        [("by_small", "is an index over name", True)],
    ),
    "an index over an expression, on SQLite": Case(
        SQLITE,
        [people(), "CREATE INDEX by_small ON people (lower(name))"],
        [("by_small", "is an index over name", True)],
    ),
    "an index of only some rows": Case(
        POSTGRESQL | SQLITE,
        [people(), "CREATE INDEX by_some ON people (age) WHERE name IS NOT NULL"],
        [("by_some", "is an index over name", True)],
    ),
    "UNIQUE in the table": Case(
        SQLITE,
        [people(name="UNIQUE")],
        [("the UNIQUE of its table", "is a unique index over name", False)],
    ),
    "a unique constraint": Case(
        POSTGRESQL | MARIADB,
        [people(", CONSTRAINT one_name UNIQUE (name)")],
        [("one_name", "is a unique index over name", True)],
    ),
    "a foreign key out": Case(
        POSTGRESQL,
        [
            f"CREATE TABLE names (name {TEXT} NOT NULL PRIMARY KEY)",
            people(", CONSTRAINT known FOREIGN KEY (name) REFERENCES names (name)"),
        ],
        [("known", "is a foreign key over name", False)],
    ),
    "a foreign key out, on MariaDB": Case(
        MARIADB,
        [
            f"CREATE TABLE names (name {TEXT} NOT NULL PRIMARY KEY)",
            people(", CONSTRAINT known FOREIGN KEY (name) REFERENCES names (name)"),
        ],
        [
            ("known", "is an index over name", True),
            ("known", "is a foreign key over name", False),
        ],
    ),
    "a foreign key in": Case(
        POSTGRESQL | MARIADB,
        [
            people(", CONSTRAINT one_name UNIQUE (name)"),
            (
                f"CREATE TABLE pets (id INT PRIMARY KEY, owner {TEXT}, "
                "CONSTRAINT owned FOREIGN KEY (owner) REFERENCES people (name))"
            ),
        ],
        [
            ("one_name", "is a unique index over name", True),
            ("owned", "is a foreign key of another table to name", False),
        ],
    ),
    "a foreign key that changes the primary key": Case(
        POSTGRESQL | MARIADB,
        [
            "CREATE TABLE roots (id INT NOT NULL PRIMARY KEY)",
            people(", CONSTRAINT rooted FOREIGN KEY (id) REFERENCES roots (id) ON UPDATE CASCADE"),
        ],
        [("rooted", "changes the primary key where no trigger sees it", False)],
    ),
    "a foreign key that changes a sealed column": Case(
        POSTGRESQL | MARIADB,
        [
            "CREATE TABLE ages (age INT NOT NULL PRIMARY KEY)",
            people(", CONSTRAINT aged FOREIGN KEY (age) REFERENCES ages (age) ON DELETE SET NULL"),
        ],
        [("aged", "changes age by itself", False)],
    ),
    "a check": Case(
        POSTGRESQL | MARIADB,
        [people(", CONSTRAINT not_empty CHECK (name <> '')")],
        [("not_empty", "is a check on name", False)],
    ),
    "a computed column": Case(
        MARIADB,
        [people(f", small {TEXT} AS (lower(name)) STORED")],
        [("small", "is or has a column computed from name", False)],
    ),
    "a computed column, on PostgreSQL": Case(
        POSTGRESQL,
        [people(f", small {TEXT} GENERATED ALWAYS AS (lower(name)) STORED")],
        [("small", "is or has a column computed from name", False)],
    ),
    "a computed column, on SQLite": Case(
        SQLITE,
        [people(f", small {TEXT} AS (lower(name))")],
        [("people", "is or has a column computed from name", False)],
    ),
    "a view": Case(
        POSTGRESQL | SQLITE,
        [people(), "CREATE VIEW shown AS SELECT id, name FROM people"],
        [("shown", "is a view that reads name", False)],
    ),
    "a view, on MariaDB": Case(
        MARIADB,
        [people(), "CREATE VIEW shown AS SELECT id, name FROM people"],
        [("shown", "is a view that reads name", True)],
    ),
    "a view of another table": Case(
        EVERYWHERE,
        [
            people(),
            f"CREATE TABLE pets (id INT PRIMARY KEY, name {TEXT})",
            "CREATE VIEW shown AS SELECT id, name FROM pets",
        ],
        [],
    ),
    "a trigger": Case(
        SQLITE,
        [
            people(),
            "CREATE TRIGGER aged AFTER INSERT ON people BEGIN SELECT NEW.age; END",
        ],
        [("aged", "is a trigger on the table", True)],
    ),
    "a trigger that names the column": Case(
        SQLITE,
        [
            people(),
            "CREATE TRIGGER named AFTER INSERT ON people BEGIN SELECT NEW.name; END",
        ],
        [("named", "is a trigger on the table", False)],
    ),
    "a trigger, on MariaDB": Case(
        MARIADB,
        [
            people(),
            "CREATE TRIGGER aged BEFORE INSERT ON people FOR EACH ROW SET NEW.age = NEW.age",
        ],
        [("aged", "is a trigger on the table", True)],
    ),
    "a trigger, on PostgreSQL": Case(
        POSTGRESQL,
        [
            people(),
            FUNCTION,
            "CREATE TRIGGER aged BEFORE INSERT ON people FOR EACH ROW EXECUTE FUNCTION count_up()",
        ],
        [("aged", "is a trigger on the table", True)],
    ),
    "a column that changes by itself": Case(
        MARIADB,
        [
            (
                "CREATE TABLE people (id INT NOT NULL PRIMARY KEY, age INT, "
                "name DATETIME DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP)"
            ),
        ],
        [("name", "is changed by the database with every update", False)],
    ),
    "a column that is computed": Case(
        POSTGRESQL | MARIADB,
        [
            (
                "CREATE TABLE people (id INT NOT NULL PRIMARY KEY, age INT, "
                "name INT GENERATED ALWAYS AS (age + 1) STORED)"
            ),
        ],
        [("name", "is computed by the database", False)],
    ),
    "another engine": Case(
        MARIADB,
        [people() + " ENGINE=MyISAM"],
        [("people", "is kept by MyISAM, which has no transactions", False)],
    ),
    "partitions": Case(
        POSTGRESQL,
        [people() + " PARTITION BY RANGE (id)"],
        [("people", "is partitioned, inherits, or is no ordinary table", False)],
    ),
    "a parent": Case(
        POSTGRESQL,
        ["CREATE TABLE beings (age INT)", people() + " INHERITS (beings)"],
        [("people", "is partitioned, inherits, or is no ordinary table", False)],
    ),
    "an index over another column": Case(
        EVERYWHERE, [people(), "CREATE INDEX by_age ON people (age)"], []
    ),
}
WANTED: Final = Adoption("people", encrypt={"name": None}, seal={"age": None})


def made(database: Database, case: Case) -> None:
    for statement in case.made:
        database.execute(statement)
    if database.kind == "postgresql":
        for (name,) in database.execute(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p', 'v') "
            "AND relnamespace = 'public'::regnamespace AND relname NOT LIKE 'strongroom%'"
        ):
            grant(database, name)


@pytest.mark.parametrize(
    ("kind", "name"), [(kind, name) for name, case in CASES.items() for kind in sorted(case.kinds)]
)
def test_each_is_named_and_refused_or_goes_by_name(
    kind: str, name: str, request: pytest.FixtureRequest, key: str
) -> None:
    database: Database = request.getfixturevalue(f"{kind}_database")
    case = CASES[name]
    with strongroom.open(database.url, key, password=database.password) as room:
        made(database, case)
        before = everything(database)
        plan = make_plan(room.store, WANTED)
        found = [(one.name, one.what, one.acceptable) for one in plan.obstacles]
        assert found == list(case.found)
        names = frozenset(one for one, _, _ in case.found)
        accepting = Adoption("people", WANTED.encrypt, WANTED.seal, accept=names)
        if case.found:
            with pytest.raises(InputError) as caught:
                adopt(room, WANTED)
            first, what, _ = case.found[0]
            assert str(caught.value) == f"{first} {what}, and rewriting people would break it"
        if not all(acceptable for _, _, acceptable in case.found):
            with pytest.raises(InputError, match="would break it"):
                adopt(room, accepting)
            assert everything(database) == before
            return
        assert everything(database) == before
        database.execute("INSERT INTO people (id, name, age) VALUES (1, 'Ada', 36)")
        adopt(room, accepting)
        assert [(one.name, one.age) for one in room.table("people").all()] == [("Ada", 36)]
        assert strongroom.verify(room).intact
        with room.store.database.read() as connection:
            shape = inspect(connection, room.store.dialect, "people")
            left = {one.name for one in find(connection, shape, replaced=["name"], sealed=["age"])}
        assert left == {one for one, what, _ in case.found if "trigger" in what or "view" in what}
        room.table("people").add(name="Grace", age=85)
        assert strongroom.verify(room).intact
