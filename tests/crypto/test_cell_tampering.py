"""Nothing but the cell that was sealed opens, and a forged one never reaches a decryptor.

Every bit, every character, every truncation, every extension of cells of each number of blocks,
through both doors; each refusal is the one error with the one text and no cause.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from typing import Final

import pytest

from strongroom.crypto.aead import AeadKey
from strongroom.crypto.cell import HEADER_BYTES, PREFIX, key_id_of, parse
from strongroom.crypto.column import Cells, verify_column
from strongroom.crypto.secret import Secret
from strongroom.crypto.wrap import WrapKey
from tests import oracle
from tests.crypto.attempts import (
    IDENTITY,
    STORE,
    cell_key,
    open_cell,
    open_in_column,
    raw_bytes,
    refusal,
    spell,
)
from tests.crypto.conftest import Decryptors

LENGTHS: Final = (0, 1, 15, 16, 17, 31, 32)  # of the plaintext: on both sides of block borders
ALPHABET: Final = string.ascii_letters + string.digits + "+/"
STRANGE: Final = "=.-_ \n\r\t\0,~\x7f\u00e9\uff21\U0001f511"

Door = Callable[[str], bytes]
both_doors = pytest.mark.parametrize("door", [open_cell, open_in_column], ids=["cell", "column"])


def seal(length: int) -> tuple[str, bytes]:
    plaintext = bytes(range(length))
    return cell_key().seal(IDENTITY, plaintext), plaintext


@both_doors
@pytest.mark.parametrize("length", LENGTHS)
def test_the_spy_sees_the_decryptor_of_a_good_cell(
    door: Door, length: int, decryptors: Decryptors
) -> None:
    text, plaintext = seal(length)
    assert door(text) == plaintext
    assert decryptors.made >= 1


@both_doors
@pytest.mark.parametrize("length", LENGTHS)
def test_every_bit(door: Door, length: int, decryptors: Decryptors) -> None:
    raw = raw_bytes(seal(length)[0])
    assert len(raw) == 54 + 16 * (length // 16 + 1)
    for bit in range(len(raw) * 8):
        changed = bytearray(raw)
        changed[bit // 8] ^= 1 << bit % 8
        refusal(door, spell(bytes(changed)))
    assert decryptors.made == 0


@pytest.mark.parametrize("length", [0, 16, 17])
def test_every_substitution_of_a_character(length: int, decryptors: Decryptors) -> None:
    text = seal(length)[0]
    tried = 0
    for place, old in enumerate(text):
        for new in ALPHABET + STRANGE:
            if new != old:
                refusal(open_cell, text[:place] + new + text[place + 1 :])
                tried += 1
    assert tried == len(text) * (len(ALPHABET) + len(STRANGE) - 1)
    assert decryptors.made == 0


@both_doors
@pytest.mark.parametrize("length", LENGTHS)
def test_every_truncation(door: Door, length: int, decryptors: Decryptors) -> None:
    text = seal(length)[0]
    raw = raw_bytes(text)
    for cut in range(len(text)):
        refusal(door, text[:cut])
        refusal(door, text[cut + 1 :])
    for cut in range(len(raw)):
        refusal(door, spell(raw[:cut]))
        refusal(door, spell(raw[cut + 1 :]))
    assert decryptors.made == 0


@both_doors
def test_every_extension(door: Door, decryptors: Decryptors) -> None:
    for length in LENGTHS:
        text = seal(length)[0]
        raw = raw_bytes(text)
        extended = [text + extra for extra in [*ALPHABET, *STRANGE, "====", "AAAA", text, PREFIX]]
        extended += [extra + text for extra in [*ALPHABET, *STRANGE, "\ufeff", PREFIX]]
        extended += [spell(raw + bytes(count)) for count in range(1, 66)]
        extended += [spell(raw[:place] + bytes(16) + raw[place:]) for place in range(len(raw))]
        for one in extended:
            refusal(door, one)
    assert decryptors.made == 0


@pytest.mark.parametrize("blocks", [0, 1, 2])
@pytest.mark.parametrize("tag", [b"", b"\0" * 4, b"\0" * 12, b"\0" * 31, b"\0" * 32, b"\xff" * 32])
def test_short_and_constant_tags_with_few_blocks(
    blocks: int, tag: bytes, decryptors: Decryptors
) -> None:
    header = cell_key().header
    refusal(open_cell, spell(header + bytes(16) + bytes(16 * blocks) + tag))
    assert decryptors.made == 0


def test_a_cell_opens_in_one_place_only(decryptors: Decryptors) -> None:
    text = seal(20)[0]
    elsewhere = {
        "data key": cell_key(data_key=bytes(32)),
        "store": cell_key(store=bytes(16)),
        "key id": cell_key(key_id=0x01020305),
        "table": cell_key(table=2),
        "field": cell_key(field=1),
        "table and field exchanged": cell_key(table=2, field=1),
    }
    for key in elsewhere.values():
        refusal(open_cell, text, key)
        refusal(open_in_column, text, key)
    for other in (b"", IDENTITY[:-1], IDENTITY + b"\0", IDENTITY[:-1] + b"\x08", text.encode()):
        refusal(open_cell, text, None, other)
    assert decryptors.made == 0


def test_bytes_do_not_move_between_header_identity_and_iv() -> None:
    """The borders of A are fixed: what leaves the identity can't come back in front of the IV."""
    raw = raw_bytes(cell_key().seal(IDENTITY, b"x" * 40))
    moved = raw[:HEADER_BYTES] + IDENTITY[-8:] * 2 + raw[HEADER_BYTES:]
    refusal(open_cell, spell(moved), None, IDENTITY[:-8])
    refusal(open_cell, spell(raw[:6] + raw[22:]), None, IDENTITY + raw[6:22])


@pytest.mark.parametrize("value", [None, 1, b"sr1.", bytearray(b"sr1."), ["sr1."], 1.5, "", "sr1"])
def test_what_is_no_text_of_a_cell_is_refused(value: object) -> None:
    refusal(parse, value)


def test_a_subclass_of_str_is_refused() -> None:
    class Chameleon(str):
        __slots__ = ()

    refusal(parse, Chameleon(seal(3)[0]))


def test_one_bad_cell_keeps_a_whole_column_from_any_decryptor(decryptors: Decryptors) -> None:
    key = cell_key()
    good = [parse(key.seal(IDENTITY, b"good")) for _ in range(20)]
    for place in range(len(good)):
        bad = raw_bytes(key.seal(IDENTITY, b"bad"))
        cells = [*good]
        cells[place] = parse(spell(bad[:-1] + bytes([bad[-1] ^ 1])))
        error = refusal(verify_column, key, [IDENTITY] * 20, Cells.of(cells))
        assert error.position == place
    assert decryptors.made == 0


def test_every_bit_truncation_and_extension_of_a_wrapped_key(decryptors: Decryptors) -> None:
    wrapper = WrapKey(Secret(bytes(32)), STORE)
    wrapped = wrapper.wrap(Secret(bytes(range(32))), 7, 1)
    assert len(wrapped) == 96
    for bit in range(96 * 8):
        changed = bytearray(wrapped)
        changed[bit // 8] ^= 1 << bit % 8
        refusal(wrapper.unwrap, bytes(changed), 7, 1)
    for cut in range(96):
        refusal(wrapper.unwrap, wrapped[:cut], 7, 1)
        refusal(wrapper.unwrap, wrapped[cut + 1 :], 7, 1)
    for extra in range(1, 66):
        refusal(wrapper.unwrap, wrapped + bytes(extra), 7, 1)
    assert decryptors.made == 0


@pytest.mark.parametrize(
    "wrapped", [None, "", "\0" * 96, bytearray(96), [0] * 96, 96], ids=range(6)
)
def test_what_is_no_wrapped_key_is_refused(wrapped: object) -> None:
    refusal(WrapKey(Secret(bytes(32)), STORE).unwrap, wrapped, 7, 1)


@pytest.mark.parametrize("length", [0, 1, 5, 6, 22, 53, 54, 69, 71, 85, 87])
def test_parsing_alone_refuses_impossible_lengths(length: int) -> None:
    """A record's structure is checked whole before any key is looked for."""
    refusal(parse, spell((b"\1\1\0\0\0\7" + bytes(100))[:length]))
    assert key_id_of(parse(spell(b"\1\1\0\0\0\7" + bytes(64)))) == 7


@pytest.mark.parametrize("head", [b"\0\1", b"\2\1", b"\1\0", b"\1\2", b"\1\xff", b"\xff\1"])
def test_parsing_alone_refuses_other_versions_and_suites(head: bytes) -> None:
    refusal(parse, spell(head + bytes(4 + 64)))


@pytest.mark.parametrize("ciphertext", [b"", bytes(1), bytes(15), bytes(17), bytes(31)])
def test_no_length_of_ciphertext_but_whole_blocks(
    ciphertext: bytes, decryptors: Decryptors
) -> None:
    """Even behind a right tag: the cipher's own complaint would be another error."""
    body = bytes(16) + ciphertext
    refusal(AeadKey(bytes(64)).verify, body + oracle.tag(bytes(64), b"A", body), b"A")
    refusal(AeadKey(bytes(64)).verify, oracle.tag(bytes(64), b"A", b""), b"A")
    assert decryptors.made == 0


def test_a_wrapped_key_is_bound_to_its_suite() -> None:
    wrapper = WrapKey(Secret(bytes(32)), STORE)
    wrapped = wrapper.wrap(Secret(bytes(32)), 7, 1, 2)
    assert wrapper.unwrap(wrapped, 7, 1, 2).reveal() == bytes(32)
    refusal(wrapper.unwrap, wrapped, 7, 1)
