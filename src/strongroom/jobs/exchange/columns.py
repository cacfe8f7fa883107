"""Which column of a file is for which field, and what a record of the file means by that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, NoReturn

from strongroom.errors import InputError
from strongroom.files.delimited import DELIMITERS
from strongroom.files.source import Item, Source
from strongroom.jobs.exchange.options import ImportOptions
from strongroom.schema.interchange import all_from_raw
from strongroom.schema.key_text import key_from_raw
from strongroom.schema.table import Field, KeyColumn, Table
from strongroom.schema.values import Value, encode_plain
from strongroom.storage.row import across

_KEEPS_EMPTY: Final = frozenset({"text", "bytes"})
"""Types of which the empty text of a cell is a value."""


class Taken(NamedTuple):
    """A record of a file that means one of the table.

    Attributes:
        item: as the file had it.
        key: its primary key, None where it will be counted.
        values: of the fields that the file has, checked.
        known_by: what tells, with --upsert or a key of its own, which record it is.
    """

    item: Item
    key: tuple[Any, ...] | None
    values: Mapping[str, Value]
    known_by: bytes | None

    def __repr__(self) -> str:
        return f"<a record for a table, {self.item!r}>"


OTHER_SIGNS: Final = (";", "|", "\t")
"""What often stands between columns instead of a comma."""


class Plan:
    """How the records of one file become those of one table.

    Attributes:
        table: as the catalogue knows it.
        field: the unique field that tells which record is meant; None: the primary key does, or
            all are new.
        upsert: whether records that are there are updated.
        keyed: whether the file gives the primary key.
    """

    def __init__(self, table: Table, source: Source, options: ImportOptions) -> None:
        """Settle what every column is for.

        Raises:
            InputError: a column is for nothing, a field that must be given has none, or what was
                asked makes no sense for this table. No column is called by its name: without a
                header that is a value.
        """
        self.table = table
        self.upsert = options.upsert is not None
        self.field = self._unique(options.upsert)
        self.keyed = not table.counted or (self.upsert and self.field is None)
        self._spelled = source.spells_json
        self._delimited = source.kind in DELIMITERS
        self._map, self._skip = dict(options.map), set(options.skip)
        self._keys = {column.name: column for column in table.key}
        self._required = [one.name for one in table.fields if not one.type.optional]
        # What is there already keeps the values that the file does not have.
        self._needed = [] if self.upsert else list(self._required)
        if self.keyed:
            self._needed += table.key_names
        if self.field is not None:
            self._needed.append(self.field.name)
        self._check_asked()
        self._targets: dict[str, Field | KeyColumn | None] = {}
        self._settled = source.columns is not None
        if source.columns is not None:
            self._settle(source.columns)

    @property
    def looks_up(self) -> bool:
        """Whether records of the table are looked for before any are written."""
        return self.keyed or self.field is not None

    def take(self, item: Item) -> Taken:
        """Return what a record of the file means.

        Raises:
            InputError: it means nothing that the table takes; the message says why.
        """
        if item.values is None:
            raise InputError(item.problem or "cannot be read")
        found: dict[str, Any] = {}
        for name, raw in item.values.items():
            target = self._target(name)
            if target is None:
                continue
            if target.name in found:
                raise InputError(f"has two values for {self.table.name}.{target.name}")
            [found[target.name]] = self._values(target, [raw])
        for name in self._needed:
            if name not in found:
                raise InputError(f"{self.table.name}.{name} must be given")
        key = None
        if self.keyed:
            key = tuple(found.pop(name) for name in self.table.key_names)
        return Taken(item, key, found, self._known_by(key, found))

    def take_all(self, items: Sequence[Item]) -> list[Taken] | None:
        """Return what many records mean, as `take` does, a column at a time.

        None where one of them means nothing, or where they have no columns in common: then each
        has to be looked at.
        """
        held = [one for item in items if (one := item.values) is not None]
        if not self._settled or len(held) != len(items):
            return None
        columns: dict[str, Sequence[Any]] = {}
        try:
            for name, target in self._targets.items():
                if target is not None:
                    columns[target.name] = self._values(target, [one[name] for one in held])
            keys: Sequence[tuple[Any, ...] | None] = [None] * len(items)
            if self.keyed:
                keys = across([columns.pop(name) for name in self.table.key_names], len(items))
            values = [
                dict(zip(columns, row, strict=True))
                for row in across([*columns.values()], len(items))
            ]
            known_by = map(self._known_by, keys, values)
            return list(map(Taken, items, keys, values, known_by))
        except InputError:
            return None

    def lacking(self, values: Mapping[str, Value]) -> str | None:
        """Return why these values do not make a new record, or None if they do."""
        for name in self._required:
            if name not in values:
                return (
                    f"{self.table.name} has no such record, and for a new one "
                    f"{self.table.name}.{name} must be given"
                )
        return None

    def whole(self, values: Mapping[str, Value]) -> tuple[Value | None, ...]:
        """Return the values of a new record: what the file does not have is not given."""
        return tuple(values.get(one.name) for one in self.table.fields)

    def _known_by(self, key: tuple[Any, ...] | None, values: Mapping[str, Value]) -> bytes | None:
        if key is not None:
            return self.table.identity(key)
        if self.field is None:
            return None
        value = values[self.field.name]
        if value is None:
            raise InputError(f"{self.table.name}.{self.field.name} must be given for --upsert")
        return encode_plain(self.field.type.tag, value)

    def _values(self, target: Field | KeyColumn, raws: Sequence[object]) -> Sequence[Any]:
        """Return what the values of a column mean."""
        where = f"{self.table.name}.{target.name}"
        if isinstance(target, KeyColumn):
            return [key_from_raw(target, raw, where) for raw in raws]
        if self._delimited and target.type.optional and target.type.name not in _KEEPS_EMPTY:
            raws = [None if raw == "" else raw for raw in raws]
        return all_from_raw(target.type, raws, where, spelled=self._spelled)

    def _target(self, name: str) -> Field | KeyColumn | None:
        if name in self._targets:
            return self._targets[name]
        try:
            found = self._meant(name)
        except InputError as error:
            if self._settled:
                raise
            raise InputError(f"has a member that {error}") from None
        if len(self._targets) < len(self._keys) + len(self.table.fields) + len(self._skip):
            self._targets[name] = found
        return found

    def _meant(self, name: str) -> Field | KeyColumn | None:
        """Return what a column is for, None for one that is skipped."""
        if name in self._skip:
            return None
        name = self._map.get(name, name)
        if name in self._keys:
            if self.keyed:
                return self._keys[name]
            raise InputError(
                f"is the primary key of {self.table.name}, which strongroom counts",
                hint=f"leave it out with --skip {name}, or update records by it with "
                f"--upsert {name}",
            )
        if name not in self.table.by_name:
            raise InputError(f"is no field of {self.table.name}", hint=self._hint(name))
        return self.table.by_name[name]

    def _settle(self, columns: Sequence[str]) -> None:
        taken: dict[str, int] = {}
        for number, name in enumerate(columns, start=1):
            try:
                target = self._meant(name)
            except InputError as error:
                raise InputError(f"column {number} of the file {error}", hint=error.hint) from None
            self._targets[name] = target
            if target is None:
                continue
            if target.name in taken:
                raise InputError(
                    f"columns {taken[target.name]} and {number} of the file are both for "
                    f"{self.table.name}.{target.name}",
                    hint="leave one out: --skip COLUMN",
                )
            taken[target.name] = number
        self._check_complete(set(taken), set(columns))

    def _check_complete(self, taken: set[str], columns: set[str]) -> None:
        for name in self._needed:
            if name not in taken:
                raise InputError(
                    f"no column of the file is for {self.table.name}.{name}, which must be given",
                    hint=f"if it has another name there: --map COLUMN={name}",
                )
        for option, names in (("--map", self._map.keys()), ("--skip", self._skip)):
            if names - columns:
                raise InputError(f"{option} names a column that the file does not have")

    def _check_asked(self) -> None:
        if self._map.keys() & self._skip:
            raise InputError("a column cannot be mapped and skipped")
        for name in self._map.values():
            if name not in self.table.by_name and name not in self._keys:
                raise InputError(f"--map names no field of {self.table.name}", hint=self._hint())

    def _unique(self, name: str | None) -> Field | None:
        """Return the unique field that records are updated by, None where it is the key."""
        if name is None or set(name.split(",")) == set(self.table.key_names):
            return None
        found = self.table.by_name.get(name)
        if found is None or not found.type.unique:
            self._refuse_upsert()
        return found

    def _refuse_upsert(self) -> NoReturn:
        ways = [",".join(self.table.key_names)]
        ways += [one.name for one in self.table.fields if one.type.unique]
        raise InputError(
            f"records of {self.table.name} cannot be told apart by what --upsert names",
            hint=" or ".join(f"--upsert {one}" for one in ways),
        )

    def _hint(self, name: str = "") -> str:
        sign = next((one for one in OTHER_SIGNS if self._delimited and one in name), None)
        if sign is not None:
            return f"if its columns stand between other signs than commas: --delimiter '{sign}'"
        names = [*(self._keys if self.keyed else ()), *self.table.by_name]
        return (
            f"its fields are: {', '.join(names)}; --map COLUMN=FIELD or --skip COLUMN, and "
            "--columns where the file has no header"
        )
