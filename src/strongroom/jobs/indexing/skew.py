"""Whether the tokens of a new index would give away what most records are, before anybody asks it.

What a declaration cannot tell, the live table does: a field of many possible values may have one
that every third record has. Its token would be the most common one, and known by that.
"""

from __future__ import annotations

from typing import Final

from strongroom.errors import UnfinishedError
from strongroom.room.store import Store
from strongroom.schema.search.frequencies import measure
from strongroom.schema.search.index import BlindIndex
from strongroom.schema.table import Table
from strongroom.storage.postings import counts

LEAST_ROWS: Final = 100
MOST_SHARE: Final = 1 / 8
"""Three bits of min-entropy: whoever guesses the most common value is right that often."""


def check_skew(store: Store, table: Table, index: BlindIndex) -> None:
    """Refuse to let queries ask an exact or compound index in which one token is too common.

    Raises:
        UnfinishedError: one is, and nobody wrote down why that is acceptable.
    """
    if index.accepted or index.unique or index.kind.beside:
        return
    with store.database.read() as connection:
        found = measure(counts(connection, store.dialect, table, index), index.bits)
    if found.rows < LEAST_ROWS or found.largest[0] <= MOST_SHARE:
        return
    declared = f"strongroom add-index {table.name} {index.kind}:… --accept-leakage REASON"
    raise UnfinishedError(
        f"one token of the index {index.name} stands for {found.largest[0]:.0%} of the records: "
        "whoever sees the database knows their value",
        hint=f"accept that: {declared}; or drop it and take more partitions, or a compound index",
    )
