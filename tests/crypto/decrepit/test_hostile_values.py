"""Every scheme against what it must not open: changed, cut, foreign, hostile, huge.

What is unauthenticated can't refuse every change: for those, only what their form rules out is.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import pickle
import secrets
from pathlib import Path
from typing import Any, Final

import pytest

from strongroom.crypto.decrepit.schemes import SCHEMES, KeyForm, Opened, Scheme
from strongroom.crypto.decrepit.stored import MOST_STORED_BYTES
from strongroom.errors import InputError
from tests.crypto.attempts import cell_key, refusal
from tests.crypto.decrepit.pickle_bombs import Bomb
from tests.crypto.decrepit.scheme_values import CONTENT, RAW, SECRET, cbc, keys, signed, value_of

ALL: Final = list(SCHEMES.values())
AUTHENTICATED: Final = [one for one in ALL if one.authenticated]
NAMES: Final = [one.name for one in ALL]


def text_of(opened: Opened) -> object:
    return opened.decode() if isinstance(opened, bytes) else opened


def test_the_list_is_closed() -> None:
    assert set(SCHEMES) == {
        "legacy",
        "fernet",
        "sqlalchemy-utils-aes-naive",
        "sqlalchemy-utils-aes-pkcs5",
        "sqlalchemy-utils-aes-zeroes",
        "sqlalchemy-utils-aes-oneandzeroes",
        "sqlalchemy-utils-aes-gcm",
        "sqlalchemy-utils-fernet",
        "django-cryptography",
        "django-fernet-fields",
        "django-fernet-encrypted-fields",
    }
    assert all(name == scheme.name for name, scheme in SCHEMES.items())
    assert {one.name for one in ALL if not one.authenticated} == {
        "legacy",
        *(
            name
            for name in SCHEMES
            if name.startswith("sqlalchemy-utils-aes-") and "gcm" not in name
        ),
    }
    with pytest.raises(TypeError):
        SCHEMES["another"] = ALL[0]  # type: ignore[index]


@pytest.mark.parametrize("scheme", ALL, ids=NAMES)
def test_a_good_value_opens_and_another_key_never(scheme: Scheme) -> None:
    value = value_of(scheme, CONTENT * 20)
    assert text_of(scheme.open(keys(scheme), value)) == CONTENT * 20
    for number in range(200 if len(scheme.required) + scheme.secrets == 1 else 5):
        refusal(scheme.open, keys(scheme, b"another %d" % number), value)


@pytest.mark.parametrize("scheme", ALL, ids=NAMES)
def test_the_forms_in_which_drivers_give_a_column(scheme: Scheme) -> None:
    value, opening = value_of(scheme), keys(scheme)
    forms: list[object] = [value]
    if isinstance(value, str):
        forms += [f" {value}\r\n", value.encode(), b"\t%s " % value.encode()]
    raw = value if isinstance(value, bytes) else value.encode()
    for form in [*forms, raw, bytearray(raw), memoryview(raw), memoryview(b"_" + raw)[1:]]:
        assert text_of(scheme.open(opening, form)) == CONTENT


@pytest.mark.parametrize("scheme", ALL, ids=NAMES)
def test_no_scheme_opens_what_another_wrote(scheme: Scheme) -> None:
    """With the same secret. The engines of SQLAlchemy-Utils even have the same key then."""
    for other in ALL:
        if other is not scheme:
            refusal(scheme.open, keys(scheme), value_of(other))


def flipped(value: Any) -> list[Any]:
    if isinstance(value, bytes):
        return [
            value[:place] + bytes([value[place] ^ (1 << bit)]) + value[place + 1 :]
            for place in range(len(value))
            for bit in range(8)
        ]
    return [
        value[:place] + chr(ord(value[place]) ^ (1 << bit)) + value[place + 1 :]
        for place in range(len(value))
        for bit in range(7)
    ]


@pytest.mark.parametrize("scheme", AUTHENTICATED, ids=[one.name for one in AUTHENTICATED])
def test_every_flipped_bit_is_refused(scheme: Scheme) -> None:
    value, opening = value_of(scheme), keys(scheme)
    for changed in flipped(value):
        # A flip at an end may make white space of a character: then the text is cut, and refused.
        refusal(scheme.open, opening, changed)


@pytest.mark.parametrize("scheme", ALL, ids=NAMES)
def test_every_cut_is_refused(scheme: Scheme) -> None:
    """Unauthenticated ones too, but at a block, where only chance gives padding."""
    value, opening = value_of(scheme), keys(scheme)
    for cut in range(len(value)):
        refusal(scheme.open, opening, value[:cut])
        if cut and scheme.authenticated:
            refusal(scheme.open, opening, value[cut:])


@pytest.mark.parametrize("scheme", ALL, ids=NAMES)
@pytest.mark.parametrize(
    "value",
    [
        None,
        7,
        1.5,
        True,
        [],
        {},
        object(),
        Path("a"),
        "",
        b"",
        " ",
        "Ada Lovelace",
        "é",
        "\ud800",
        b"\xff\xfe",
        "=",
        "====",
        "A",
        "AAAA",
        "A" * 64,
        "gAAAAA==",
        b"\x80" * 200,
        bytes(1_000),
        memoryview(b"12345678").cast("Q"),
        memoryview(bytes(400))[::2],
    ],
    ids=range(25),
)
def test_what_is_no_value_at_all_is_refused(scheme: Scheme, value: object) -> None:
    refusal(scheme.open, keys(scheme), value)


@pytest.mark.parametrize("scheme", ALL, ids=NAMES)
def test_a_cell_of_our_own_is_refused(scheme: Scheme) -> None:
    cell = cell_key().seal(b"identity", b"\1Ada")
    for form in (cell, cell.encode(), cell.removeprefix("sr1.")):
        refusal(scheme.open, keys(scheme), form)


@pytest.mark.parametrize("scheme", ALL, ids=NAMES)
def test_random_bytes_are_refused(scheme: Scheme) -> None:
    opening = keys(scheme)
    for length in (16, 28, 32, 64, 73, 89, 128):
        raw = secrets.token_bytes(length * 4)
        for form in (raw, base64.b64encode(raw), base64.urlsafe_b64encode(raw)):
            refusal(scheme.open, opening, form)


@pytest.mark.parametrize("name", ["fernet", "django-cryptography", "sqlalchemy-utils-aes-gcm"])
def test_what_is_longer_than_32_mib_is_not_looked_at(name: str) -> None:
    """Good values that are refused for nothing but their length."""
    scheme = SCHEMES[name]
    fits, too_long = (value_of(scheme, "x" * length) for length in (1 << 20, MOST_STORED_BYTES))
    assert len(fits) < MOST_STORED_BYTES < len(too_long)
    assert text_of(scheme.open(keys(scheme), fits)) == "x" * (1 << 20)
    refusal(scheme.open, keys(scheme), too_long)
    raw = too_long if isinstance(too_long, bytes) else too_long.encode()
    for form in (raw, bytearray(raw), memoryview(raw)):
        refusal(scheme.open, keys(scheme), form)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_bomb_that_was_signed_with_the_right_key_does_not_go_off(
    protocol: int, tmp_path: Path
) -> None:
    scheme, canary = SCHEMES["django-cryptography"], tmp_path / "canary"
    bomb = pickle.dumps(Bomb(canary), protocol)
    refusal(scheme.open, keys(scheme), signed(bomb))
    refusal(scheme.open, keys(scheme), signed(bomb[:-1] + b"0\x8c\x03Ada."))
    assert not canary.exists()
    pickle.loads(bomb)  # noqa: S301  # the proof that it is a bomb
    assert canary.exists()


def test_a_signed_value_of_another_version_or_without_a_block_is_refused() -> None:
    scheme = SCHEMES["django-cryptography"]
    refusal(scheme.open, keys(scheme), signed(pickle.dumps("Ada"), version=b"\x81"))
    key = hashlib.pbkdf2_hmac("sha256", SECRET, b"django-cryptography", 30_000)
    for encrypted in (b"", bytes(8), cbc(key, RAW[:16], bytes(16)), bytes(24)):
        body = b"\x80" + bytes(8) + RAW[:16] + encrypted
        refusal(scheme.open, keys(scheme), body + hmac.digest(SECRET, body, "sha256"))


def test_the_number_of_keys_is_checked() -> None:
    """Unauthenticated values are opened with one key: with two, chance would choose."""
    for scheme in ALL:
        value, opening = value_of(scheme), keys(scheme)
        with pytest.raises(ValueError, match=r"was given 0 keys$"):
            scheme.open((), value)
        another = keys(scheme, b"another")
        if scheme.authenticated:
            assert text_of(scheme.open(another + opening, value)) == CONTENT
        else:
            with pytest.raises(ValueError, match=r"was given 2 keys$"):
                scheme.open(another + opening, value)
        if scheme.secrets == 1:
            assert text_of(scheme.open(opening[0], value)) == CONTENT
        else:
            with pytest.raises(ValueError, match=r"was given 1 keys$"):
                scheme.open(opening[0], value)


@pytest.mark.parametrize("scheme", ALL, ids=NAMES)
def test_no_key_and_no_content_is_shown(scheme: Scheme) -> None:
    """Neither the error nor what hangs on it, whether the key or the value is at fault."""
    marked = value_of(scheme, "canary-plaintext")
    cut = marked[:-1]
    error = refusal(scheme.open, keys(scheme), cut)
    assert error.__context__ is None
    assert "canary" not in repr(error) + str(error.__dict__)
    assert "canary" not in repr(scheme) + repr(keys(scheme, b"canary-secret"))


@pytest.mark.parametrize("scheme", ALL, ids=NAMES)
def test_material_that_is_no_key_is_not_shown(scheme: Scheme) -> None:
    bad = [b""] if scheme.key_form is KeyForm.TEXT else [b"", b"canary" * 7]
    for given in bad:
        with pytest.raises(InputError) as caught:
            scheme.derive(given, **dict.fromkeys(scheme.required, b"salt"))
        assert caught.value.__context__ is None
        assert "canary" not in f"{caught.value}{caught.value.hint}"
