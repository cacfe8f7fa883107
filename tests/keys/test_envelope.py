"""The store key under a root key: fixed bytes, and what each kind of failure is called."""

from __future__ import annotations

import dataclasses
import json

import pytest

from strongroom.crypto.secret import Secret
from strongroom.errors import IntegrityError, StrongroomError, WrongKeyError
from strongroom.keys.envelope import HOLDERS, open_store_key, seal_store_key
from strongroom.keys.provider import _SCHEMES, Envelope
from tests.keys import independent
from tests.keys.independent import OTHER_ROOT, OTHER_STORE, ROOT, STORE, STORE_KEY

DOCUMENT: dict[str, object] = {
    "provider": "file",
    "parameters": {},
    "fingerprint": "cc0d13319247d42f",
    "wrapped": "AAECAwQFBgcICQoLDA0OD+B4ilBPNbztKKiDPfTfiWbf8zYTz/HKixOz3obIFO3BZJl9JNyB4WFm167p2"
    "rqWzXxEZzySdhR07pPX3DQvxyD0EXdoe4Ueus0nzsV0vtjQ",
}


def envelope(root: bytes = ROOT, mark: bytes | None = None) -> Envelope:
    return Envelope(
        "file", {}, mark or independent.fingerprint(root), independent.wrap(root, STORE_KEY)
    )


def test_fixed_document_opens_to_the_store_key() -> None:
    read = Envelope.from_document(json.loads(json.dumps(DOCUMENT)))
    assert read == envelope()
    assert read.to_document() == DOCUMENT
    assert open_store_key(Secret(ROOT), STORE, read).reveal() == STORE_KEY


def test_new_envelope_is_opened_by_primitives_alone() -> None:
    new = seal_store_key(Secret(ROOT), "env", {"a": 1, "b": "two"}, STORE, Secret(STORE_KEY))
    assert (new.provider, new.parameters) == ("env", {"a": 1, "b": "two"})
    assert new.fingerprint == bytes.fromhex("cc0d13319247d42f")
    assert len(new.wrapped) == 96
    assert independent.unwrap(ROOT, new.wrapped) == STORE_KEY
    assert Envelope.from_document(new.to_document()) == new


def test_each_wrap_draws_its_own_iv() -> None:
    made = {
        seal_store_key(Secret(ROOT), "env", {}, STORE, Secret(STORE_KEY)).wrapped[:16]
        for _ in range(64)
    }
    assert len(made) == 64


# --- the wrong key or tampering: two facts, four verdicts --------------------------------------


def test_wrap_opens_and_fingerprint_is_the_same_gives_the_store_key() -> None:
    assert open_store_key(Secret(ROOT), STORE, envelope()).reveal() == STORE_KEY


def test_both_differ_is_the_wrong_key_and_names_both_fingerprints() -> None:
    with pytest.raises(WrongKeyError) as caught:
        open_store_key(Secret(OTHER_ROOT), STORE, envelope())
    assert str(caught.value) == (
        "the key with fingerprint 7b75188b6503eb15 is not this store's, "
        "which has the fingerprint cc0d13319247d42f"
    )
    assert caught.value.hint == (
        "bring the key that this store was made with, from where it is kept or from its backup; "
        "nothing was read or changed"
    )


def test_only_the_fingerprint_differs_is_tampering() -> None:
    changed = envelope(mark=bytes.fromhex("cc0d13319247d42e"))
    with pytest.raises(IntegrityError, match=r"but its fingerprint is another$") as caught:
        open_store_key(Secret(ROOT), STORE, changed)
    assert type(caught.value) is IntegrityError


def test_only_the_wrap_fails_is_tampering_whichever_bit_was_changed() -> None:
    good = envelope()
    for bit in range(8 * 96):
        wrapped = bytearray(good.wrapped)
        wrapped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(IntegrityError, match=r"its wrapped store key does not open$") as caught:
            open_store_key(Secret(ROOT), STORE, dataclasses.replace(good, wrapped=bytes(wrapped)))
        assert type(caught.value) is IntegrityError


def test_envelope_of_another_store_does_not_open() -> None:
    with pytest.raises(WrongKeyError):
        open_store_key(Secret(ROOT), OTHER_STORE, envelope())


def test_wrap_of_another_key_of_the_store_is_not_the_store_key() -> None:
    """A data key, wrapped under the same root by mistake or by design, has another name."""
    for name in ((1, 0), (0, 1), (7, 1)):
        other = dataclasses.replace(envelope(), wrapped=independent.wrap(ROOT, STORE_KEY, *name))
        with pytest.raises(IntegrityError, match="does not open"):
            open_store_key(Secret(ROOT), STORE, other)


def test_without_a_fingerprint_the_store_belongs_to_a_provider_that_keeps_its_key() -> None:
    foreign = Envelope("kms", {}, None, independent.wrap(ROOT, STORE_KEY))
    with pytest.raises(WrongKeyError, match=r"whose key is kept by the provider kms$"):
        open_store_key(Secret(OTHER_ROOT), STORE, foreign)


def test_removed_fingerprint_is_tampering() -> None:
    removed = dataclasses.replace(envelope(), fingerprint=None)
    with pytest.raises(IntegrityError, match=r"it has lost its fingerprint$"):
        open_store_key(Secret(ROOT), STORE, removed)
    kept = dataclasses.replace(removed, provider="kms")
    with pytest.raises(IntegrityError, match=r"its fingerprint is another$"):
        open_store_key(Secret(ROOT), STORE, kept)


@pytest.mark.parametrize("provider", ["file", "env", "command", "passphrase"])
@pytest.mark.parametrize("root", [ROOT, OTHER_ROOT], ids=["right", "wrong"])
def test_removed_fingerprint_and_edited_wrap_are_no_wrong_key(provider: str, root: bytes) -> None:
    """Whoever was told that the key is wrong might throw the right one away."""
    edited = Envelope(provider, {}, None, bytes(96))
    with pytest.raises(IntegrityError) as caught:
        open_store_key(Secret(root), STORE, edited)
    assert str(caught.value) == (
        "the store's record of its key was changed: it has lost its fingerprint"
    )
    assert caught.value.hint == (
        "someone edited the store outside strongroom: restore its record from a backup"
    )


def test_every_provider_of_ours_writes_a_fingerprint() -> None:
    assert set(_SCHEMES) == HOLDERS


# --- documents ----------------------------------------------------------------------------------

WRAPPED = str(DOCUMENT["wrapped"])


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"more": 1}, "its members"),
        ({"provider": 1}, "its provider"),
        ({"provider": ""}, "its provider"),
        ({"provider": "File"}, "its provider"),
        ({"provider": "file\n"}, "its provider"),
        ({"provider": "x" * 33}, "its provider"),
        ({"fingerprint": 1}, "its fingerprint"),
        ({"fingerprint": ""}, "its fingerprint"),
        ({"fingerprint": "CC0D13319247D42F"}, "its fingerprint"),
        ({"fingerprint": "cc0d13319247d42"}, "its fingerprint"),
        ({"fingerprint": "cc0d13319247d42f\n"}, "its fingerprint"),
        ({"parameters": None}, "its parameters"),
        ({"parameters": []}, "its parameters"),
        ({"parameters": {f"p{n}": n for n in range(17)}}, "its parameters"),
        ({"parameters": {"A": 1}}, "the name of a parameter"),
        ({"parameters": {1: 1}}, "the name of a parameter"),
        ({"parameters": {"a": True}}, "a parameter"),
        ({"parameters": {"a": 1.0}}, "a parameter"),
        ({"parameters": {"a": None}}, "a parameter"),
        ({"parameters": {"a": "x" * 2049}}, "a parameter"),
        ({"wrapped": None}, "its wrapped store key"),
        ({"wrapped": WRAPPED.encode()}, "its wrapped store key"),
        ({"wrapped": ""}, "its wrapped store key"),
        ({"wrapped": WRAPPED + "\n"}, "its wrapped store key"),
        ({"wrapped": WRAPPED + "="}, "its wrapped store key"),
        ({"wrapped": WRAPPED[:-4]}, "its wrapped store key"),
        ({"wrapped": WRAPPED + "AAAA"}, "its wrapped store key"),
        ({"wrapped": "é" + WRAPPED[1:]}, "its wrapped store key"),
    ],
)
def test_malformed_document_is_refused_with_the_part(change: dict[str, object], part: str) -> None:
    with pytest.raises(IntegrityError) as caught:
        Envelope.from_document(DOCUMENT | change)
    assert str(caught.value) == f"the store's record of its key is malformed: {part}"


@pytest.mark.parametrize("document", [None, [], "file", 7, DOCUMENT.items()])
def test_what_is_no_document_is_refused(document: object) -> None:
    with pytest.raises(IntegrityError, match=r"its members$"):
        Envelope.from_document(document)


@pytest.mark.parametrize("member", sorted(DOCUMENT))
def test_every_member_is_needed(member: str) -> None:
    with pytest.raises(IntegrityError, match=r"its members$"):
        Envelope.from_document({name: it for name, it in DOCUMENT.items() if name != member})


def test_no_verdict_proposes_to_start_over() -> None:
    cases = [
        (OTHER_ROOT, envelope()),
        (ROOT, envelope(mark=bytes(8))),
        (OTHER_ROOT, dataclasses.replace(envelope(), fingerprint=None)),
    ]
    for root, given in cases:
        with pytest.raises(StrongroomError) as caught:
            open_store_key(Secret(root), STORE, given)
        said = f"{caught.value} {caught.value.hint}"
        for phrase in ("new key", "delete", "remove", "init", "over"):
            assert phrase not in said
