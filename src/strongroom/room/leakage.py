"""What the indexes of a table give away, measured on the table as it is.

Counting tokens needs no key: it is what a thief would do. How much of it he could name, only the
owner can tell, who opens every record and compares.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from strongroom.room.explanation import LEAKS
from strongroom.room.record import Record
from strongroom.room.strongroom import Strongroom
from strongroom.room.tokens import TokenMaker
from strongroom.schema.search.frequencies import Measured, measure, recovered
from strongroom.schema.search.index import BlindIndex, Kind
from strongroom.schema.search.normalise import Normaliser, normalise
from strongroom.schema.search.planning import distinct_bits, usable_bits
from strongroom.schema.search.public_names import given_names, surnames
from strongroom.schema.table import Table
from strongroom.schema.types import Text
from strongroom.storage.postings import counts

Public = Mapping[str, float]
Watch = Callable[[int], None]


@dataclass(frozen=True)
class Attack:
    """What a rank-matching attacker gets who knows one public list.

    Attributes:
        list: what it is called.
        recovered: the share of what is in the index that he names rightly, 0 to 1.
    """

    list: str
    recovered: float


@dataclass(frozen=True)
class Leakage:
    """What one index gives away.

    Attributes:
        table: its name.
        index: the index's name.
        kind: the index's kind.
        fields: what it is over.
        bits: of a token.
        partitions: over how many tokens equal values are spread.
        records: how many records the table has.
        measured: what the frequencies of the tokens show.
        recommended: the least and most bits for so many records, or None for too few.
        distinct: how many different values, or words, stand behind the tokens; None where they
            were not looked at.
        recommended_distinct: the least and most bits for so many values, or None.
        commonest: the share of the most common value: who guesses it is right that often, without
            any index.
        attacks: what rank matching recovers, by list.
        accepted: why somebody accepted it, or the empty text.
        shows: what the kind gives away, in words.
        tokens: the shares of all tokens, descending.
    """

    table: str
    index: str
    kind: str
    fields: tuple[str, ...]
    bits: int
    partitions: int
    records: int
    measured: Measured
    recommended: tuple[int, int] | None
    distinct: int | None
    recommended_distinct: tuple[int, int] | None
    commonest: float | None
    attacks: tuple[Attack, ...]
    accepted: str
    shows: str
    tokens: tuple[float, ...] = field(repr=False)

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON values, without the shares of all tokens."""
        document = asdict(self)
        del document["tokens"]
        return document


def leakage(
    room: Strongroom,
    name: str,
    only: str | None = None,
    *,
    public: Mapping[str, Public] | None = None,
    watch: Watch | None = None,
) -> list[Leakage]:
    """Measure what the indexes of a table give away.

    Every record is opened, if there is an index of texts: only so it is known what an attacker
    would name rightly.

    Args:
        room: the opened store.
        name: of the table.
        only: of a field, or None for all that have an index.
        public: lists of how common values are, by name; None: given names and surnames.
        watch: called with the number of records looked at.

    Raises:
        NoTableError: there is no such table.
        InputError: there is no such field.
    """
    store = room.store
    store.refresh(store.state)
    room.table(name)
    table = store.state.catalogue.table(name)
    wanted = None if only is None else table.field(only)
    indexes = [one for one in table.indexes if wanted is None or one.covers(wanted.id)]
    known = {"given-names": given_names(), "surnames": surnames()} if public is None else public
    truth, records = _truth(room, table, indexes, watch)
    found = []
    for index in indexes:
        with store.database.read() as connection:
            tokens = counts(connection, store.dialect, table, index)
        found.append(_measured(table, index, tokens, records, truth.get(index.id), known))
    return found


_Truth = dict[bytes, Counter[str]]
_FILLER = ""


def _truth(
    room: Strongroom, table: Table, indexes: list[BlindIndex], watch: Watch | None
) -> tuple[dict[int, _Truth], int]:
    """Open every record; return what each token stands for, by index, and how many there are."""
    looked = [one for one in indexes if _is_named(table, one)]
    truth: dict[int, _Truth] = {one.id: defaultdict(Counter) for one in looked}
    if not looked:
        return truth, room.table(table.name).all().count()
    maker = TokenMaker(room.store.state, table)
    records = 0
    for outcome in room.table(table.name).all().outcomes():
        records += 1
        if watch is not None:
            watch(records)
        if not isinstance(outcome, Record):
            continue  # nobody can tell what its tokens stand for
        identity = table.identity(outcome.record_key)
        values = [outcome[one.name] for one in table.fields]
        for index in looked:
            for token, term in maker.made(index, [identity], [values])[0]:
                said = _FILLER if term is None else _folded(term[0][1:].decode("utf-8"))
                truth[index.id][token][said] += 1
    return truth, records


def _is_named(table: Table, index: BlindIndex) -> bool:
    """Say whether tokens stand for texts that a public list could hold."""
    text = isinstance(table.fields_of(index)[0].type, Text)
    return text and index.kind in (Kind.EXACT, Kind.WORDS)


def _measured(  # noqa: PLR0913, PLR0917  # all that one report is made of
    table: Table,
    index: BlindIndex,
    tokens: list[int],
    records: int,
    truth: _Truth | None,
    public: Mapping[str, Public],
) -> Leakage:
    rows = sum(tokens)
    values: Counter[str] = Counter()
    for own in (truth or {}).values():
        values.update(own)
    del values[_FILLER]
    known = truth is not None and values.total() > 0
    return Leakage(
        table=table.name,
        index=index.name,
        kind=str(index.kind),
        fields=tuple(one.name for one in table.fields_of(index)),
        bits=index.bits,
        partitions=index.partitions,
        records=records,
        measured=measure(tokens, index.bits),
        recommended=_ends(usable_bits(rows)),
        distinct=len(values) if known else None,
        recommended_distinct=_ends(distinct_bits(len(values))) if known else None,
        commonest=max(values.values()) / values.total() if known else None,
        attacks=() if truth is None or not known else _attacks(index, truth, values, public),
        accepted=index.accepted,
        shows=LEAKS[index.kind],
        tokens=tuple(sorted((count / rows for count in tokens if count), reverse=True)),
    )


def _attacks(
    index: BlindIndex, truth: _Truth, values: Counter[str], public: Mapping[str, Public]
) -> tuple[Attack, ...]:
    """Carry the attack out with each list: of what stands for a value, the share named rightly."""
    everything = sum(own.total() for own in truth.values())
    return tuple(
        Attack(
            called,
            recovered(truth, _spelled(index, one), index.partitions) * everything / values.total(),
        )
        for called, one in public.items()
    )


def _ends(lengths: range | None) -> tuple[int, int] | None:
    return None if not lengths else (lengths[0], lengths[-1])


def _spelled(index: BlindIndex, public: Public) -> dict[str, float]:
    """Return a public list as the index spells its values; what becomes equal is added up."""
    spelled: dict[str, float] = defaultdict(float)
    for value, probability in public.items():
        spelled[_folded(normalise(index.parts[0].normaliser, value))] += probability
    return dict(spelled)


def _folded(text: str) -> str:
    """Return a text by which an attacker's guess is judged: in capitals or not, it is right."""
    return normalise(Normaliser.FOLDED, text)
