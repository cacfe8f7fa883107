"""SQLAlchemy-Utils writes with each of its engines into SQLite, and every value is read again."""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest
import sqlalchemy as sa
from sqlalchemy_utils import JSONType
from sqlalchemy_utils.types.encrypted.encrypted_type import (
    AesEngine,
    AesGcmEngine,
    EncryptedType,
    FernetEngine,
    StringEncryptedType,
)

from strongroom.crypto.decrepit.schemes import SCHEMES
from strongroom.crypto.decrepit.spelling import fit
from strongroom.errors import DecryptionError
from strongroom.schema.field_type import FieldType
from strongroom.schema.types import (
    Boolean,
    Date,
    DateTime,
    Float,
    Integer,
    Json,
    Text,
    ZonedDateTime,
)
from strongroom.schema.types import Decimal as DecimalType
from tests.crypto.attempts import refusal

SECRET: Final = "a passphrase, é"
PADDINGS: Final = ("naive", "pkcs5", "zeroes", "oneandzeroes")
ENGINES: Final[dict[str, tuple[Any, str | None]]] = {
    **{f"sqlalchemy-utils-aes-{padding}": (AesEngine, padding) for padding in PADDINGS},
    "sqlalchemy-utils-aes-gcm": (AesGcmEngine, None),
    "sqlalchemy-utils-fernet": (FernetEngine, None),
}
TEXTS: Final = (
    "Ada Lovelace",
    *("x" * length for length in range(34)),
    "Ωmega 👩‍👩‍👧 é",
    "\u202eright to left",
    " spaces around \n",
    "a*b",
    "nul\0inside",
    "x" * 50_000,
)
NOON: Final = dt.datetime.fromisoformat("9999-12-31T12:00:00.999999")
TYPED: Final[tuple[tuple[Any, FieldType, tuple[Any, ...]], ...]] = (
    (sa.Unicode, Text(), TEXTS),
    (sa.Integer, Integer(), (0, 36, -5, 2**62)),
    (sa.Boolean, Boolean(), (True, False)),
    (sa.Date, Date(), (dt.date(2024, 2, 29), dt.date(1, 1, 1))),
    (sa.DateTime, DateTime(), (dt.datetime.fromisoformat("2024-02-29T13:05"), NOON)),
    (sa.DateTime, ZonedDateTime(), (dt.datetime(2024, 2, 29, 13, 5, tzinfo=dt.UTC),)),
    (sa.Float, Float(), (1.5, -0.0, 1e-7, 1e22, 1e300)),
    (sa.Numeric, DecimalType(), (Decimal("1.50"), Decimal("-0.01"), Decimal("1E+3"))),
    (JSONType, Json(), ({"é": [1, 2.5, None, True]}, [], "a")),
)


def write(folder: Path, column: Any, values: tuple[Any, ...]) -> Iterator[tuple[Any, Any]]:
    """Write the values through the real type, and give each with what stands in the file."""
    metadata = sa.MetaData()
    table = sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True))
    table.append_column(sa.Column("value", column))
    engine = sa.create_engine(f"sqlite:///{folder / 'cells.db'}")
    with engine.begin() as connection:
        metadata.drop_all(connection)
        metadata.create_all(connection)
        connection.execute(table.insert(), [{"value": value} for value in values])
        stored = connection.exec_driver_sql("SELECT value FROM t ORDER BY id").scalars().all()
    engine.dispose()
    return zip(values, stored, strict=True)


def adopted(name: str, stored: object, kind: FieldType, secret: str = SECRET) -> object:
    scheme = SCHEMES[name]
    opened = fit(scheme.open(scheme.derive(secret.encode()), stored), kind.name)
    return kind.parse(opened, "field") if isinstance(opened, str) else kind.check(opened, "field")


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize(("sql", "kind", "values"), TYPED, ids=range(len(TYPED)))
def test_every_type_that_each_engine_wrote(
    name: str, sql: Any, kind: FieldType, values: tuple[Any, ...], tmp_path: Path
) -> None:
    engine, padding = ENGINES[name]
    count = 0
    for value, stored in write(tmp_path, StringEncryptedType(sql, SECRET, engine, padding), values):
        assert type(stored) is str
        found = adopted(name, stored, kind)
        assert (type(found), repr(found)) == (type(value), repr(value))
        count += 1
    assert count == len(values)


@pytest.mark.parametrize("name", ENGINES)
def test_the_binary_type_and_a_key_of_bytes(name: str, tmp_path: Path) -> None:
    engine, padding = ENGINES[name]
    with pytest.warns(DeprecationWarning, match="LargeBinary"):
        column = EncryptedType(sa.Unicode, SECRET.encode(), engine, padding)
    for value, stored in write(tmp_path, column, TEXTS):
        assert type(stored) is bytes
        for form in (stored, bytearray(stored), memoryview(stored)):
            assert adopted(name, form, Text()) == value


def test_the_default_engine_and_padding_are_aes_and_naive(tmp_path: Path) -> None:
    for value, stored in write(tmp_path, StringEncryptedType(sa.Unicode, SECRET), TEXTS):
        assert adopted("sqlalchemy-utils-aes-naive", stored, Text()) == value


def aes(padding: str, text: str, secret: str = SECRET) -> str:
    engine = AesEngine()
    engine._update_key(secret)
    engine._set_padding_mechanism(padding)
    return str(engine.encrypt(text))


def test_a_text_that_the_library_itself_cannot_read_is_read() -> None:
    engine = AesEngine()
    engine._update_key(SECRET)
    engine._set_padding_mechanism("oneandzeroes")
    for text in ("À", "Ā" * 9, "\u0900"):
        stored = engine.encrypt(text)
        with pytest.raises(ValueError, match="Invalid decryption key"):
            engine.decrypt(stored)
        assert adopted("sqlalchemy-utils-aes-oneandzeroes", stored, Text()) == text


def test_stars_at_the_end_are_gone_under_the_naive_padding_as_for_the_library() -> None:
    engine = AesEngine()
    engine._update_key(SECRET)
    engine._set_padding_mechanism("naive")
    for text, left in (("five *****", "five "), ("*" * 40, "")):
        assert engine.decrypt(engine.encrypt(text)) == left
        assert adopted("sqlalchemy-utils-aes-naive", engine.encrypt(text), Text()) == left


@pytest.mark.parametrize("wrote", PADDINGS)
@pytest.mark.parametrize("read", PADDINGS)
def test_another_padding_is_refused_but_where_the_bytes_are_the_same(wrote: str, read: str) -> None:
    """Only the one byte 01 is padding by two of the names, pkcs5 and zeroes."""
    for length in range(40):
        stored = aes(wrote, "x" * length)
        same = wrote == read or ({wrote, read} == {"pkcs5", "zeroes"} and length % 16 == 15)
        if same:
            assert adopted(f"sqlalchemy-utils-aes-{read}", stored, Text()) == "x" * length
        else:
            with pytest.raises(DecryptionError):
                adopted(f"sqlalchemy-utils-aes-{read}", stored, Text())


def encrypted(padded: bytes) -> str:
    """Encrypt bytes that are already padded, rightly or not, as AesEngine does."""
    engine = AesEngine()
    engine._update_key(SECRET)
    encryptor = engine.cipher.encryptor()
    return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()


@pytest.mark.parametrize(
    ("padding", "padded"),
    [
        ("naive", b"x" * 16),
        ("pkcs5", b"x" * 15 + b"\0"),
        ("pkcs5", b"x" * 14 + b"\3\2"),
        ("pkcs5", b"x" * 15 + b"\x11"),
        ("zeroes", b"x" * 15 + b"\0"),
        ("zeroes", b"x" * 14 + b"\1\2"),
        ("zeroes", b"\0" * 31 + b"\x11"),
        ("oneandzeroes", bytes(16)),
        ("oneandzeroes", b"x" * 15 + b"\x81"),
        ("oneandzeroes", b"x" * 15 + b"\x80" + bytes(16)),
        *((padding, b"\xff" * 15) for padding in PADDINGS),
    ],
)
def test_padding_that_the_library_never_wrote_is_refused(padding: str, padded: bytes) -> None:
    scheme = SCHEMES[f"sqlalchemy-utils-aes-{padding}"]
    engine = AesEngine()
    engine._set_padding_mechanism(padding)
    if len(padded) == 15:  # no UTF-8, under padding that is right
        padded = engine.padding_engine.pad(padded)
    refusal(scheme.open, scheme.derive(SECRET.encode()), encrypted(padded))


def test_it_is_not_authenticated_a_cut_value_is_read() -> None:
    """Why adoption pins what it finds: a block of ciphertext can go, and nobody sees it."""
    cut = base64.b64encode(base64.b64decode(aes("naive", "x" * 15 + "*" + "y" * 20))[:16]).decode()
    assert adopted("sqlalchemy-utils-aes-naive", cut, Text()) == "x" * 15
    assert not SCHEMES["sqlalchemy-utils-aes-naive"].authenticated


def test_json_is_read_whatever_its_spelling(tmp_path: Path) -> None:
    value = {"b": 1, "a": "é"}
    column = StringEncryptedType(JSONType, SECRET, FernetEngine)
    ((_, stored),) = write(tmp_path, column, (value,))
    scheme = SCHEMES["sqlalchemy-utils-fernet"]
    assert scheme.open(scheme.derive(SECRET.encode()), stored) == json.dumps(value)


@pytest.mark.parametrize(
    "text", ["Decimal('NaN')", "Decimal('1_0')", "Decimal(1)", "1,5", "\u0661"]
)
def test_what_is_no_decimal_stays_for_the_field_to_refuse(text: str) -> None:
    assert fit(text, "decimal") == text
