"""The index tokens of one table's records, and those that a query asks for.

A token depends on the record's values, on its identity and on nothing else: whoever has the keys
can make every token of a record again. So a write needs to remember none, and `verify` compares
what stands in the database with what should.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from strongroom.room.document import State
from strongroom.schema.search import terms
from strongroom.schema.search.candidates import Candidates, HasToken, with_tokens
from strongroom.schema.search.index import BlindIndex, Kind
from strongroom.schema.table import Table
from strongroom.schema.values import Value

Values = Sequence[Value | None]
_NO_NORMALISER: Final = 0


class TokenMaker:
    """Makes tokens under one state of the store."""

    def __init__(self, state: State, table: Table) -> None:
        self._keyring = state.keyring
        self._table = table
        places = {field.id: place for place, field in enumerate(table.fields)}
        self._parts = {
            index.id: [places[part.field] for part in index.parts] for index in table.indexes
        }

    def column(
        self, index: BlindIndex, identities: Sequence[bytes], values: Sequence[Values]
    ) -> list[bytes | None]:
        """Return the one token of each record in an index that has a column, or None.

        Args:
            index: an exact or compound one.
            identities: of each record.
            values: of all fields of the table, in their order, for each record.
        """
        made = [self.made(index, *one) for one in zip(identities, values, strict=True)]
        return [one[0][0] if one else None for one in made]

    def beside(self, index: BlindIndex, identity: bytes, values: Values) -> set[bytes]:
        """Return all tokens of a record in an index beside the table, fillers too."""
        return {token for token, _ in self.made(index, identity, values)}

    def asked(self, candidates: Candidates) -> Candidates:
        """Return what a query fetches, with tokens in the place of terms."""
        return with_tokens(candidates, self._asked)

    def made(
        self, index: BlindIndex, identity: bytes, values: Values
    ) -> list[tuple[bytes, terms.Term | None]]:
        """Return each token of a record, and the term that it stands for; a filler's is None."""
        places = self._parts[index.id]
        fields = [self._table.fields[place] for place in places]
        own = [values[place] for place in places]
        found, fillers = terms.stored(index, fields, own)
        key = self._keyring.index_key(index.key_id, index.id)
        partition = key.partition(identity, index.partitions) if found else 0
        kind, normaliser = index.kind.number, _normaliser(index)
        made: list[tuple[bytes, terms.Term | None]] = [
            (key.token(kind, normaliser, partition, term, index.bits), term) for term in found
        ]
        return made + [(key.filler(identity, n, index.bits), None) for n in range(fillers)]

    def _asked(self, wanted: HasToken) -> tuple[bytes, ...]:
        index = wanted.index
        key, normaliser = self._keyring.index_key(index.key_id, index.id), _normaliser(index)
        made = (
            key.token(index.kind.number, normaliser, partition, term, index.bits)
            for term in wanted.tokens
            for partition in range(index.partitions)
        )
        return tuple(dict.fromkeys(made))  # of few bits, two terms may have the same token


def _normaliser(index: BlindIndex) -> int:
    """Return the normaliser that a token names; of several fields each has its own, and it none."""
    return _NO_NORMALISER if index.kind is Kind.COMPOUND else int(index.parts[0].normaliser)
