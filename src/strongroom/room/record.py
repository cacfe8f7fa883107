"""What a caller gets: one record, small, immutable, and silent about its encrypted values."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import repeat
from typing import Any, NoReturn

from strongroom.errors import InputError
from strongroom.schema.table import Table
from strongroom.schema.values import Value
from strongroom.storage.row import Row


class Record:
    """One opened record of one table.

    Its fields are attributes (`person.name`), and items (`person["name"]`); `dict(person)` gives
    them all. `person.id` is the primary key and `person.record_version` counts its writes from 1.
    `repr` shows plain fields only. Two records are equal when they are the same version of the
    same record with the same values.
    """

    __slots__ = ("_row", "_values")
    _table: Table
    _places: Mapping[str, int]
    """Where each field's value is; of a part of the key the complement of its place in the key."""

    def __init__(self, row: Row, values: tuple[Value | None, ...]) -> None:
        object.__setattr__(self, "_row", row)
        object.__setattr__(self, "_values", values)

    @property
    def record_table(self) -> Table:
        """What the catalogue says of its table."""
        return self._table

    @property
    def record_version(self) -> int:
        """How many times the record was written, 1 for a new one."""
        return int(self._row.version)

    @property
    def record_key(self) -> tuple[Any, ...]:
        """The primary key, one part for each of its columns."""
        return tuple(self._row.key)

    @property
    def record_values(self) -> tuple[Value | None, ...]:
        """The values of all fields, in the order of the table's."""
        return tuple(self._values)

    @property
    def record_seal(self) -> bytes:
        """The seal that was checked when the record was opened, 42 bytes."""
        return bytes(self._row.seal)

    @property
    def record_tokens(self) -> tuple[Any, ...]:
        """The tokens in the table's index columns, as they stand there."""
        return tuple(self._row.tokens)

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401  # the field's own type
        place = self._places.get(name)
        if place is None:
            self._table.field(name)  # raises
            raise AssertionError("unreachable")
        return self._values[place] if place >= 0 else self._row.key[~place]

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        for column, part in zip(self._table.key, self._row.key, strict=True):
            yield column.name, part
        for field, value in zip(self._table.fields, self._values, strict=True):
            yield field.name, value

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        raise AttributeError(f"a record of {self._table.name} has no field of that name")

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("a record cannot be changed", name="record") from None

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("a record cannot be changed", name="record") from None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Record):
            return NotImplemented
        # The seal was checked, and no two versions of a record have the same one.
        same = self._table.id == other._table.id and self._row.key == other._row.key
        return bool(same and self._row.seal == other._row.seal)

    def __hash__(self) -> int:
        return hash((self._table.id, self._row.key, self._row.seal))

    def __repr__(self) -> str:
        parts = [
            f"{name.name}={part!r}"
            for name, part in zip(self._table.key, self._row.key, strict=True)
        ]
        for field, value in zip(self._table.fields, self._values, strict=True):
            parts.append(f"{field.name}=…" if field.encrypted else f"{field.name}={value!r}")
        return f"<{self._table.name} {' '.join(parts)}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a record cannot be pickled or copied: take dict(record) if you must")


# A record cannot be changed, so its slots are set past it; this costs half of what __init__ does.
_set_row, _set_values = (vars(Record)[name].__set__ for name in Record.__slots__)


def records(
    kind: type[Record], rows: Sequence[Row], values: Sequence[tuple[Value | None, ...]]
) -> list[Record]:
    """Return one record of a class for each row and its values."""
    made = list(map(kind.__new__, repeat(kind, len(rows))))
    deque(map(_set_row, made, rows), maxlen=0)
    deque(map(_set_values, made, values), maxlen=0)
    return made


@lru_cache(maxsize=256)
def record_class(table: Table) -> type[Record]:
    """Return the class of this table's records: one attribute for each field."""
    places: dict[str, int] = {}
    names: dict[str, Any] = {"__slots__": (), "_table": table, "_places": places}
    for place, field in enumerate(table.fields):
        names[field.name], places[field.name] = _value(place), place
    for place, column in enumerate(table.key):
        names[column.name], places[column.name] = _key_part(place), ~place
    return type("Record", (Record,), names)


def _key_part(place: int) -> property:
    return property(lambda self: self._row.key[place])


def _value(place: int) -> property:
    return property(lambda self: self._values[place])


def key_of(table: Table, target: object) -> tuple[Any, ...]:
    """Return the primary key that a caller names by an id, a tuple of its parts, or a record.

    Raises:
        InputError: it cannot be a key of this table.
    """
    if isinstance(target, Record):
        if target.record_table.id != table.id:
            raise InputError(f"that record is of another table than {table.name}")
        return target.record_key
    key = target if isinstance(target, tuple) else (target,)
    if len(key) != len(table.key):
        raise InputError(f"the primary key of {table.name} has {len(table.key)} parts")
    table.identity(key)
    return key
