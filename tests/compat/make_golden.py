"""Make the golden store of the present release: run by hand, once for each release.

    python -m tests.compat.make_golden

writes tests/compat/<version>/people.db and expected.json, which are then committed and never
changed. The root key stands in expected.json: these people do not exist.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import sqlite3
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import strongroom
from strongroom.keys.keyring import Purpose
from strongroom.room.document import State
from strongroom.schema.table import Field, Layout

HERE = Path(__file__).parent
NEWFOUNDLAND = dt.timezone(-dt.timedelta(hours=3, minutes=30))
TYPES: dict[str, strongroom.FieldType] = {
    "text": strongroom.Text(),
    "padded": strongroom.Text(optional=True, pad=64),
    "integer": strongroom.Integer(),
    "decimal": strongroom.Decimal(),
    "date": strongroom.Date(),
    "datetime": strongroom.DateTime(),
    "zoned": strongroom.ZonedDateTime(),
    "boolean": strongroom.Boolean(),
    "bytes": strongroom.Bytes(),
    "json": strongroom.Json(),
    "float": strongroom.Float(),
}
_DECIMAL: dict[str, dict[str, Any]] = {"decimal": {"precision": 9, "scale": 2}}
PLAIN: dict[str, strongroom.FieldType] = {
    f"plain_{name}": dataclasses.replace(
        one,
        plain=True,
        pad=None,
        optional=True,
        **_DECIMAL.get(name, {}),
    )
    for name, one in TYPES.items()
}
VALUES: dict[str, Any] = {
    "text": "Zoë 🧑‍🚀 \u202eabc",
    "padded": "",
    "integer": -(2**200),
    "decimal": Decimal("-0.00"),
    "date": dt.date(1815, 12, 10),
    "datetime": dt.datetime(1999, 12, 31, 23, 59, 59, 999999),  # noqa: DTZ001  # without a zone
    "zoned": dt.datetime(2024, 2, 29, 12, 0, tzinfo=NEWFOUNDLAND),
    "boolean": True,
    "bytes": bytes(range(256)),
    "json": {"ü": [1, 1.0, None, True, "\n"], "a": {}},
    "float": -0.0,
}
PLAIN_VALUES: dict[str, Any] = {
    **{f"plain_{name}": value for name, value in VALUES.items()},
    "plain_padded": None,
    "plain_integer": -(2**63),
    "plain_decimal": Decimal("-1234567.89"),
    "plain_zoned": dt.datetime(2024, 2, 29, 12, 0, tzinfo=dt.UTC),
    "plain_float": 1e-300,
}


def spell(value: object) -> str:
    """Return a text that tells apart what `==` does not: 1, 1.0 and True, or -0 and 0."""
    if isinstance(value, dict):
        value = json.dumps(value, sort_keys=True, ensure_ascii=True)
    return ascii(value)


def with_field(state: State, name: str, added: str) -> State:
    """Add a plain optional field: records sealed before keep the older layout."""
    table = state.catalogue.table(name)
    field_id, layout_id = state.catalogue.new_ids(2)
    field = Field(field_id, added, strongroom.Text(plain=True, optional=True))
    layout = Layout(layout_id, (*table.layout.slots, field.id))
    changed = dataclasses.replace(
        table, fields=(*table.fields, field), layouts=(*table.layouts, layout)
    )
    tables = tuple(changed if one.name == name else one for one in state.catalogue.tables)
    return state.next(catalogue=dataclasses.replace(state.catalogue, tables=tables))


def write(folder: Path) -> bytes:
    """Write the store into `folder` and return its root key."""
    database = folder / "people.db"
    with strongroom.open(f"sqlite:///{database}", f"file:{folder / 'aes_key.bin'}") as room:
        users = room.table("users")
        users.add_many([{"name": "Ada Lovelace", "age": 36}, {"name": "Grace Hopper", "age": 85}])
        users.delete(users.add(name="gone", age=1))
        everything = room.create_table("everything", TYPES | PLAIN)
        everything.add(**VALUES, **PLAIN_VALUES)
        store = room._store
        with store.database.write() as connection:
            store.change(
                connection,
                lambda state: state.next(keyring=state.keyring.rotated(Purpose.DATA)),
            )
        users.update(2, age=86)
        with store.database.write() as connection:
            connection.exec_driver_sql("ALTER TABLE users ADD COLUMN city TEXT")
            store.change(connection, lambda state: with_field(state, "users", "city"))
        users.add(name="Alan Turing", age=41)
        users.update(2, city="Arlington")
    with sqlite3.connect(database) as raw:
        raw.execute("PRAGMA journal_mode = DELETE")
    return (folder / "aes_key.bin").read_bytes()


def main() -> None:
    """Write the golden store of this version, unless it is there."""
    target = HERE / strongroom.__version__
    target.mkdir()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        root = write(folder)
        expected = {"root_key": root.hex(), "tables": read(folder, root)}
        (target / "people.db").write_bytes((folder / "people.db").read_bytes())
    text = json.dumps(expected, indent=1, ensure_ascii=True)
    (target / "expected.json").write_text(text + "\n")


def read(folder: Path, root: bytes) -> dict[str, list[dict[str, str]]]:
    """Open the store in `folder` and spell out everything in it."""
    key = folder / "aes_key.bin"
    if not key.exists():
        key.touch(mode=0o600)
        key.write_bytes(root)
    url = f"sqlite:///{folder / 'people.db'}"
    with strongroom.open(url, f"file:{key}", create=False) as room:
        if not strongroom.verify(room).intact:
            raise AssertionError("the golden store does not verify")
        return {
            name: [
                {field: spell(value) for field, value in record}
                | {"record_version": str(record.record_version)}
                for record in room.table(name).all()
            ]
            for name in room.tables
        }


if __name__ == "__main__":
    main()
