"""Tables that other libraries' own code wrote, on each database, become strongroom's."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet, MultiFernet
from sqlalchemy_utils import StringEncryptedType
from sqlalchemy_utils.types.encrypted.encrypted_type import AesEngine, AesGcmEngine, FernetEngine

import strongroom
from strongroom.crypto.decrepit.schemes import old_keys
from strongroom.jobs.rewriting.adopt import adopt
from strongroom.jobs.rewriting.adoption_plan import Adoption
from tests.servers.database import Database
from tests.storage.counter import caller_engine

PASSPHRASE = "correct horse battery staple"
ENGINES = {
    "sqlalchemy-utils-aes-pkcs5": (AesEngine, "pkcs5"),
    "sqlalchemy-utils-aes-gcm": (AesGcmEngine, None),
    "sqlalchemy-utils-fernet": (FernetEngine, None),
}
PEOPLE: list[dict[str, Any]] = [
    {"name": "Ada Lovelace", "born": dt.date(1815, 12, 10), "children": 3},
    {"name": "Zoë 李 Müller", "born": None, "children": 0},
    {"name": "", "born": dt.date(1906, 12, 9), "children": -1},
]


def written(database: Database, *columns: sa.Column[Any]) -> None:
    """Make and fill a table as an application with an ORM does."""
    metadata = sa.MetaData()
    people = sa.Table("people", metadata, sa.Column("id", sa.Integer, primary_key=True), *columns)
    engine = caller_engine(database)
    metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(sa.insert(people), PEOPLE)
    engine.dispose()


def encrypted(kind: type, scheme: str) -> Any:
    made, padding = ENGINES[scheme]
    return StringEncryptedType(kind, PASSPHRASE, made, padding, length=255)


def read(room: strongroom.Strongroom) -> list[dict[str, Any]]:
    names = ("name", "born", "children")
    return [{name: one[name] for name in names} for one in room.table("people").all()]


@pytest.mark.parametrize("scheme", ENGINES)
def test_sqlalchemy_utils(database: Database, room: strongroom.Strongroom, scheme: str) -> None:
    written(
        database,
        sa.Column("name", encrypted(sa.Unicode, scheme), nullable=False),
        sa.Column("born", encrypted(sa.Date, scheme)),
        sa.Column("children", encrypted(sa.Integer, scheme)),
    )
    types = {
        "name": strongroom.Text(),
        "born": strongroom.Date(optional=True),
        "children": strongroom.Integer(optional=True),
    }
    wanted = Adoption("people", encrypt=types, scheme=scheme)
    adopt(room, wanted, keys=old_keys(scheme, [PASSPHRASE.encode()]))
    assert read(room) == PEOPLE
    assert strongroom.verify(room).intact


class Tokens(sa.types.TypeDecorator[str]):
    """A column of Fernet tokens as bytes, as many applications have one of their own making."""

    impl = sa.LargeBinary
    cache_ok = True

    def __init__(self, *keys: bytes) -> None:
        super().__init__()
        self.keys = keys

    def process_bind_param(self, value: Any, dialect: object) -> Any:
        del dialect
        token = MultiFernet([Fernet(key) for key in self.keys])
        return None if value is None else token.encrypt(str(value).encode())


def test_fernet_tokens_under_two_keys(database: Database, room: strongroom.Strongroom) -> None:
    old, new = Fernet.generate_key(), Fernet.generate_key()
    written(
        database,
        sa.Column("name", Tokens(old), nullable=False),
        sa.Column("born", Tokens(new)),
        sa.Column("children", sa.Integer),
    )
    types = {"name": strongroom.Text(), "born": strongroom.Date(optional=True)}
    wanted = Adoption("people", encrypt=types, seal=["children"], scheme="fernet")
    adopt(room, wanted, keys=old_keys("fernet", [new, old]))
    assert read(room) == PEOPLE
    assert strongroom.verify(room).intact
