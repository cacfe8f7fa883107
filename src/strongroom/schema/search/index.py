"""A blind index as the catalogue knows it: what its tokens are made of, and how far it is built.

    building   every write keeps it; records from before are being brought in; no query asks it
    active     every record is in it: queries ask it
    leaving    no query asks it; every write still keeps it, for those who do not know that yet

A change of anything that its tokens depend on makes another index, with another id, beside the old
one. So a token never has two meanings.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

from strongroom.schema.search.intervals import Domain
from strongroom.schema.search.normalise import Normaliser
from strongroom.schema.search.positions import Scale
from strongroom.schema.types import TYPES

_COLUMN: Final = "record_index_"
_TABLE: Final = "strongroom_index_"


class Kind(StrEnum):
    """What can be asked of an index."""

    EXACT = "exact"  # one field has this value
    COMPOUND = "compound"  # several fields have these values
    PREFIX = "prefix"  # a text begins so
    WORDS = "words"  # a text has these words
    TRIGRAM = "trigram"  # a text contains this
    RANGE = "range"  # a value lies between two others

    @property
    def number(self) -> int:
        """The kind's byte in tokens. Never changed, never reused."""
        return _NUMBERS[self]

    @property
    def beside(self) -> bool:
        """Whether its tokens stand in a table beside the records: there are several of each."""
        return self not in (Kind.EXACT, Kind.COMPOUND)


_NUMBERS: Final = {kind: number for number, kind in enumerate(Kind, start=1)}


class Phase(StrEnum):
    """How far an index is built."""

    BUILDING = "building"
    ACTIVE = "active"
    LEAVING = "leaving"


@dataclass(frozen=True, slots=True)
class Part:
    """One field of an index, by its id, and what is done to its texts before they are compared."""

    field: int
    normaliser: Normaliser


@dataclass(frozen=True, slots=True)
class Span:
    """What a range index is laid over: a scale of values, in the spelling of their type.

    Attributes:
        type: the word of the field's type.
        scale: its least and greatest value, and the step from one position to the next.
        fanout: how many intervals of one level make one of the next.
    """

    type: str
    scale: Scale
    fanout: int

    @property
    def tree(self) -> Domain:
        """The tree of intervals over all positions."""
        return _tree(self.scale.positions, self.fanout)

    @property
    def limits(self) -> tuple[str, str]:
        """The least and the greatest value, as their type spells them."""
        return spell(self.type, self.scale.minimum), spell(self.type, self.scale.maximum)

    @property
    def step(self) -> str:
        """The step, as its type spells it: decimals have one of their own, others count."""
        return spell("decimal" if self.type == "decimal" else "integer", self.scale.step)


@dataclass(frozen=True, slots=True)
class BlindIndex:
    """One index of one table.

    Attributes:
        id: from which its key is derived; never used again.
        name: what people call it, unique in its table.
        kind: what can be asked of it.
        key_id: of the index key that its own key is derived from.
        parts: its fields, one of every kind but compound.
        bits: how many bits of a token are kept.
        partitions: over how many tokens records of one value are spread.
        unique: whether no two records may have the same token.
        lengths: prefix: how many characters the prefixes have, ascending.
        span: range: what it is laid over.
        phase: how far it is built.
        replaces: the id of the index that goes when this one is built, or 0.
        accepted: why somebody accepted what it gives away, or the empty text.
    """

    id: int
    name: str
    kind: Kind
    key_id: int
    parts: tuple[Part, ...]
    bits: int
    partitions: int = 1
    unique: bool = False
    lengths: tuple[int, ...] = ()
    span: Span | None = None
    phase: Phase = Phase.BUILDING
    replaces: int = 0
    accepted: str = ""

    @property
    def size(self) -> int:
        """How many bytes a token has."""
        return -(-self.bits // 8)

    @property
    def place(self) -> str:
        """The column of its tokens, or the table where they stand beside the records.

        By its id, so that an index and the one that replaces it never meet.
        """
        return f"{_TABLE if self.kind.beside else _COLUMN}{self.id:08x}"

    @property
    def answers(self) -> bool:
        """Whether queries may ask it: whether every record is in it."""
        return self.phase is Phase.ACTIVE

    def covers(self, field_id: int) -> bool:
        """Say whether a field is part of it."""
        return any(part.field == field_id for part in self.parts)


@lru_cache(maxsize=256)
def _tree(size: int, fanout: int) -> Domain:
    return Domain(size, fanout)


def index_to_document(index: BlindIndex) -> dict[str, Any]:
    """Return an index as JSON values."""
    document: dict[str, Any] = {
        "id": index.id,
        "name": index.name,
        "kind": str(index.kind),
        "key": index.key_id,
        "parts": [[part.field, int(part.normaliser)] for part in index.parts],
        "bits": index.bits,
        "partitions": index.partitions,
        "unique": index.unique,
        "lengths": list(index.lengths),
        "phase": str(index.phase),
        "replaces": index.replaces,
        "accepted": index.accepted,
    }
    return document if index.span is None else document | {"span": _span_out(index.span)}


def index_from_document(document: Any) -> BlindIndex:  # noqa: ANN401  # JSON, whatever it is
    """Read what `index_to_document` gave. What is not that raises what the catalogue catches."""
    span = document.get("span")
    return BlindIndex(
        id=document["id"],
        name=document["name"],
        kind=Kind(document["kind"]),
        key_id=document["key"],
        parts=tuple(Part(field, Normaliser(number)) for field, number in document["parts"]),
        bits=document["bits"],
        partitions=document["partitions"],
        unique=document["unique"],
        lengths=tuple(document["lengths"]),
        span=None if span is None else _span_in(span),
        phase=Phase(document["phase"]),
        replaces=document["replaces"],
        accepted=document["accepted"],
    )


def _span_out(span: Span) -> dict[str, Any]:
    least, most = span.limits
    return {
        "type": span.type,
        "minimum": least,
        "maximum": most,
        "step": span.step,
        "fanout": span.fanout,
    }


def _span_in(document: Any) -> Span:  # noqa: ANN401
    word = document["type"]
    least, most = (read(word, document[one]) for one in ("minimum", "maximum"))
    step = read("decimal" if word == "decimal" else "integer", document["step"])
    return Span(word, Scale(least, most, step), document["fanout"])


def spell(word: str, value: Any) -> str:  # noqa: ANN401  # of the type that the word names
    """Return a value of a type as a field of it spells it."""
    return TYPES[word]().format(value)


def read(word: str, text: str) -> Any:  # noqa: ANN401
    """Return the value of a type that a text spells.

    Raises:
        InputError: it spells none.
    """
    return TYPES[word]().parse(text, word)
