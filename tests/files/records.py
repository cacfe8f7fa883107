"""Columns of every type, and rows of values that files find hard."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal as Number
from typing import Any, Final
from uuid import UUID

from hypothesis import strategies as st

from strongroom.files.target import Column
from strongroom.schema.field_type import FieldType
from strongroom.schema.identity import KeyType
from strongroom.schema.interchange import from_raw
from strongroom.schema.types import (
    Boolean,
    Bytes,
    Date,
    DateTime,
    Decimal,
    Float,
    Integer,
    Json,
    Text,
    ZonedDateTime,
)
from tests.schema.strategies import VALUES

TYPES: Final[dict[str, FieldType]] = {
    "text": Text(optional=True),
    "integer": Integer(optional=True),
    "small": Integer(optional=True, minimum=-(2**63), maximum=2**63 - 1),
    "decimal": Decimal(optional=True),
    "money": Decimal(optional=True, plain=True, precision=10, scale=2),
    "float": Float(optional=True),
    "boolean": Boolean(optional=True),
    "bytes": Bytes(optional=True),
    "json": Json(optional=True),
    "date": Date(optional=True),
    "datetime": DateTime(optional=True),
    "zoned": ZonedDateTime(optional=True),
}
COLUMNS: Final = [
    Column("id", KeyType.INTEGER),
    *(Column(name, one) for name, one in TYPES.items()),
]
EAST: Final = dt.timezone(dt.timedelta(hours=5, minutes=45))
FULL: Final[tuple[Any, ...]] = (
    1,
    'Ada "A"\r\nLovelace,\t;',
    2**70,
    -(2**63),
    Number("1.50"),
    Number("-12.30"),
    -0.0,
    True,
    b"\0\xff",
    {"a": [1.5, None, "x"]},
    dt.date(2024, 2, 29),
    dt.datetime.fromisoformat("2024-02-29T13:05:00.250000"),
    dt.datetime(2024, 2, 29, 13, 5, tzinfo=EAST),
)
EMPTY: Final = (2, *[None] * len(TYPES))
ODD: Final = (
    3,
    "\\N",
    -5,
    0,
    Number("-0.00"),
    Number("0.00"),
    float("-inf"),
    False,
    b"",
    "\\N",
    dt.date(1, 1, 1),
    dt.datetime.fromisoformat("9999-12-31T23:59:59"),
    dt.datetime(1, 1, 1, tzinfo=dt.UTC),
)
ROWS: Final = [FULL, EMPTY, ODD]
UUIDS: Final = UUID("00112233-4455-6677-8899-aabbccddeeff")

TRICKY: Final = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.text("\\N'=+-@\t\r\n\",;|_x0041", max_size=8),
)


@st.composite
def rows(draw: st.DrawFn) -> list[tuple[Any, ...]]:
    """Return some rows of every type, with texts that mean something to a file."""
    found = []
    for number in range(draw(st.integers(0, 4))):
        row: list[Any] = [number]
        for name, one in TYPES.items():
            values = {
                "text": TRICKY,
                "small": st.integers(-(2**63), 2**63 - 1),
                "money": st.decimals(-(10**8) + 1, 10**8 - 1, places=2, allow_nan=False),
                "date": st.dates(),
                "json": st.one_of(TRICKY, VALUES[one.tag]),
            }.get(name, VALUES[one.tag])
            row.append(one.check(draw(st.one_of(st.none(), values)), name))
        found.append(tuple(row))
    return found


def read_back(values: Any, *, spelled: bool) -> tuple[Any, ...]:
    """Return the row that an importer makes of an item's values."""
    return (
        int(values["id"]),
        *(
            from_raw(one, values[name], name, spelled=spelled and values[name] is not None)
            for name, one in TYPES.items()
        ),
    )


def same(left: Any, right: Any) -> bool:
    """Compare exactly: 1 is not 1.0, -0.0 not 0.0, a decimal has its zeros, NaN is NaN."""
    return repr(left) == repr(right)
