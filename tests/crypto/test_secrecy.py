"""Keys and plaintexts do not show: not in repr, format, pickles, copies or tracebacks."""

from __future__ import annotations

import base64
import copy
import pickle
import traceback
from collections.abc import Callable, Iterator
from typing import Final

import pytest
from Crypto.Cipher import AES

from strongroom.crypto.aead import AeadKey
from strongroom.crypto.cell import CellKey, parse
from strongroom.crypto.column import Cells, verify_column
from strongroom.crypto.decrepit.legacy import open_unauthenticated_legacy
from strongroom.crypto.derive import Label, derive
from strongroom.crypto.seal import SealKey
from strongroom.crypto.secret import Secret
from strongroom.crypto.wrap import WrapKey
from strongroom.errors import DecryptionError
from tests import oracle
from tests.crypto.attempts import IDENTITY, KEY_ID, STORE, refusal, spell

KEY: Final = b"canary-of-32-bytes-in-a-root-key"
NAME: Final = b"Canary Lovelace"


def holders() -> dict[str, object]:
    """One of everything in the cipher layer that holds a key."""
    secret = Secret(KEY)
    cells = CellKey(secret, STORE, KEY_ID, 1, 2)
    cell = parse(cells.seal(IDENTITY, NAME))
    return {
        "Secret": secret,
        "AeadKey": AeadKey(KEY + KEY),
        "CellKey": cells,
        "SealKey": SealKey(secret, STORE, KEY_ID, 1),
        "WrapKey": WrapKey(secret, STORE),
        "Verified": cells.verify(IDENTITY, cell),
        "VerifiedColumn": verify_column(cells, [IDENTITY], Cells.of([cell])),
    }


NAMES: Final = list(holders())


def secrets() -> Iterator[bytes]:
    """Everything secret that a holder was given or derived."""
    yield KEY
    yield NAME
    parent = Secret(KEY)
    for derived in (
        derive(parent, STORE, Label.CELL, 1, 2),
        derive(parent, STORE, Label.SEAL, 1),
        derive(parent, STORE, Label.WRAP),
    ):
        yield derived[:32]
        yield derived[32:] or derived


def shows(text: str | bytes) -> bool:
    """Say whether any secret is in `text`: as bytes, hex, base64 or as Python prints bytes."""
    raw = text if isinstance(text, bytes) else text.encode("utf-8", "backslashreplace")
    for secret in secrets():
        assert len(secret) >= 15
        forms = [secret, secret.hex().encode(), repr(secret)[2:-1].encode()]
        forms.append(base64.b64encode(secret)[:20])
        if any(form in raw for form in forms):
            return True
    return False


def test_the_detector_sees_a_secret() -> None:
    derived = derive(Secret(KEY), STORE, Label.CELL, 1, 2)
    for leak in (KEY, KEY.hex(), repr({"k": KEY}), base64.b64encode(KEY), repr(derived[:32])):
        assert shows(leak)
    assert shows(pickle.dumps(derived))
    assert not shows("nothing")


@pytest.mark.parametrize("name", NAMES)
def test_no_way_of_printing_shows_it(name: str) -> None:
    holder = holders()[name]
    for printed in (repr(holder), str(holder), f"{holder}", f"{holder!r:>80}", ascii([holder])):
        assert not shows(printed)
    assert not hasattr(holder, "__dict__")


@pytest.mark.parametrize("name", NAMES)
def test_no_pickle_and_no_deep_copy(name: str) -> None:
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError, match="cannot"):
            pickle.dumps(holders()[name], protocol)
    with pytest.raises(TypeError, match="cannot"):
        copy.deepcopy(holders()[name])


@pytest.mark.parametrize("name", ["Secret", "AeadKey"])
def test_no_shallow_copy_of_key_bytes(name: str) -> None:
    with pytest.raises(TypeError, match="cannot be pickled or copied"):
        copy.copy(holders()[name])


def legacy_value(text: bytes) -> str:
    """Return a legacy value whose text need not be UTF-8."""
    padded = oracle.pad(text)
    return base64.b64encode(
        bytes(16) + AES.new(KEY, AES.MODE_CBC, iv=bytes(16)).encrypt(padded)
    ).decode()


def failures() -> dict[str, Callable[[], object]]:
    """One of every way to fail with secrets in reach."""
    secret = Secret(KEY)
    cells = CellKey(secret, STORE, KEY_ID, 1, 2)
    text = cells.seal(IDENTITY, NAME)
    derived = derive(secret, STORE, Label.CELL, 1, 2)
    padded = NAME + b"\2"  # wrong padding under a right tag
    forged = spell(
        cells.header + oracle.protect(derived, bytes(16), padded, cells.header + IDENTITY)
    )
    wrap_key = derive(secret, STORE, Label.WRAP)
    name = oracle.wrap_name(STORE, 1, 1)
    return {
        "tag": lambda: cells.verify(b"other", parse(text)),
        "column": lambda: verify_column(cells, [b"other"], Cells.of([parse(text)])),
        "padding": lambda: cells.verify(IDENTITY, parse(forged)).decrypt(),
        "column padding": lambda: verify_column(
            cells, [IDENTITY], Cells.of([parse(forged)])
        ).decrypt(),
        "wrap": lambda: WrapKey(secret, STORE).unwrap(bytes(96), 1, 1),
        "wrap of something else": lambda: WrapKey(secret, STORE).unwrap(
            oracle.protect(wrap_key, bytes(16), oracle.pad(KEY + NAME), name), 1, 1
        ),
        "seal": lambda: SealKey(secret, STORE, KEY_ID, 1).check(bytes(42), IDENTITY, 1, []),
        "spelling": lambda: parse("sr1." + NAME.decode() + "\u00e9"),
        "legacy base64": lambda: open_unauthenticated_legacy(secret, NAME.decode() + "\u00e9"),
        "legacy padding": lambda: open_unauthenticated_legacy(
            secret, base64.b64encode(bytes(32)).decode()
        ),
        "legacy text": lambda: open_unauthenticated_legacy(secret, legacy_value(NAME + b"\xff")),
    }


@pytest.mark.parametrize("name", list(failures()))
def test_no_traceback_shows_it(name: str) -> None:
    error = refusal(failures()[name])
    assert not shows("".join(traceback.format_exception(error)))
    assert not shows(repr(error) + str(error.__dict__))
    assert not shows(pickle.dumps(error))


@pytest.mark.parametrize("name", list(failures()))
def test_no_error_carries_it_out_of_sight(name: str) -> None:
    """A context that is only hidden is still there for a debugger or an error reporter."""
    link: BaseException | None = refusal(failures()[name])
    while link is not None:
        assert not shows(repr(link) + repr(link.args) + repr(vars(link)))
        assert not shows(getattr(link, "object", b""))
        link = link.__context__


def test_a_key_of_a_wrong_length_is_not_echoed() -> None:
    for wrong in (KEY + b"\n", KEY[:-1], bytearray(KEY), KEY.decode()):
        with pytest.raises(ValueError, match=r"^a key must be exactly 32 bytes$") as caught:
            Secret(wrong)  # type: ignore[arg-type]
        assert not shows("".join(traceback.format_exception(caught.value)))
    with pytest.raises(ValueError, match=r"^a suite 1 key must be exactly 64 bytes$") as caught:
        AeadKey(KEY)
    assert not shows("".join(traceback.format_exception(caught.value)))


def test_the_error_keeps_its_position_over_a_process_border() -> None:
    error = pickle.loads(pickle.dumps(DecryptionError(7)))  # noqa: S301 - our own bytes
    assert (type(error), error.position, str(error)) == (
        DecryptionError, 7, "the value cannot be opened"
    )  # fmt: skip


def test_only_asking_by_name_reveals_a_key() -> None:
    secret = Secret(KEY)
    assert secret.reveal() == KEY
    public = [name for name in dir(secret) if not name.startswith("_")]
    assert public == ["generate", "reveal"]
    assert len({Secret.generate().reveal() for _ in range(100)}) == 100
    assert {len(Secret.generate().reveal()) for _ in range(3)} == {32}
