"""The index tokens of one table's records, and those that a query asks for.

A token depends on the record's values, on its identity and on nothing else: whoever has the keys
can make every token of a record again. So a write needs to remember none, and `verify` compares
what stands in the database with what should.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice, repeat
from typing import Final

from strongroom.crypto.token import filler_message, message
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
        made = self.made(index, identities, values)
        return [one[0][0] if one else None for one in made]

    def beside(
        self, index: BlindIndex, identities: Sequence[bytes], values: Sequence[Values]
    ) -> list[set[bytes]]:
        """Return all tokens of each record in an index beside the table, fillers too."""
        made = self.made(index, identities, values)
        return [{token for token, _ in one} for one in made]

    def asked(self, candidates: Candidates) -> Candidates:
        """Return what a query fetches, with tokens in the place of terms."""
        return with_tokens(candidates, self._asked)

    def made(
        self, index: BlindIndex, identities: Sequence[bytes], values: Sequence[Values]
    ) -> list[list[tuple[bytes, terms.Term | None]]]:
        """Return each token of each record, and the term that it stands for; a filler's is None.

        Raises:
            InputError: a text is too long for its index.
        """
        places = self._parts[index.id]
        fields = [self._table.fields[place] for place in places]
        key = self._keyring.index_key(index.key_id, index.id)
        kind, normaliser = index.kind.number, _normaliser(index)
        messages: list[bytes] = []
        stand_for: list[list[terms.Term | None]] = []
        for identity, own in zip(identities, values, strict=True):
            found, fillers = terms.stored(index, fields, [own[place] for place in places])
            partition = key.partition(identity, index.partitions) if found else 0
            messages += [message(kind, normaliser, partition, term) for term in found]
            messages += [filler_message(identity, number) for number in range(fillers)]
            stand_for.append([*found, *repeat(None, fillers)])
        tokens = iter(key.tokens(messages, index.bits))
        return [list(zip(islice(tokens, len(one)), one, strict=True)) for one in stand_for]

    def _asked(self, wanted: HasToken) -> tuple[bytes, ...]:
        index = wanted.index
        key, normaliser = self._keyring.index_key(index.key_id, index.id), _normaliser(index)
        messages = [
            message(index.kind.number, normaliser, partition, term)
            for term in wanted.tokens
            for partition in range(index.partitions)
        ]
        # Of few bits, two terms may have the same token.
        return tuple(dict.fromkeys(key.tokens(messages, index.bits)))


def _normaliser(index: BlindIndex) -> int:
    """Return the normaliser that a token names; of several fields each has its own, and it none."""
    return _NO_NORMALISER if index.kind is Kind.COMPOUND else int(index.parts[0].normaliser)
