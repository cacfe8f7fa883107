"""The keyring: every key under the store key, its purpose, its state and its dates.

Each stands wrapped under the store key with its id and purpose as associated data (crypto.wrap),
so no record can pass for another. All of them are unwrapped when the ring is loaded: a ring that
opens at all opens whole. A keyring never changes; every change gives a new one.

    active       new cells, seals and tokens are made under it: one data key and one index key
    retired      opens what was made under it
    destroyed    its bytes are gone; its record stays, so that its id is never used again
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final, NoReturn, final

from strongroom.crypto.cell import CellKey
from strongroom.crypto.derive import SUITE_1
from strongroom.crypto.found import FoundKey
from strongroom.crypto.seal import SealKey
from strongroom.crypto.secret import Secret
from strongroom.crypto.token import IndexKey
from strongroom.crypto.wrap import WrapKey
from strongroom.errors import DecryptionError, InputError, IntegrityError
from strongroom.keys.record import KeyRecord, KeyState, Purpose

__all__ = ["KeyRecord", "KeyState", "Keyring", "Purpose"]

_ALWAYS: Final = (Purpose.DATA, Purpose.INDEX)
_ID_BYTES: Final = 4


@final
class Keyring:
    """The keys of one store: immutable, safe with threads, and silent about its bytes."""

    __slots__ = ("_cells", "_indexes", "_keys", "_records", "_seals", "_store_id", "_wrap")

    def __init__(
        self, store_id: bytes, wrap: WrapKey, records: Iterable[KeyRecord], keys: dict[int, Secret]
    ) -> None:
        """Hold what `create`, `from_document` and the changes have checked."""
        self._store_id = store_id
        self._wrap = wrap
        self._records = {record.id: record for record in sorted(records, key=lambda one: one.id)}
        self._keys = keys
        # Two threads may derive the same key at the same time: `setdefault` keeps one of them. No
        # lock, so none can be left locked in a child after fork. Only keys of the ring come in.
        self._cells: dict[tuple[int, int, int], CellKey] = {}
        self._seals: dict[tuple[int, int], SealKey] = {}
        self._indexes: dict[tuple[int, int], IndexKey] = {}

    @classmethod
    def create(cls, store_id: bytes, store_key: Secret) -> Keyring:
        """Make the keyring of a new store: one active data key and one active index key.

        Args:
            store_id: 16 bytes.
            store_key: what the new keys are wrapped under.
        """
        ring = cls(store_id, WrapKey(store_key, store_id), (), {})
        for purpose in _ALWAYS:
            ring = ring._with(new=purpose, now=_now())
        return ring

    @classmethod
    def from_document(cls, store_id: bytes, store_key: Secret, document: object) -> Keyring:
        """Read back what `to_document` wrote, and unwrap every key that is not destroyed.

        Raises:
            IntegrityError: it has another form, or a key does not open under its own name.
        """
        if type(document) is not list:
            raise IntegrityError("the keyring is malformed: it is no list")
        records = [KeyRecord.from_document(entry) for entry in document]
        ids = [record.id for record in records]
        if ids != sorted(set(ids)):
            raise IntegrityError("the keyring is malformed: its key ids do not count upwards")
        for purpose in _ALWAYS:
            if len(_active(records, purpose)) != 1:
                raise IntegrityError(
                    f"the keyring is malformed: it must have exactly one active "
                    f"{purpose.name.lower()} key"
                )
        wrap = WrapKey(store_key, store_id)
        keys = {
            record.id: _unwrapped(wrap, record, record.wrapped)
            for record in records
            if record.wrapped is not None
        }
        return cls(store_id, wrap, records, keys)

    def to_document(self) -> list[dict[str, object]]:
        """Return it as values that JSON can hold, sorted by key id; every key is wrapped."""
        return [record.to_document() for record in self._records.values()]

    @property
    def records(self) -> tuple[KeyRecord, ...]:
        """All keys, destroyed ones too, sorted by id."""
        return tuple(self._records.values())

    def active(self, purpose: Purpose) -> int:
        """Return the id of the key that new values are made under.

        Raises:
            InputError: there is none, or more than one, which only legacy keys can be.
        """
        found = _active(self._records.values(), purpose)
        if len(found) != 1:
            raise InputError(f"the keyring has {len(found)} active {purpose.name.lower()} keys")
        return found[0].id

    def cell_key(self, key_id: int, table_id: int, field_id: int) -> CellKey:
        """Return the key of one field's cells under the data key `key_id`; derived once.

        Raises:
            DecryptionError: no such key, destroyed, or not a data key.
        """
        place = (key_id, table_id, field_id)
        key = self._cells.get(place)
        if key is None:
            secret = self._secret(key_id, Purpose.DATA)
            key = self._cells.setdefault(
                place, CellKey(secret, self._store_id, key_id, table_id, field_id)
            )
        return key

    def seal_key(self, key_id: int, table_id: int) -> SealKey:
        """Return the key of one table's record seals under the data key `key_id`; derived once.

        Raises:
            DecryptionError: no such key, destroyed, or not a data key.
        """
        place = (key_id, table_id)
        key = self._seals.get(place)
        if key is None:
            secret = self._secret(key_id, Purpose.DATA)
            key = self._seals.setdefault(place, SealKey(secret, self._store_id, key_id, table_id))
        return key

    def index_key(self, key_id: int, index_id: int) -> IndexKey:
        """Return the key of one index's tokens under the index key `key_id`; derived once.

        Raises:
            DecryptionError: no such key, destroyed, or not an index key.
        """
        place = (key_id, index_id)
        key = self._indexes.get(place)
        if key is None:
            secret = self._secret(key_id, Purpose.INDEX)
            key = self._indexes.setdefault(place, IndexKey(secret, self._store_id, index_id))
        return key

    def found_key(self, key_id: int, table_id: int, field_id: int) -> FoundKey:
        """Return the key of one field's old values under the data key `key_id`.

        Raises:
            DecryptionError: no such key, destroyed, or not a data key.
        """
        return FoundKey(self._secret(key_id, Purpose.DATA), self._store_id, table_id, field_id)

    def legacy_key(self, key_id: int) -> Secret:
        """Return a key that opens what another scheme wrote.

        Raises:
            DecryptionError: no such key, destroyed, or not a legacy key.
        """
        return self._secret(key_id, Purpose.LEGACY)

    def with_legacy(self, keys: Sequence[Secret]) -> tuple[Keyring, tuple[int, ...]]:
        """Return a ring that holds another scheme's keys too, and their ids there, in order."""
        ring, ids = self, []
        for key in keys:
            known = {record.id for record in ring.records}
            ring = ring._with(new=Purpose.LEGACY, now=_now(), key=key)
            ids += [record.id for record in ring.records if record.id not in known]
        return ring, tuple(ids)

    def rotated(self, purpose: Purpose) -> Keyring:
        """Return a ring with a new active key of `purpose`, the former one retired.

        Raises:
            InputError: keys of this purpose are not made here, but taken over.
        """
        if purpose not in _ALWAYS:
            raise InputError(f"a {purpose.name.lower()} key is not rotated, but destroyed")
        now, former = _now(), self.active(purpose)
        return self._with(self._records[former].retired(now), new=purpose, now=now)

    def destroyed(self, key_id: int) -> Keyring:
        """Return a ring without the bytes of a key: what it encrypted is lost with them.

        Older copies of the ring still hold the key, wrapped. A key that is destroyed already
        stays as it is. A legacy key, which has no successor, goes straight from active.

        Raises:
            InputError: no such key, or the active data or index key.
        """
        record = self._records.get(key_id)
        if record is None:
            raise InputError("the keyring has no key with this id")
        if record.state is KeyState.ACTIVE and record.purpose in _ALWAYS:
            raise InputError(
                f"key {key_id:08x} is active and cannot be destroyed", hint="rotate it first"
            )
        if record.state is KeyState.DESTROYED:
            return self
        now = _now()
        return self._with(record.destroyed(now), now=now)

    def _secret(self, key_id: int, purpose: Purpose) -> Secret:
        record = self._records.get(key_id)
        if record is None or record.purpose is not purpose or record.wrapped is None:
            raise DecryptionError
        return self._keys[key_id]

    def _with(
        self,
        *changed: KeyRecord,
        new: Purpose | None = None,
        now: str,
        key: Secret | None = None,
    ) -> Keyring:
        """Return a ring with these records in the place of their former selves, and a new key.

        The new key is drawn here, but for `key`, which is another scheme's.
        """
        records = self._records | {record.id: record for record in changed}
        keys = {one: key for one, key in self._keys.items() if records[one].wrapped is not None}
        if new is not None:
            key_id = 0
            while key_id == 0 or key_id in records:
                key_id = int.from_bytes(os.urandom(_ID_BYTES), "big")
            keys[key_id] = Secret.generate() if key is None else key
            wrapped = self._wrap.wrap(keys[key_id], key_id, new)
            records[key_id] = KeyRecord(key_id, new, SUITE_1, KeyState.ACTIVE, now, now, wrapped)
        return Keyring(self._store_id, self._wrap, records.values(), keys)

    def __repr__(self) -> str:
        return f"<keyring of {len(self._records)} keys>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a keyring cannot be pickled or copied")


def _active(records: Iterable[KeyRecord], purpose: Purpose) -> list[KeyRecord]:
    return [one for one in records if one.purpose is purpose and one.state is KeyState.ACTIVE]


def _unwrapped(wrap: WrapKey, record: KeyRecord, wrapped: bytes) -> Secret:
    try:
        return wrap.unwrap(wrapped, record.id, record.purpose, record.suite)
    except DecryptionError:
        raise IntegrityError(f"key {record.id:08x} of the keyring does not open") from None


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
