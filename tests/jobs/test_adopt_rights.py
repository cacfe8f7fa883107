"""The rights that `docs/adopting.md` names are enough to adopt, convert and release on MariaDB."""

from __future__ import annotations

import re
from pathlib import Path

import strongroom
from strongroom.jobs.rewriting.adopt import adopt
from strongroom.jobs.rewriting.adoption_plan import Adoption
from strongroom.jobs.rewriting.convert import convert, release
from tests.jobs.someone import fill, make_users, people
from tests.servers.database import MariaDBDatabase

PAGE = Path(__file__).parents[2] / "docs" / "adopting.md"


def test_the_rights_that_are_named_are_enough(
    mariadb_database: MariaDBDatabase, tmp_path: Path
) -> None:
    [grant] = re.findall(r"GRANT ([A-Z, ]+) ON people\.\*", PAGE.read_text(encoding="utf-8"))
    database = mariadb_database
    make_users(database)
    fill(database, people(30))
    url, password = database.account(*grant.split(", "))
    with strongroom.open(url, f"file:{tmp_path / 'aes_key.bin'}", password=password) as room:
        adopt(room, Adoption("users", encrypt=["name"], seal=["age"]))
        convert(room, "users", {"age": strongroom.Integer()})
        assert [(one.name, one.age) for one in room.table("users").all()] == people(30)
        release(room, "users")
    assert database.execute("SELECT name, age FROM users ORDER BY id") == people(30)
