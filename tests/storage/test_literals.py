"""What is spelled into a statement is what the database reads, whatever it is."""

from __future__ import annotations

from typing import Any, Final

import pytest

import strongroom
from strongroom.storage import literals
from strongroom.storage.connect import Database as Place
from tests.servers.database import Database

CELL: Final = "sr1.AZaz09+/=="
COLUMNS: Final[dict[str, list[Any]]] = {
    "cells": [CELL, "x", "="],
    "numbers": [0, -1, 2**63 - 1, -(2**63)],
    "bytes": [b"", bytes(range(256)), b"'\\"],
    "an empty text": ["", CELL],
    "quotes": ["'", "\\'", "'); DROP TABLE t; -- ", '"', "`"],
    "percent": ["%s", "100%", "%%", "%(a)s"],
    "letters": ["é", "ß", "😀", "?"],
    "controls": ["\x1f", "\x1e", "a\x1fb", "\n\r\t\x1a"],
    "what divides a list": ["a\x1fb", "c"],
    "what stands for nothing": ["\x1e", "c"],
    "with nothing": ["a", None, "b"],
    "numbers with nothing": [None, 7],
    "nothing": [None, None],
}


@pytest.mark.parametrize("database", ["mariadb"], indirect=True)
@pytest.mark.parametrize("name", COLUMNS)
def test_a_literal_of_mysql_is_its_value(database: Database, name: str) -> None:
    values = COLUMNS[name]
    place = Place.open(database.url, password=database.password)
    with place.read() as connection:
        cursor = connection.connection.cursor()
        spelled = literals.mysql(cursor, values)
        statement = " UNION ALL ".join(
            f"SELECT {number} AS n, {one} AS v" for number, one in enumerate(spelled)
        )
        found = connection.exec_driver_sql(
            f"{statement} ORDER BY n".replace("%", "%%")  # that is the test
        ).all()
    place.close()
    assert [as_given(row.v, given) for row, given in zip(found, values, strict=True)] == values


def as_given(found: Any, given: object) -> object:
    return bytes(found) if isinstance(given, bytes) else found


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("name", COLUMNS)
def test_a_list_of_postgresql_is_its_values(database: Database, name: str) -> None:
    rows = list(enumerate(COLUMNS[name]))
    place = Place.open(database.url, password=database.password)
    with place.read() as connection:
        lists = literals.postgresql(connection, rows)
        if name in ("controls", "nothing", "what divides a list", "what stands for nothing"):
            assert lists is None  # the driver spells them
        else:
            assert lists is not None
            found = connection.exec_driver_sql(
                f"SELECT {', '.join(lists.elements)} FROM {lists.source} ORDER BY 1",
                lists.texts,
            ).all()
            assert [tuple(row) for row in found] == rows
        assert literals.postgresql(connection, rows[:1]) is None
    place.close()


def test_only_harmless_text_is_spelled_here() -> None:
    class Cursor:
        def mogrify(self, *_: object) -> str:
            raise strongroom.InputError("the driver was asked")

    for text in ("é", "'", "a b", "a\n", "\\", "%", "?"):
        with pytest.raises(strongroom.InputError):
            literals.mysql(Cursor(), [CELL, text])
    assert literals.mysql(Cursor(), [CELL, ""]) == [f"'{CELL}'", "''"]
