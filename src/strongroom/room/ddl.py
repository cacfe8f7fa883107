"""The statements that make tables, for people whose migrations are run by another tool."""

from __future__ import annotations

from collections.abc import Mapping

from strongroom.schema.catalogue import Catalogue
from strongroom.schema.types import FieldType
from strongroom.storage import system, tables
from strongroom.storage.dialect import DIALECTS


def system_ddl(kind: str) -> list[str]:
    """Return the statements that make strongroom's own tables.

    Args:
        kind: ``sqlite``, ``mysql`` or ``postgresql``.
    """
    return system.ddl(DIALECTS[kind])


def table_ddl(kind: str, name: str, fields: Mapping[str, FieldType]) -> str:
    """Return the statement that makes a table, for people who run migrations themselves.

    Args:
        kind: ``sqlite``, ``mysql`` or ``postgresql``.
        name: the table's.
        fields: as for `create_table`.
    """
    return tables.ddl(DIALECTS[kind], Catalogue().with_table(name, fields).table(name))
