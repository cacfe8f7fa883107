"""The legacy scheme: what another AES library wrote is read, what nobody wrote is refused.

Nothing in a legacy value proves anything; the last tests pin what that means, since it is why the
function that reads it has such a name.
"""

from __future__ import annotations

import base64
from typing import Final

import pytest
from Crypto.Cipher import AES
from Crypto.Util.Padding import pad

from strongroom.crypto.cell import parse
from strongroom.crypto.decrepit.legacy import open_unauthenticated_legacy
from strongroom.crypto.secret import Secret
from strongroom.errors import DecryptionError
from tests.crypto.attempts import cell_key, refusal

KEY: Final = bytes(range(0x60, 0x80))
IV: Final = bytes(range(0x10, 0x20))


def written(text: str | bytes, key: bytes = KEY, iv: bytes = IV) -> str:
    """Write a value as the legacy scheme does, with pycryptodome's cipher and padding."""
    raw = text if isinstance(text, bytes) else text.encode("utf-8")
    return encoded(iv + AES.new(key, AES.MODE_CBC, iv=iv).encrypt(pad(raw, 16)))


def unpadded(raw: bytes) -> str:
    return encoded(IV + AES.new(KEY, AES.MODE_CBC, iv=IV).encrypt(raw))


def encoded(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def read(value: object, key: bytes = KEY) -> str:
    return open_unauthenticated_legacy(Secret(key), value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Ada Lovelace",
        "x" * 15,
        "x" * 16,
        "x" * 17,
        "Ã" * 40,
        "👩‍👩‍👧",
        "e\u0301 is not \u00e9",
        "\u202eright to left",
        " spaces around \n",
        "nul\0inside",
        "\ufeffmarked",
        "sr1.",
        "x" * 1_000_000,
    ],
    ids=range(14),
)
def test_what_another_library_wrote_is_read(text: str) -> None:
    assert read(written(text)) == text


def test_a_value_written_long_ago_is_read() -> None:
    """Fixed bytes, so that writer and reader can't drift together."""
    key = bytes(range(32))
    value = "AAECAwQFBgcICQoLDA0ODzkNBkPaRXRKylPA2FsHAKk="
    assert read(value, key) == "Ada Lovelace"
    assert written("Ada Lovelace", key, bytes(range(16))) == value


def test_every_length_and_every_iv() -> None:
    for length in range(70):
        iv = bytes([length]) * 16
        assert read(written("x" * length, iv=iv)) == "x" * length


@pytest.mark.parametrize("around", [" {}", "{}\n", "\r\n{}\r\n", "\t{} "])
def test_white_space_around_is_allowed(around: str) -> None:
    assert read(around.format(written("Ada"))) == "Ada"


GOOD: Final = written("Ada Lovelace of Ockham Park")


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "Ada Lovelace",
        GOOD[:-1],
        GOOD + "A",
        GOOD + "====",
        GOOD[:20] + " " + GOOD[20:],
        GOOD[:20] + "\n" + GOOD[20:],
        GOOD[:20] + "*" + GOOD[21:],
        GOOD[:20] + "-" + GOOD[21:],
        GOOD[:20] + "é" + GOOD[21:],
        GOOD[:20] + "\0" + GOOD[21:],
        encoded(IV),
        encoded(bytes(31)),
        encoded(base64.b64decode(GOOD) + b"\0"),
        encoded(base64.b64decode(GOOD)[:-1]),
        unpadded(bytes(16)),
        unpadded(b"\x11" * 16),
        unpadded(b"\xff" * 32),
        unpadded(b"x" * 14 + b"\3\2"),
        unpadded(b"x" * 16),
        written(b"\xff\xfe"),
        written(b"Ada \xed\xa0\x80"),
        written(b"\xc0\x80"),
        written(b"cut \xf0\x9f\x94"),
    ],
    ids=range(25),
)
def test_what_the_legacy_scheme_never_wrote_is_refused(value: str) -> None:
    refusal(read, value)


@pytest.mark.parametrize("value", [None, 7, b"AAAA", ["AAAA"]])
def test_what_is_no_text_is_refused(value: object) -> None:
    refusal(read, value)


def test_every_truncation_is_refused_or_ends_at_a_block() -> None:
    """A cut at a block border has wrong padding but by chance; here it always has."""
    for cut in range(len(GOOD)):
        refusal(read, GOOD[:cut])


def test_a_cell_is_no_legacy_value_and_the_reverse() -> None:
    refusal(read, cell_key().seal(b"identity", b"\1Ada"))
    refusal(parse, written("Ada"))
    refusal(parse, "sr1." + written("Ada"))


def test_another_key_is_refused_but_by_chance() -> None:
    """About one key in 256 finds some padding; that the rest is no UTF-8 stops nearly all those."""
    value = written("x" * 200)
    opened = 0
    for number in range(512):
        try:
            read(value, number.to_bytes(32, "big"))
        except DecryptionError:
            continue
        opened += 1
    assert opened == 0


def test_it_is_not_authenticated_an_edited_age_is_read() -> None:
    """One byte of the IV makes 95 of 25 without any key: why adoption pins what it finds."""
    raw = bytearray(base64.b64decode(written("25")))
    raw[0] ^= ord("2") ^ ord("9")
    assert read(encoded(bytes(raw))) == "95"
