"""Two records are equal only if a seal over both would be the same."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from typing import Any

import pytest

import strongroom
from strongroom.schema.conditions import Condition, equal
from strongroom.schema.table import Field
from strongroom.schema.types import FieldType

NOON = dt.datetime(2024, 2, 29, 12)  # noqa: DTZ001  # as the field has it
PAIRS: list[tuple[FieldType, Any, Any, bool]] = [
    (strongroom.Text(), "é", "é", True),
    (strongroom.Text(), "é", "e\u0301", False),
    (strongroom.Integer(), 1, 1, True),
    (strongroom.Integer(), 1, 2, False),
    (strongroom.Float(), 0.0, -0.0, False),
    (strongroom.Float(), 0.5, 0.5, True),
    (strongroom.Float(), math.inf, math.inf, True),
    (strongroom.Decimal(), Decimal("1.5"), Decimal("1.50"), False),
    (strongroom.Decimal(), Decimal("1.50"), Decimal("1.50"), True),
    (strongroom.DateTime(), NOON, NOON + dt.timedelta(microseconds=1), False),
    (strongroom.Json(), {"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
    (strongroom.Json(), [1], [True], False),
    (strongroom.Json(), [1], [1.0], False),
    (strongroom.Json(), 1, True, False),
    (strongroom.Json(), True, 1, False),
    (strongroom.Json(optional=True), None, False, False),
    (strongroom.Json(optional=True), 0, None, False),
    (strongroom.Text(optional=True), None, None, True),
]


@pytest.mark.parametrize(("kind", "one", "other", "same"), PAIRS)
def test_values_are_equal_as_their_bytes_are(
    kind: FieldType, one: Any, other: Any, *, same: bool
) -> None:
    field = Field(7, "value", kind)
    before = Field(3, "name", strongroom.Text())
    assert Condition(field, one).holds(other) is same
    assert equal((before, field), ("Ada", one), ("Ada", other)) is same
    assert not equal((before, field), ("Ada", one), ("Bob", other))
