"""Three Django packages write through their ORM into SQLite, and every value is read again.

What they can't keep themselves is pinned too: it is lost before strongroom sees it.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, Final

import pytest

from strongroom.crypto.decrepit.schemes import SCHEMES, Scheme
from strongroom.crypto.decrepit.spelling import fit
from strongroom.crypto.secret import Secret
from strongroom.errors import DecryptionError, InputError
from strongroom.schema.field_type import FieldType
from strongroom.schema.types import (
    Boolean,
    Bytes,
    Date,
    DateTime,
    Float,
    Integer,
    Text,
    ZonedDateTime,
)
from strongroom.schema.types import Decimal as DecimalType
from tests.crypto.attempts import refusal
from tests.crypto.decrepit.django_cells import SECRET_KEY, written

PICKLED: Final = SCHEMES["django-cryptography"]
FIELDS: Final = SCHEMES["django-fernet-fields"]
ENCRYPTED_FIELDS: Final = SCHEMES["django-fernet-encrypted-fields"]

TYPES: Final[dict[str, FieldType]] = {
    "char": Text(),
    "text": Text(),
    "email": Text(),
    "integer": Integer(),
    "big": Integer(),
    "boolean": Boolean(),
    "real": Float(),
    "day": Date(),
    "moment": DateTime(),
    "zoned": ZonedDateTime(),
    "money": DecimalType(precision=12, scale=2),
    "blob": Bytes(),
}
SALT: Final = "a salt of one's own"


def adopted(scheme: Scheme, keys: tuple[Secret, ...], stored: object, kind: FieldType) -> object:
    """Return the value that a field of that type would hold: as adoption goes about it."""
    opened = fit(scheme.open(keys, stored), kind.name)
    return kind.parse(opened, "field") if isinstance(opened, str) else kind.check(opened, "field")


def key(scheme: Scheme, secret: str = SECRET_KEY, **options: bytes) -> tuple[Secret, ...]:
    return scheme.derive(secret.encode(), **options)


def expect_all(scheme: Scheme, keys: tuple[Secret, ...], cells: Any, fields: set[str]) -> None:
    """Every value of these fields was written, encrypted, and is read as it was."""
    assert fields
    for field in fields:
        for value, stored in cells[field]:
            assert stored is not None
            found = adopted(scheme, keys, stored, TYPES[field])
            assert (type(found), repr(found)) == (type(value), repr(value)), field


READ_FROM_PICKLES: Final = set(TYPES)


@pytest.mark.parametrize(
    ("settings", "secret", "options"),
    [
        ({"USE_TZ": False}, SECRET_KEY, {}),
        ({"USE_TZ": False, "SECRET_KEY": "short"}, "short", {}),
        ({"USE_TZ": False, "SECRET_KEY": "x" * 32}, "x" * 32, {}),
        ({"USE_TZ": False, "SECRET_KEY": "é" * 32}, "é" * 32, {}),
        (
            {
                "USE_TZ": False,
                "SECRET_KEY": "é" * 40,
                "CRYPTOGRAPHY_SALT": SALT,
                "CRYPTOGRAPHY_KEY": "another",
            },
            "é" * 40,
            {"salt": SALT.encode(), "cryptography_key": b"another"},
        ),
    ],
    ids=["usual", "short key", "32 bytes", "64 bytes", "all settings"],
)
def test_django_cryptography(
    settings: dict[str, Any], secret: str, options: dict[str, bytes]
) -> None:
    cells = written("django_cryptography", **settings)
    keys = key(PICKLED, secret, **options)
    assert len(keys) == PICKLED.secrets == 3
    expect_all(PICKLED, keys, cells, READ_FROM_PICKLES)
    for field in ("uuid", "json", "span", "clock"):
        for _, stored in cells[field]:
            refusal(PICKLED.open, keys, stored)


def test_django_cryptography_gives_values_of_their_own_type() -> None:
    cells = written("django_cryptography", USE_TZ=False)
    keys = key(PICKLED)
    for field, values in cells.items():
        for value, stored in values:
            if field in READ_FROM_PICKLES:
                opened = PICKLED.open(keys, stored)
                assert (type(opened), repr(opened)) == (type(value), repr(value))


def test_django_fernet_fields_with_the_secret_key() -> None:
    cells = written("fernet_fields", USE_TZ=False)
    expect_all(FIELDS, key(FIELDS), cells, set(cells))


def test_django_fernet_fields_with_several_keys() -> None:
    """What the newest key wrote opens whichever of the keys comes first, and not without it."""
    cells = written("fernet_fields", USE_TZ=False, FERNET_KEYS=["new", "old"])
    new, old = key(FIELDS, "new"), key(FIELDS, "old")
    expect_all(FIELDS, new, cells, set(cells))
    expect_all(FIELDS, old + new, cells, {"char", "integer"})
    for _, stored in cells["char"]:
        refusal(FIELDS.open, old, stored)
        refusal(FIELDS.open, key(FIELDS), stored)


def test_django_fernet_fields_without_hkdf_are_a_fernet_column() -> None:
    given = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    cells = written("fernet_fields", USE_TZ=False, FERNET_KEYS=[given], FERNET_USE_HKDF=False)
    scheme = SCHEMES["fernet"]
    expect_all(scheme, scheme.derive(given.encode()), cells, set(cells))
    for _, stored in cells["char"]:
        refusal(FIELDS.open, key(FIELDS, given), stored)


def test_django_fernet_encrypted_fields() -> None:
    cells = written("encrypted_fields", USE_TZ=False, SALT_KEY=SALT)
    keys = key(ENCRYPTED_FIELDS, salt=SALT.encode())
    whole = {"email", "real", "day", "moment", "zoned"}
    expect_all(ENCRYPTED_FIELDS, keys, cells, whole)
    for field in ("char", "text", "integer", "boolean"):
        kept = [(value, stored) for value, stored in cells[field] if value]
        lost = [stored for value, stored in cells[field] if not value]
        assert lost == [None], "the package itself stores '', 0 and False as NULL"
        expect_all(ENCRYPTED_FIELDS, keys, {field: kept}, {field})
    for _, stored in cells["json"]:
        refusal(ENCRYPTED_FIELDS.open, keys, stored)


def test_django_fernet_encrypted_fields_with_several_salts_and_secrets() -> None:
    settings = {
        "SECRET_KEY": "new",
        "SECRET_KEY_FALLBACKS": ["old"],
        "SALT_KEY": ["newer", "older"],
        "USE_TZ": False,
    }
    cells = written("encrypted_fields", **settings)
    right = key(ENCRYPTED_FIELDS, "new", salt=b"newer")
    wrong = (
        key(ENCRYPTED_FIELDS, "new", salt=b"older")
        + key(ENCRYPTED_FIELDS, "old", salt=b"newer")
        + key(ENCRYPTED_FIELDS, "old", salt=b"older")
    )
    expect_all(ENCRYPTED_FIELDS, wrong + right, cells, {"day"})
    for _, stored in cells["day"]:
        refusal(ENCRYPTED_FIELDS.open, wrong, stored)


def test_a_wrong_secret_or_setting_opens_nothing() -> None:
    (_, stored), *_ = written("django_cryptography", USE_TZ=False)["day"]
    refusal(PICKLED.open, key(PICKLED, "another"), stored)
    refusal(PICKLED.open, key(PICKLED, salt=b"another"), stored)
    refusal(PICKLED.open, key(PICKLED, cryptography_key=b"another"), stored)
    one, two, three = key(PICKLED)
    refusal(PICKLED.open, (one, three, two), stored)


# Written by django-cryptography 1.1 under Django 3.2, which can't be installed beside the others,
# with SECRET_KEY = "django-insecure-fixed".
OLD_CELLS: Final[dict[str, object]] = {
    (
        "80000000006b06eb5d5749e9030919eb996062d8b21a53f07a0636032cc942d38b8f3afae5b1111d"
        "d1c6560f229f930f3aa95970f9b955fe856371957e05c94b11aad3ed25d27dc6c46e3571f4a74e92"
        "e1286ea819507f0714"
    ): "Ada Lovelace",
    (
        "80000000006b06eb5d16961c644b617a2922f1663758a0853e41c8ab378411feb8f947b965d236d7"
        "11724389e2968918d9ebce07812e6b29d5f205916df1d2dac233faed41f161ee83"
    ): 36,
    (
        "80000000006b06eb5d5802df04c7db58041b932a0ee025cb45390ebf638373eaf8caed77f09f2057"
        "69fa7be0510bb41fc673d280ba7531b21ae982e4712b053e89fbc8bd50ad3c9bb255d6e1f0d867b8"
        "8a36ad829013a272dfb694f3af93b266bde4cfac231fe854e4"
    ): dt.date(1815, 12, 10),
    (
        "80000000006b06eb5d907473fed6df7a82757f60f2c49bdbc70649c0a4a017d9c5f62a82d61f04da"
        "777222efb2d191a6b8501e791ad514f6a8569a665918c60c9b505d13eacc947622a6fcfea2bce16c"
        "bbbdda04ac4a46c720ee03769754365ca995e532b59dad000012bf83057f0ab271eb79292e44b3ff"
        "1d1c37af24f9abf238f1a68aab9f0a6fd39f4863b6cf38082e74526c7869d0772137a5f037d1ac8c"
        "b71d70c6b16f5b2455"
    ): dt.datetime(2024, 2, 29, 13, 5, tzinfo=dt.UTC),
    (
        "80000000006b06eb5d79c33cc5bf1de856f9260c4bf849a694f7f879cdbdc1d395ee6219ac36ea0d"
        "bc9bae78dfb9e9f8e456faa9eb14260cf915ddfd495def628a004b868ab8eff7d441e4647c1f66da"
        "e09d700dc6fe0e770300a7ae7477d147b212b8ea61774023fa"
    ): Decimal("1.50"),
}


@pytest.mark.parametrize("cell", OLD_CELLS, ids=range(5))
def test_the_last_release_of_django_cryptography_itself(cell: str) -> None:
    stored = bytes.fromhex(cell)
    assert PICKLED.open(key(PICKLED, "django-insecure-fixed"), stored) == OLD_CELLS[cell]


def test_what_derive_is_given_is_checked() -> None:
    with pytest.raises(InputError, match=r"^the scheme django-fernet-fields has no option salt$"):
        FIELDS.derive(b"secret", salt=b"salt")
    needs = r"^the scheme django-fernet-encrypted-fields needs the option salt$"
    with pytest.raises(InputError, match=needs):
        ENCRYPTED_FIELDS.derive(b"secret")
    with pytest.raises(InputError, match=needs):
        ENCRYPTED_FIELDS.derive(b"secret", salt=b"")
    with pytest.raises(InputError, match=r"^the key of the scheme django-cryptography is empty$"):
        PICKLED.derive(b"")


def test_dates_and_decimals_of_the_wrong_kind_are_left_to_the_field() -> None:
    """`fit` changes a spelling, never a value."""
    assert fit(Decimal("1.50"), "decimal") == Decimal("1.50")
    assert fit(dt.date(2024, 2, 29), "text") == dt.date(2024, 2, 29)
    with pytest.raises(DecryptionError):
        fit(b"\xff", "text")
    assert fit(b"\xff", "bytes") == b"\xff"
