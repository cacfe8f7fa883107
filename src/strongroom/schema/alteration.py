"""What may be changed of a table by its declaration alone: no record is read or rewritten.

Names stand for ids: a renamed table or field keeps its id, so every cell still opens. An added
field comes with a new layout behind the old ones, so earlier seals still say what they covered;
they do not cover it, so no value can be there: it is optional.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from strongroom.errors import InputError
from strongroom.schema.catalogue import Catalogue
from strongroom.schema.field_type import FieldType
from strongroom.schema.names import check_field_name, check_table_name
from strongroom.schema.table import MOST_FIELDS, Field, Layout, Table

_LEAST: Final = ("minimum",)
_MOST: Final = ("maximum", "max_bytes", "max_chars")
_DIGITS: Final = ("precision", "scale")


@dataclass(frozen=True)
class Alteration:
    """What is to be changed; fields are called as they are called before it.

    Attributes:
        add: new fields and their types.
        rename: the new names of fields.
        change: new declarations of fields.
        rename_to: the table's new name, or None.
    """

    add: Mapping[str, FieldType] = field(default_factory=dict)
    rename: Mapping[str, str] = field(default_factory=dict)
    change: Mapping[str, FieldType] = field(default_factory=dict)
    rename_to: str | None = None

    def of(self, catalogue: Catalogue, name: str) -> Table:
        """Return the table called `name` as it is to be.

        Raises:
            NoTableError: there is none.
            InputError: a name or a type is not allowed, or records would have to be looked at.
        """
        table = catalogue.table(name)
        if not (self.add or self.rename or self.change or self.rename_to is not None):
            raise InputError(f"nothing of {table.name} was given to change")
        fields = [
            Field(one.id, self._name(table, one), self._type(table, one)) for one in table.fields
        ]
        for asked in (*self.rename, *self.change):
            table.field(asked)
        renamed = replace(table, name=self._table_name(catalogue, table), fields=tuple(fields))
        if not self.add:
            return renamed
        for added in self.add:
            _check_new(table, added)  # not even one that a field gives up: it was not yet gone
        return self._with_added(catalogue, renamed)

    def _name(self, table: Table, one: Field) -> str:
        wanted = self.rename.get(one.name)
        if wanted is None:
            return one.name
        _check_new(table, wanted)
        if list(self.rename.values()).count(wanted) > 1:
            raise InputError(f"two fields of {table.name} cannot both be called {wanted}")
        return wanted

    def _type(self, table: Table, one: Field) -> FieldType:
        wanted = self.change.get(one.name)
        if wanted is None:
            return one.type
        where = f"{table.name}.{one.name}"
        check_change(where, one.type, _declared(table, one.name, wanted))
        counted = [index.name for index in table.beside if index.covers(one.id)]
        if counted and wanted.pad != one.type.pad:
            raise InputError(
                f"{where}: pad cannot be changed, since the index {counted[0]} has as many tokens "
                "as it says",
                hint=f"drop it first: strongroom drop-index {table.name} {counted[0]}",
            )
        return wanted

    def _table_name(self, catalogue: Catalogue, table: Table) -> str:
        if self.rename_to is None:
            return table.name
        name = check_table_name(self.rename_to)
        if catalogue.knows(name):
            raise InputError(f"there is a table {name} already")
        if name.rpartition(".")[0] != table.name.rpartition(".")[0]:
            raise InputError(f"the table {table.name} stays in its schema")
        return name

    def _with_added(self, catalogue: Catalogue, table: Table) -> Table:
        for name, declared in self.add.items():
            _check_new(table, name)
            if not _declared(table, name, declared).optional:
                raise InputError(
                    f"{table.name}.{name} must be optional: the records that are there have no "
                    "value for it",
                )
        if len(table.fields) + len(self.add) > MOST_FIELDS:
            raise InputError(f"a table has 1 to {MOST_FIELDS} fields")
        layout_id, *ids = catalogue.new_ids(1 + len(self.add))
        added = (Field(one, *named) for one, named in zip(ids, self.add.items(), strict=True))
        fields = (*table.fields, *added)
        layout = Layout(layout_id, (*table.layout.slots, *ids))
        return replace(table, fields=fields, layouts=(*table.layouts, layout))


def _check_new(table: Table, name: object) -> None:
    """Refuse a name that a field of the table could not get."""
    checked = check_field_name(name)
    if checked in table.by_name or any(column.name == checked for column in table.key):
        raise InputError(f"{table.name} has {checked} already")


def _declared(table: Table, name: str, declared: object) -> FieldType:
    if not isinstance(declared, FieldType):
        raise InputError(f"{table.name}.{name} needs a type", hint="for example strongroom.Text()")
    return declared


def check_change(where: str, old: FieldType, new: FieldType) -> None:
    """Refuse a new declaration of a field unless it holds for every record without a look at them.

    An encrypted field's limits may change either way, and its pad: they rule what is written from
    now on. Those of a plain field can only be loosened: the database, and people, may rely on them.

    Args:
        where: how an error calls the field.
        old: as it is declared.
        new: as it is to be.

    Raises:
        InputError: it would not; the message says why.
    """
    if type(old) is not type(new):
        raise InputError(f"{where} is {old.name} and cannot become {new.name}")
    if old.plain is not new.plain:
        raise InputError(
            f"{where} cannot become {'plain' if new.plain else 'encrypted'} by its declaration: "
            "every record has to be rewritten"
        )
    if old.unique is not new.unique:
        raise InputError(
            f"{where} is {'' if old.unique else 'not '}unique and stays so",
            hint=None if old.unique else "records that are there may have the same value",
        )
    if old.optional and not new.optional:
        raise InputError(f"{where} stays optional: there may be records without a value")
    if old.plain:
        _check_plain(where, old, new)


def _check_plain(where: str, old: FieldType, new: FieldType) -> None:
    fixed = (*_DIGITS, "max_bytes") if old.unique else _DIGITS
    for option in fixed:
        if _option(old, option) != _option(new, option):
            raise InputError(
                f"{where}: {option} cannot be changed, since it is the size of the column in the "
                "database"
            )
    for option in (*_LEAST, *_MOST):
        if _narrower(option, _option(old, option), _option(new, option)):
            raise InputError(
                f"{where} is plain, and {option} can only be loosened: there may be records with "
                "other values"
            )


def _option(declared: FieldType, name: str) -> Any:  # noqa: ANN401  # of any type's
    return getattr(declared, name, None)


def _narrower(option: str, old: Any, new: Any) -> bool:  # noqa: ANN401  # values of one type
    """Say whether a limit lets in less than it did; None is no limit."""
    if new is None or old is None:
        return new is not None
    return bool(new > old if option in _LEAST else new < old)
