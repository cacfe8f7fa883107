"""Which bytes are a key: every other length and spelling is refused with its own reason."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.crypto.secret import Secret
from strongroom.keys.material import Fault, from_raw, from_text, looks_like_key

KEY = bytes(range(0xE0, 0x100))
HEX = KEY.hex().encode()
BASE64 = base64.b64encode(KEY)


def reason(outcome: Secret | Fault) -> str:
    assert isinstance(outcome, Fault)
    assert outcome.hint
    return outcome.reason


def key_of(outcome: Secret | Fault) -> bytes:
    assert isinstance(outcome, Secret)
    return outcome.reveal()


def test_thirty_two_raw_bytes_are_taken_as_they_are() -> None:
    assert key_of(from_raw(KEY)) == KEY
    assert key_of(from_raw(b"\x00" * 31 + b"\x01")) == b"\x00" * 31 + b"\x01"
    assert key_of(from_raw(b"\n" * 32)) == b"\n" * 32


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "is empty"),
        (KEY[:1], "holds 1 byte, and a key is exactly 32"),
        (KEY[:31], "holds 31 bytes, and a key is exactly 32"),
        (KEY + b"x", "holds 33 bytes, and a key is exactly 32"),
        (KEY + b"\n", "holds 33 bytes, the last one a newline, and a key is exactly 32"),
        (KEY + KEY, "holds 64 bytes, and a key is exactly 32"),
        (HEX, "holds 64 hex digits, not 32 raw bytes"),
        (HEX.upper() + b"\n", "holds 64 hex digits, not 32 raw bytes"),
        (HEX + b"\r\n", "holds 64 hex digits, not 32 raw bytes"),
        (BASE64, "holds base64 text, not 32 raw bytes"),
        (BASE64 + b"\n", "holds base64 text, not 32 raw bytes"),
        (bytes(32), "holds 32 zero bytes, which is no key"),
        (bytes(256), "holds 256 bytes or more, and a key is exactly 32"),
    ],
)
def test_raw_content_is_refused_with_the_reason(content: bytes, expected: str) -> None:
    assert reason(from_raw(content)) == expected


@given(st.binary(max_size=100))
def test_raw_content_is_a_key_exactly_when_it_has_32_bytes(content: bytes) -> None:
    outcome = from_raw(content)
    if len(content) == 32 and any(content):
        assert key_of(outcome) == content
    else:
        assert isinstance(outcome, Fault)


@pytest.mark.parametrize("content", [HEX, HEX.upper(), BASE64])
def test_text_is_hex_or_base64(content: bytes) -> None:
    assert key_of(from_text(content)) == KEY


NOT_BASE64 = "has 44 characters, but is not base64 of 32 bytes in its one spelling"
SPACE = "begins or ends with a space or a newline"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "is empty"),
        (b" " + BASE64, SPACE),
        (BASE64 + b"\n", SPACE),
        (HEX + b"\r\n", SPACE),
        (BASE64[:-1], "has 43 characters: base64 without its closing ="),
        (BASE64 + b"=", "has 45 characters"),
        (HEX[:-1], "has 63 characters"),
        (HEX + b"0", "has 65 characters"),
        (b"0x" + HEX, "has 66 characters"),
        (b"g" + HEX[1:], "has 64 characters, but not all of them are hex digits"),
        (base64.b64encode(KEY + KEY[:16]), "has 64 characters, but not all of them are hex digits"),
        (base64.b64encode(KEY[:31]), NOT_BASE64),
        (base64.b64encode(KEY + b"x"), NOT_BASE64),
        (BASE64[:-2] + b"9=", NOT_BASE64),
        (base64.urlsafe_b64encode(bytes([0xFB] * 32)), NOT_BASE64),
        (BASE64[:20] + b"\n" + BASE64[21:], NOT_BASE64),
        (BASE64[:20] + b"\xff" + BASE64[21:], NOT_BASE64),
        (KEY, "has 32 characters"),
        (base64.b64encode(bytes(32)), "holds 32 zero bytes, which is no key"),
        (b"0" * 64, "holds 32 zero bytes, which is no key"),
    ],
)
def test_text_is_refused_with_the_reason(content: bytes, expected: str) -> None:
    assert reason(from_text(content)) == expected


@given(
    st.binary(min_size=32, max_size=32).filter(any),
    st.integers(0, 43),
    st.binary(min_size=1, max_size=1),
)
def test_no_second_spelling_of_base64_gives_the_same_key(
    key: bytes, place: int, other: bytes
) -> None:
    text = base64.b64encode(key)
    changed = text[:place] + other + text[place + 1 :]
    outcome = from_text(changed)
    if isinstance(outcome, Secret):
        assert (outcome.reveal() == key) == (changed == text)


@pytest.mark.parametrize(
    "text", [HEX.decode(), HEX.decode().upper(), BASE64.decode(), "-_" * 21 + "A="]
)
def test_a_key_given_as_a_name_is_recognised(text: str) -> None:
    assert looks_like_key(text)


@pytest.mark.parametrize(
    "text", ["aes_key.bin", "", "STRONGROOM_KEY", HEX.decode() + ".bin", "a" * 63]
)
def test_an_ordinary_name_is_no_key(text: str) -> None:
    assert not looks_like_key(text)
