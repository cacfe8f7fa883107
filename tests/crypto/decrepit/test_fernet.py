"""Fernet columns: the specification's own vector, real tokens, and what is no token."""

from __future__ import annotations

import base64
from typing import Final

import pytest
from cryptography.fernet import Fernet, MultiFernet

from strongroom.crypto.decrepit.schemes import SCHEMES
from strongroom.crypto.decrepit.spelling import fit
from strongroom.crypto.secret import Secret
from strongroom.errors import InputError
from tests.crypto.attempts import refusal

SCHEME: Final = SCHEMES["fernet"]
KEY: Final = base64.urlsafe_b64encode(bytes(range(32)))
FAR_FUTURE: Final = 2**40

# The one token that the specification gives to be opened: verify.json of github.com/fernet/spec.
SPEC_KEY: Final = b"cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4="
SPEC_TOKEN: Final = (
    "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOP"
    "mrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA=="
)


def read(value: object, *materials: bytes) -> object:
    keys: tuple[Secret, ...] = ()
    for material in materials or (KEY,):
        keys += SCHEME.derive(material)
    return SCHEME.open(keys, value)


def test_the_vector_of_the_specification() -> None:
    assert read(SPEC_TOKEN, SPEC_KEY) == b"hello"


@pytest.mark.parametrize("content", [b"", b"Ada", "Ω 👩‍👩‍👧".encode(), b"\0\xff", b"x" * 1_000_000])
def test_tokens_as_text_and_as_bytes(content: bytes) -> None:
    token = Fernet(KEY).encrypt(content)
    for form in (token, token.decode(), bytearray(token), memoryview(token), b" %s\r\n" % token):
        assert read(form) == content


def test_several_keys_as_multifernet_has_them() -> None:
    keys = [Fernet.generate_key() for _ in range(3)]
    many = MultiFernet([Fernet(key) for key in keys])
    for position, key in enumerate(keys):
        assert read(Fernet(key).encrypt(b"Ada"), *keys) == b"Ada"
        others = keys[:position] + keys[position + 1 :]
        refusal(read, Fernet(key).encrypt(b"Ada"), *others)
    assert read(many.encrypt(b"Ada"), keys[0]) == b"Ada"
    refusal(read, many.encrypt(b"Ada"), *keys[1:])


@pytest.mark.parametrize("seconds", [0, 1, FAR_FUTURE])
def test_the_time_of_a_token_is_not_looked_at(seconds: int) -> None:
    assert read(Fernet(KEY).encrypt_at_time(b"Ada", seconds)) == b"Ada"


def test_another_spelling_of_the_same_bytes_is_no_token() -> None:
    """The real Fernet opens these three: it skips what is not base64 and ignores spare bits."""
    token = Fernet(KEY).encrypt(b"Ada").decode()
    last = token.rstrip("=")[-1]
    spare = token.replace(last + "==", chr(ord(last) + 1) + "==")
    assert spare != token
    for value in (token[:20] + "\n" + token[20:], token[:20] + "*" + token[20:], spare):
        assert Fernet(KEY).decrypt(value) == b"Ada"
        refusal(read, value)


def test_the_spelling_of_the_python_bytes_is_no_token() -> None:
    refusal(read, str(Fernet(KEY).encrypt(b"Ada")))


@pytest.mark.parametrize(
    "material",
    [KEY[:-1], KEY + b"=", KEY + b"\n", KEY[:-4], b"x" * 32, bytes(44), b"\xff" * 44, "é".encode()],
    ids=range(8),
)
def test_what_is_no_fernet_key_is_refused(material: bytes) -> None:
    with pytest.raises(
        InputError, match=r"^a fernet key must be url-safe base64 of 32 bytes$"
    ) as e:
        SCHEME.derive(material)
    assert e.value.__context__ is None


def test_content_becomes_text_for_every_field_but_one_of_bytes() -> None:
    assert fit(b"36", "integer") == "36"
    assert fit(b"True", "boolean") == "true"
    assert fit(b"False", "boolean") == "false"
    assert fit(b"1E-7", "decimal").__class__.__name__ == "Decimal"
    assert fit(b"True", "text") == "True"
    assert fit(b"True", "bytes") == b"True"
