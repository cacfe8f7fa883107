"""Plain values that SQLite keeps as text: one spelling each, and bounded before they are parsed."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from strongroom.schema.table import Field
from strongroom.schema.types import Date, DateTime, FieldType, ZonedDateTime
from strongroom.schema.types import Decimal as DecimalType
from strongroom.storage import plain_values
from strongroom.storage.dialect import SQLITE
from strongroom.storage.plain_values import UNREADABLE

DECIMAL = DecimalType(38, 2, plain=True)
WIDEST = DecimalType(38, 30, plain=True)
WHOLE = DecimalType(38, 0, plain=True)
NOON = dt.datetime(1843, 9, 1, 12, 0, 0, 5)  # noqa: DTZ001  # the type without a zone
KEPT: list[tuple[FieldType, str, Any]] = [
    (DECIMAL, "0.00", Decimal("0.00")),
    (DECIMAL, "-12.50", Decimal("-12.50")),
    (DECIMAL, "-" + "9" * 36 + ".99", Decimal("-" + "9" * 36 + ".99")),
    (WIDEST, "-" + "9" * 8 + "." + "9" * 30, Decimal("-" + "9" * 8 + "." + "9" * 30)),
    (WHOLE, "9" * 38, Decimal("9" * 38)),
    (Date(plain=True), "0001-01-01", dt.date(1, 1, 1)),
    (Date(plain=True), "9999-12-31", dt.date(9999, 12, 31)),
    (DateTime(plain=True), "1843-09-01 12:00:00.000005", NOON),
    (ZonedDateTime(plain=True), "1843-09-01 12:00:00.000005", NOON.replace(tzinfo=dt.UTC)),
]
# The first four: parsed and spelled out, they take all the memory there is, or a long time.
REFUSED: list[tuple[FieldType, str]] = [
    (DECIMAL, "1E+99999999999999999"),
    (DECIMAL, "-1E+99999999999999999"),
    (DECIMAL, "0E+99999999999999999"),
    (DECIMAL, "1E-99999999999999999"),
    (DECIMAL, "9" * 39 + ".99"),
    (DECIMAL, "1" * 1_000_000 + ".00"),
    (DECIMAL, "1.2E+1"),
    (DECIMAL, "012.50"),
    (DECIMAL, "+12.50"),
    (DECIMAL, ".50"),
    (DECIMAL, "12.50\n"),
    (DECIMAL, "1_2.50"),
    (DECIMAL, "\uff11.50"),
    (DECIMAL, "NaN"),
    (DECIMAL, "1843-09-01"),
    (WHOLE, "1."),
    (Date(plain=True), "18430901"),
    (Date(plain=True), "1843-W35-5"),
    (Date(plain=True), "1843-09-31"),
    (Date(plain=True), "1843-09-01 12:00:00.000005"),
    (DateTime(plain=True), "1843-09-01"),
    (DateTime(plain=True), "1843-09-01 12:00:00"),
    (DateTime(plain=True), "1843-09-01T12:00:00.000005"),
    (DateTime(plain=True), "1843-09-01 12:00:00.000005+00:00"),
    (DateTime(plain=True), "1843-09-01 24:00:00.000005"),
]


@pytest.mark.parametrize(("kind", "text", "value"), KEPT, ids=range(len(KEPT)))
def test_the_one_spelling_is_written_and_read(kind: FieldType, text: str, value: Any) -> None:
    field = Field(1, "it", kind)
    assert plain_values.to_sql(SQLITE.kind, field, value) == text
    read = plain_values.from_sql(SQLITE.kind, field, text)
    assert (type(read), repr(read)) == (type(value), repr(value))


@pytest.mark.parametrize(("kind", "text"), REFUSED, ids=range(len(REFUSED)))
def test_any_other_spelling_is_unreadable(kind: FieldType, text: str) -> None:
    assert plain_values.from_sql(SQLITE.kind, Field(1, "it", kind), text) is UNREADABLE
