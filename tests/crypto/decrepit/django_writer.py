"""A program that writes with the real Django packages: one table in a SQLite file, then it ends.

    python -m tests.crypto.decrepit.django_writer PACKAGE FILE < settings.json

A process of its own, since Django is configured once in a process. `VALUES` names every field and
what is written into it, one row for each value; a field without a value in a row is NULL.
"""

from __future__ import annotations

import datetime as dt
import importlib
import json
import sys
import uuid
from decimal import Decimal
from typing import Any, Final

TEXTS: Final = ("Ada Lovelace", "", "Ωmega 👩‍👩‍👧 é", "x" * 5_000, "stars **", "nul\0inside")
DAYS: Final = (dt.date(2024, 2, 29), dt.date(1, 1, 1), dt.date(9999, 12, 31))
MOMENTS: Final = (
    dt.datetime.fromisoformat("2024-02-29T13:05:07.250000"),
    dt.datetime.fromisoformat("1815-12-10T00:00:00"),
)
ZONE: Final = dt.timezone(dt.timedelta(hours=-5, minutes=-30))
ZONED: Final = (
    dt.datetime(2024, 2, 29, 13, 5, 7, 25, tzinfo=dt.UTC),
    dt.datetime(2024, 7, 1, 8, 0, tzinfo=ZONE),
)
NUMBERS: Final = (0, 36, -5, 255, 65_536, 2**31 - 1, -(2**63))

# Package → field → the class of the field, its options, and the values.
VALUES: Final[dict[str, dict[str, tuple[str, dict[str, Any], tuple[Any, ...]]]]] = {
    "django_cryptography": {
        "char": ("CharField", {"max_length": 9_999}, TEXTS),
        "text": ("TextField", {}, TEXTS),
        "email": ("EmailField", {}, ("ada@example.org",)),
        "integer": ("IntegerField", {}, NUMBERS),
        "big": ("BigIntegerField", {}, (2**62, -(2**62))),
        "boolean": ("BooleanField", {}, (True, False)),
        "real": ("FloatField", {}, (1.5, -0.0, 1e-7, 1e300)),
        "day": ("DateField", {}, DAYS),
        "moment": ("DateTimeField", {}, MOMENTS),
        "zoned": ("DateTimeField", {}, ZONED),
        "money": (
            "DecimalField",
            {"max_digits": 12, "decimal_places": 2},
            (Decimal("1.50"), Decimal("-0.01"), Decimal(0)),
        ),
        "blob": ("BinaryField", {}, (b"", b"\0\xff" * 300)),
        "uuid": ("UUIDField", {}, (uuid.UUID(int=5),)),
        "json": ("JSONField", {}, ({"a": 1}, [1, 2])),
        "span": ("DurationField", {}, (dt.timedelta(days=1),)),
        "clock": ("TimeField", {}, (dt.time(13, 5),)),
    },
    "fernet_fields": {
        "char": ("EncryptedCharField", {"max_length": 9_999}, TEXTS),
        "text": ("EncryptedTextField", {}, TEXTS),
        "email": ("EncryptedEmailField", {}, ("ada@example.org",)),
        "integer": ("EncryptedIntegerField", {}, NUMBERS),
        "day": ("EncryptedDateField", {}, DAYS),
        "moment": ("EncryptedDateTimeField", {}, MOMENTS),
    },
    "encrypted_fields": {
        "char": ("EncryptedCharField", {"max_length": 9_999}, TEXTS),
        "text": ("EncryptedTextField", {}, TEXTS),
        "email": ("EncryptedEmailField", {}, ("ada@example.org",)),
        "integer": ("EncryptedIntegerField", {}, NUMBERS),
        "real": ("EncryptedFloatField", {}, (1.5, 1e-7, 1e300)),
        "boolean": ("EncryptedBooleanField", {}, (True, False)),
        "day": ("EncryptedDateField", {}, DAYS),
        "moment": ("EncryptedDateTimeField", {}, MOMENTS),
        "zoned": ("EncryptedDateTimeField", {}, ZONED),
        "json": ("EncryptedJSONField", {}, ({"a": 1},)),
    },
}


def write(package: str, file: str, settings: dict[str, Any]) -> None:
    """Make the table `cells` and one row for each value, through Django's ORM."""
    configuration: Any = importlib.import_module("django.conf")
    configuration.settings.configure(
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": file}},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        **settings,
    )
    importlib.import_module("django").setup()
    models: Any = importlib.import_module("django.db.models")
    declared: dict[str, Any] = {
        name: _field(package, kind, options | {"null": True})
        for name, (kind, options, _) in VALUES[package].items()
    }
    meta = type("Meta", (), {"app_label": "tests", "db_table": "cells"})
    model: Any = type("Cell", (models.Model,), {"__module__": __name__, "Meta": meta} | declared)
    connection: Any = importlib.import_module("django.db").connection
    with connection.schema_editor() as editor:
        editor.create_model(model)
    for name, (_, _, values) in VALUES[package].items():
        for value in values:
            model.objects.create(**{name: value})


def _field(package: str, kind: str, options: dict[str, Any]) -> Any:
    if package == "django_cryptography":
        plain = getattr(importlib.import_module("django.db.models"), kind)
        return importlib.import_module("django_cryptography.fields").encrypt(plain(**options))
    if package == "fernet_fields":
        # Django renamed this function in 3.0 and took the old name away in 4.0; the package's last
        # release still asks for it, and for nothing else that is gone.
        encoding: Any = importlib.import_module("django.utils.encoding")
        encoding.force_text = encoding.force_str
    return getattr(importlib.import_module(f"{package}.fields"), kind)(**options)


if __name__ == "__main__":
    write(sys.argv[1], sys.argv[2], json.load(sys.stdin))
