"""People in a store with every kind of index: some there before the indexes were, some after."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

import strongroom
from strongroom import (
    Boolean,
    Date,
    FieldType,
    Index,
    Integer,
    Text,
    ZonedDateTime,
)
from tests.search.people import Person, people

FIELDS: Final[dict[str, FieldType]] = {
    "name": Text(),
    "email": Text(),
    "phone": Text(optional=True),
    "born": Date(optional=True),
    "salary": strongroom.Decimal(optional=True),
    "seen": ZonedDateTime(optional=True),
    "smoker": Boolean(),
    "ward": Integer(),
    "age": Integer(plain=True, minimum=0, maximum=150),
    "city": Text(plain=True, optional=True, max_bytes=400),
    "floor": Integer(plain=True, optional=True),
}
# Of 8 bits, a token stands for one record in 256 that has nothing to do with it.
INDEXES: Final = (
    Index.exact("name", bits=8),
    Index.exact("name", normaliser="folded", name="name_folded", bits=12, partitions=4),
    Index.exact("email", normaliser="email", unique=True),
    Index.exact("phone", normaliser="phone", bits=64),
    Index.compound("ward", "smoker", bits=8, partitions=3, accept="these people are made up"),
    Index.compound("name", "born"),
    Index.prefix("name", bits=10),
    Index.words("name", bits=8),
    Index.trigram("name", bits=9),
    Index.range("born", minimum=dt.date(1920, 1, 1), maximum=dt.date(2010, 12, 31), bits=10),
    Index.range("salary", minimum=Decimal(0), maximum=Decimal(250_000), step=Decimal(100)),
    Index.range(
        "seen",
        minimum=dt.datetime(2000, 1, 1, tzinfo=dt.UTC),
        maximum=dt.datetime(2030, 1, 1, tzinfo=dt.UTC),
        fanout=4,
        bits=16,
        partitions=2,
    ),
)
_CHANGED, _GONE, _AT_MOST = 0.02, 0.01, 200


def fill(
    room: strongroom.Strongroom,
    count: int,
    seed: int,
    indexes: Sequence[Index] = INDEXES,
) -> tuple[strongroom.Table, list[Person]]:
    """Make the table `people`, and return it with who is in it at the end.

    A third is put in before the indexes are added and the others after; then some are changed,
    and some deleted. So every way is gone by which a record comes into an index or out of it.
    """
    table = room.create_table("people", FIELDS)
    crowd = people(count, seed)
    early = count // 3
    kept = _added(table, crowd[:early])
    for index in indexes:
        strongroom.add_index(room, "people", index)
    kept |= _added(table, crowd[early:])
    rng = random.Random(f"changes {seed}")
    others = iter(people(_AT_MOST, seed + 1))
    with room.transaction():
        for key in rng.sample(sorted(kept), min(int(count * _CHANGED), _AT_MOST)):
            wanted = rng.sample(sorted(set(FIELDS) - {"email"}), 3)
            other = next(others)
            change = {name: other[name] for name in wanted}
            table.update(key, **change)
            kept[key] |= change
        for key in rng.sample(sorted(kept), min(int(count * _GONE), _AT_MOST)):
            table.delete(key)
            del kept[key]
    return table, list(kept.values())


def _added(table: strongroom.Table, crowd: list[Person]) -> dict[int, Person]:
    keys = table.add_many(crowd)
    return {key: {"id": key, **one} for key, one in zip(keys, crowd, strict=True)}
