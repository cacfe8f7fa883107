"""After the rebuild no old value is left in the table's files; without it they are, and it is said.

The table's files are those that a backup of the table takes. Logs of the server and the redo log
are another matter: docs/limitations.md.
"""

from __future__ import annotations

import secrets
from typing import Final

import pytest

import strongroom
from strongroom.crypto.decrepit.schemes import SCHEMES
from strongroom.jobs.rewriting.adopt import adopt
from strongroom.jobs.rewriting.adoption_plan import Adoption
from tests.jobs.someone import fill, legacy, make_users
from tests.jobs.table_files import holding
from tests.servers.database import Database

OLD_KEY: Final = secrets.token_bytes(32)


@pytest.mark.parametrize("scheme", ["plaintext", "legacy"])
@pytest.mark.parametrize("rebuild", [True, False])
def test_no_old_value_is_left_in_the_files(
    database: Database, key: str, scheme: str, *, rebuild: bool
) -> None:
    names = [f"{secrets.token_hex(12)} lived here" for _ in range(300)]
    names += [secrets.token_urlsafe(9_100) for _ in range(4)]  # too long for a row, on PostgreSQL
    texts = [legacy(OLD_KEY, name) for name in names] if scheme == "legacy" else names
    marks = [text[-40:].encode() for text in texts]
    make_users(database)
    fill(database, [(text, number) for number, text in enumerate(texts)])
    assert holding(database, marks) == len(marks)

    keys = SCHEMES["legacy"].derive(OLD_KEY) if scheme == "legacy" else ()
    wanted = Adoption("users", encrypt={"name": None}, scheme=scheme)
    with strongroom.open(database.url, key, password=database.password) as room:
        done = adopt(room, wanted, keys=keys, rebuild=rebuild)
        if not rebuild:
            assert holding(database, marks) > len(marks) // 2
            assert done.leftovers
            for statement in done.leftovers:
                database.execute(statement)
        else:
            assert done.leftovers == ()
        assert [one.name for one in room.table("users").all()] == names
    assert holding(database, marks) == 0
