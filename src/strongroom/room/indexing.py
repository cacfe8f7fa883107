"""Keeping the tables of tokens in step with the records, in the transaction that writes them.

The record's row is always written first: whoever holds it, holds its tokens too.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from strongroom.errors import InputError
from strongroom.room.access import writing_access
from strongroom.room.session import Session
from strongroom.room.tokens import Values
from strongroom.schema.table import Table

Key = tuple[Any, ...]
Made = list[dict[Key, set[bytes]]]
"""Of each index beside the table the tokens of each record."""
Change = list[tuple[set[bytes] | None, set[bytes]]]
"""Of each index beside the table the tokens that a record had, None for any, and is to have."""


class Indexer:
    """Writes the tokens of one table's records."""

    def __init__(self, session: Session, table: Table) -> None:
        self._connection = session.connection
        self._table = table
        ways = writing_access(session, table)
        self._maker = ways.tokens
        self._beside = [(one.index, one) for one in ways.postings]

    def make(self, keys: Sequence[Key], values: Sequence[Values]) -> Made:
        """Return the tokens of records, by index.

        Before anything is written: a text may be too long for its index.

        Raises:
            InputError: it is.
        """
        if not self._beside:
            return []
        identities = self._table.identities(keys)
        return [
            dict(zip(keys, self._maker.beside(index, identities, values), strict=True))
            for index, _ in self._beside
        ]

    def insert(self, made: Made) -> None:
        """Write the tokens of new records."""
        for (_, postings), tokens in zip(self._beside, made, strict=True):
            if not self._table.counted:  # somebody may have deleted a record of this key by SQL
                postings.delete(self._connection, list(tokens))
            postings.insert(self._connection, tokens)

    def change(self, key: Key, before: Values, after: Values) -> Change:
        """Return what becomes of the tokens of a record that was opened, before it is written.

        Raises:
            InputError: a text is too long for its index.
        """
        if not self._beside:
            return []
        identities = self._table.identities([key])
        found: Change = []
        for index, _ in self._beside:
            [new] = self._maker.beside(index, identities, [after])
            old: set[bytes] | None = None
            with suppress(InputError):  # too long too: an index is being built over it
                [old] = self._maker.beside(index, identities, [before])
            found.append((old, new))
        return found

    def apply(self, key: Key, change: Change) -> None:
        """Replace the tokens of a record that was written."""
        for (_, postings), (old, new) in zip(self._beside, change, strict=True):
            if old is None:
                postings.delete(self._connection, [key])
                postings.insert(self._connection, {key: new})
            elif old != new:
                # The new ones too: somebody may have put one there.
                postings.change(self._connection, key, old ^ new, new - old)

    def removed(self, keys: Sequence[Key]) -> None:
        """Delete the tokens of records that are gone."""
        for _, postings in self._beside:
            postings.delete(self._connection, keys)
