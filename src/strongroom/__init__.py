"""strongroom: sensitive fields of people, encrypted before they reach the SQL database.

    room = strongroom.open("sqlite:///people.db", key="file:aes_key.bin")
    users = room.table("users")
    ada = users.add(name="Ada Lovelace", age=36)
    users.get(ada).name

`__all__` is the public interface. All of it but the errors is imported when it is first used, so
that ``import strongroom`` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from strongroom.errors import (
    BusyError,
    ClosedError,
    ConflictError,
    DecryptionError,
    DuplicateError,
    InputError,
    IntegrityError,
    KeyMissingError,
    KeyRefusedError,
    NoStoreError,
    NoTableError,
    NotFoundError,
    QueryError,
    RootKeyError,
    StorageError,
    StrongroomError,
    UnfinishedError,
    UnreachableError,
    WrongKeyError,
)
from strongroom.version import __version__

if TYPE_CHECKING:
    from strongroom.crypto.decrepit.schemes import old_keys
    from strongroom.jobs.engine import Pace, Progress
    from strongroom.jobs.exchange.exporting import export_file
    from strongroom.jobs.exchange.importing import import_file
    from strongroom.jobs.exchange.options import (
        ExportOptions,
        ExportReport,
        ImportOptions,
        ImportReport,
    )
    from strongroom.jobs.indexing.building import Indexed, add_index, drop_index, rebuild_index
    from strongroom.jobs.rewriting.adopt import Adopted, adopt
    from strongroom.jobs.rewriting.adoption_plan import Adoption
    from strongroom.jobs.rewriting.convert import Converted, convert, release
    from strongroom.jobs.verify import verify
    from strongroom.room.ids import Ids
    from strongroom.room.leakage import Leakage, leakage
    from strongroom.room.query import Query
    from strongroom.room.record import Record
    from strongroom.room.strongroom import Strongroom, open  # noqa: A004  # strongroom.open(…)
    from strongroom.room.table import Table
    from strongroom.schema.declared import indexes_from_toml, schema_from_toml, schema_to_toml
    from strongroom.schema.search.declaration import Index
    from strongroom.schema.search.operators import (
        alike,
        between,
        contains,
        one_of,
        prefix,
        words,
    )
    from strongroom.schema.search.where import where
    from strongroom.schema.types import (
        Boolean,
        Bytes,
        Date,
        DateTime,
        Decimal,
        FieldType,
        Float,
        Integer,
        Json,
        Text,
        ZonedDateTime,
    )

__all__ = [
    "Adopted",
    "Adoption",
    "Boolean",
    "BusyError",
    "Bytes",
    "ClosedError",
    "ConflictError",
    "Converted",
    "Date",
    "DateTime",
    "Decimal",
    "DecryptionError",
    "DuplicateError",
    "ExportOptions",
    "ExportReport",
    "FieldType",
    "Float",
    "Ids",
    "ImportOptions",
    "ImportReport",
    "Index",
    "Indexed",
    "InputError",
    "Integer",
    "IntegrityError",
    "Json",
    "KeyMissingError",
    "KeyRefusedError",
    "Leakage",
    "NoStoreError",
    "NoTableError",
    "NotFoundError",
    "Pace",
    "Progress",
    "Query",
    "QueryError",
    "Record",
    "RootKeyError",
    "StorageError",
    "Strongroom",
    "StrongroomError",
    "Table",
    "Text",
    "UnfinishedError",
    "UnreachableError",
    "WrongKeyError",
    "ZonedDateTime",
    "__version__",
    "add_index",
    "adopt",
    "alike",
    "between",
    "contains",
    "convert",
    "drop_index",
    "export_file",
    "import_file",
    "indexes_from_toml",
    "leakage",
    "old_keys",
    "one_of",
    "open",
    "prefix",
    "rebuild_index",
    "release",
    "schema_from_toml",
    "schema_to_toml",
    "verify",
    "where",
    "words",
]

_HOMES: Final = {
    "open": "strongroom.room.strongroom",
    "verify": "strongroom.jobs.verify",
    "import_file": "strongroom.jobs.exchange.importing",
    "export_file": "strongroom.jobs.exchange.exporting",
    "ImportOptions": "strongroom.jobs.exchange.options",
    "ImportReport": "strongroom.jobs.exchange.options",
    "ExportOptions": "strongroom.jobs.exchange.options",
    "ExportReport": "strongroom.jobs.exchange.options",
    "Index": "strongroom.schema.search.declaration",
    "Indexed": "strongroom.jobs.indexing.building",
    "add_index": "strongroom.jobs.indexing.building",
    "drop_index": "strongroom.jobs.indexing.building",
    "rebuild_index": "strongroom.jobs.indexing.building",
    "alike": "strongroom.schema.search.operators",
    "between": "strongroom.schema.search.operators",
    "contains": "strongroom.schema.search.operators",
    "one_of": "strongroom.schema.search.operators",
    "prefix": "strongroom.schema.search.operators",
    "words": "strongroom.schema.search.operators",
    "where": "strongroom.schema.search.where",
    "Adopted": "strongroom.jobs.rewriting.adopt",
    "Adoption": "strongroom.jobs.rewriting.adoption_plan",
    "Converted": "strongroom.jobs.rewriting.convert",
    "Pace": "strongroom.jobs.engine",
    "Progress": "strongroom.jobs.engine",
    "adopt": "strongroom.jobs.rewriting.adopt",
    "convert": "strongroom.jobs.rewriting.convert",
    "old_keys": "strongroom.crypto.decrepit.schemes",
    "release": "strongroom.jobs.rewriting.convert",
    "Ids": "strongroom.room.ids",
    "Leakage": "strongroom.room.leakage",
    "leakage": "strongroom.room.leakage",
    "Query": "strongroom.room.query",
    "Record": "strongroom.room.record",
    "Strongroom": "strongroom.room.strongroom",
    "Table": "strongroom.room.table",
    "indexes_from_toml": "strongroom.schema.declared",
    "schema_from_toml": "strongroom.schema.declared",
    "schema_to_toml": "strongroom.schema.declared",
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'strongroom' has no attribute {name!r}")
    # What is public and neither here nor in the table is a field type.
    value = getattr(import_module(_HOMES.get(name, "strongroom.schema.types")), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
