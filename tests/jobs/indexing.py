"""A table with an index of every kind, and what has to be true of it, whatever happened.

What holds between records and tokens is looked at with plain SQL too: the set of ids in a table
of tokens, and of those whose column has one, is that of the records that have the values.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import strongroom
from strongroom import Date, Index, Integer, Text
from strongroom.schema.search.index import BlindIndex, Phase
from strongroom.schema.table import Table
from tests.servers.database import Database

NAME: Final = "people"
_ONE_BY_ONE: Final = 40
_MOST_VALUES: Final = 500  # of one question
FIELDS: Final = {
    "name": Text(optional=True),
    "email": Text(optional=True),
    "born": Date(optional=True),
    "age": Integer(plain=True),
}
FIRST: Final = dt.date(1900, 1, 1)
INDEXES: Final = {
    "exact": Index.exact("email"),
    "compound": Index.compound("name", "born"),
    "prefix": Index.prefix("name", lengths=(2, 4)),
    "words": Index.words("name"),
    "trigram": Index.trigram("name"),
    "range": Index.range("born", minimum=FIRST, maximum=dt.date(2049, 12, 31)),
}
_SCHEMAS: Final = {
    "sqlite": ("SELECT name FROM sqlite_master", "SELECT name FROM pragma_table_info('people')"),
    "mariadb": (
        "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()",
        "SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE()",
        "SELECT index_name FROM information_schema.statistics WHERE table_schema = DATABASE()",
    ),
    "postgresql": (
        "SELECT relname FROM pg_class WHERE relname NOT LIKE '%_pkey'",
        "SELECT attname FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped",
    ),
}


def person(number: int) -> dict[str, Any]:
    """Return the values of a record that no other number has."""
    return {
        "name": f"{chr(65 + number % 26)}da Löwe w{number:06d}",
        "email": f"ada{number}@example.org",
        "born": FIRST + dt.timedelta(days=number % 40_000),
        "age": number % 90,
    }


def make(room: strongroom.Strongroom, kinds: Iterable[str] = INDEXES) -> strongroom.Table:
    """Make the table, with indexes of these kinds."""
    room.create_table(NAME, FIELDS)
    for kind in kinds:
        strongroom.add_index(room, NAME, INDEXES[kind])
    return room.table(NAME)


# Which fields a question is about, and what is asked of a record's values in them.
_ASKED: Final[Mapping[str, tuple[tuple[str, ...], Callable[..., dict[str, object]]]]] = {
    "exact": (("email",), lambda email: {"email": email}),
    "compound": (("name", "born"), lambda name, born: {"name": name, "born": born}),
    "prefix": (("name",), lambda name: {"name": strongroom.prefix(name[:4])}),
    "words": (("name",), lambda name: {"name": strongroom.words(name.split()[-1])}),
    "trigram": (("name",), lambda name: {"name": strongroom.contains(name[-6:])}),
    "range": (("born",), lambda born: {"born": strongroom.between(born, born)}),
}


def question(kind: str, values: Mapping[str, Any] | strongroom.Record) -> dict[str, object] | None:
    """Return what only an index of a kind answers and a record of these values meets, or None."""
    names, asked = _ASKED[kind]
    given = [values[name] for name in names]
    return None if None in given else asked(*given)


# Written out once more, without the product: whether a record meets the question of another.
_MEETS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "exact": lambda one, by: bool(one["email"] == by["email"]),
    "compound": lambda one, by: (one["name"], one["born"]) == (by["name"], by["born"]),
    "prefix": lambda one, by: (one["name"] or "").startswith(by["name"][:4]),
    "words": lambda one, by: by["name"].split()[-1] in (one["name"] or "").split(),
    "trigram": lambda one, by: by["name"][-6:] in (one["name"] or ""),
    "range": lambda one, by: bool(one["born"] == by["born"]),
}


# What all records meet that have a value, given these values.
_OF_ALL: Final[Mapping[str, tuple[str, Callable[[list[Any]], object]]]] = {
    "exact": ("email", lambda values: strongroom.one_of(*values)),
    "range": ("born", lambda values: strongroom.between(min(values), max(values))),
}


def schema(room: strongroom.Strongroom, name: str = NAME) -> Table:
    """Return what the catalogue says of the table now."""
    room.store.refresh(room.store.state)
    return room.store.state.catalogue.table(name)


def index(room: strongroom.Strongroom, kind: str) -> BlindIndex:
    """Return the index of a kind, as the catalogue has it."""
    return schema(room).index(INDEXES[kind].called)


def check(database: Database, room: strongroom.Strongroom) -> None:
    """Assert that records and tokens fit, and that every record is found by its values."""
    check_tokens(database, room)
    check_found(room)


def check_tokens(database: Database, room: strongroom.Strongroom) -> None:
    """Assert that no token is there without its record, and no record without its tokens."""
    findings: list[str] = []
    report = strongroom.verify(room, found=lambda finding: findings.append(str(finding.error)))
    assert (findings, report.intact) == ([], True)
    table = schema(room)
    by_id = {field.id: field.name for field in table.fields}
    for one in table.indexes:
        if one.phase is Phase.ACTIVE:
            names = [by_id[part.field] for part in one.parts]
            assert has_tokens(database, one) == has_values(database, names), one.name


def has_values(database: Database, names: Iterable[str]) -> set[int]:
    """Return the ids of the records that have values in these fields, as the database says."""
    given = " AND ".join(f'"{name}" IS NOT NULL' for name in names)
    return {number for (number,) in database.execute(f"SELECT id FROM {NAME} WHERE {given}")}


def has_tokens(database: Database, one: BlindIndex) -> set[int]:
    """Return the ids that have tokens in an index, as the database says."""
    if one.kind.beside:
        found = database.execute(f'SELECT DISTINCT record_id FROM "{one.place}"')
    else:
        found = database.execute(f'SELECT id FROM {NAME} WHERE "{one.place}" IS NOT NULL')
    return {number for (number,) in found}


def check_found(room: strongroom.Strongroom) -> None:
    """Assert that each index finds what a full read finds.

    One by one it asks for some of many records, and for all of them in a few questions where the
    kind has such.
    """
    table = room.table(NAME)
    records = list(table.all())
    kinds = [str(one.kind) for one in schema(room).indexes if one.answers]
    some = records[:: len(records) // _ONE_BY_ONE + 1]
    for kind in kinds:
        for record in some:
            asked = question(kind, record)
            if asked is not None:
                found = [one.id for one in table.find(**asked)]
                wanted = [one.id for one in records if _MEETS[kind](one, record)]
                assert found == wanted, kind
                assert record.id in found
        if kind in _OF_ALL:
            field, together = _OF_ALL[kind]
            given = [one for one in records if one[field] is not None]
            for start in range(0, len(given), _MOST_VALUES):
                part = given[start : start + _MOST_VALUES]
                asked = {field: together([one[field] for one in part])}
                found = [one.id for one in table.find(**asked)]
                assert found == sorted(found)
                assert {one.id for one in part} <= set(found) <= {one.id for one in given}, kind


def values(room: strongroom.Strongroom) -> list[tuple[Any, ...]]:
    """Return what the records hold, without what changes at each write."""
    return sorted(
        ((one.name, one.email, one.born, one.age) for one in room.table(NAME).all()), key=repr
    )


def left_over(database: Database, room: strongroom.Strongroom) -> set[str]:
    """Return what the database has of indexes that the catalogue does not know."""
    there = {name for sql in _SCHEMAS[database.kind] for (name,) in database.execute(sql)}
    ours = {one for one in there if one.startswith(("strongroom_index_", "record_index_"))}
    places = {one.removesuffix("_key") for one in ours}  # an index over the keys of tokens
    return places - {one.place for one in schema(room).indexes}
