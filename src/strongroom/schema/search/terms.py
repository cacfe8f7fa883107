"""What tokens are made of: the terms of a record's values, and those that a query asks for.

A term is the tuple of byte strings that a token is the MAC of. How many terms a record has in a
table beside it must not say more than the length of its cell: so the number is filled up to what
the longest text of that length would commonly have.

    exact, compound  one part a field: tag ‖ canonical bytes, of a text after its normaliser
    prefix           the first L characters, for each declared L that the text has
    words            each word that occurs
    trigram          each three characters that stand together
    range            level u8 ‖ interval u64, one for each level of the tree
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Final, NamedTuple

from strongroom.errors import InputError, QueryError
from strongroom.schema.search.index import BlindIndex, Kind, Span
from strongroom.schema.search.normalise import Normaliser, normalise
from strongroom.schema.search.operators import Between, Contains, OfText, Operator, Prefix
from strongroom.schema.search.words import GRAM, grams, words
from strongroom.schema.table import Field
from strongroom.schema.values import Tag, Value, encode, encode_plain

Term = tuple[bytes, ...]
MOST_TOKENS: Final = 1 << 16
"""Of one record in one index: each is a row, and somebody else may choose the text."""
_BLOCK: Final = 16
_PADDED_HEAD: Final = 5
_CHARACTERS_A_WORD: Final = 4
_MOST_ASKED: Final = 8


class Stored(NamedTuple):
    """A record's terms in one index, and how many tokens that stand for none go with them."""

    terms: list[Term]
    fillers: int = 0


def stored(index: BlindIndex, fields: Sequence[Field], values: Sequence[Value | None]) -> Stored:
    """Return the terms of a record.

    Args:
        index: whose terms.
        fields: its fields, in their order.
        values: of these fields. Where one has none, the record has no term.

    Raises:
        InputError: a text is so long that its tokens would be too many.
    """
    if any(value is None for value in values):
        return Stored([])
    if not index.kind.beside:
        return Stored([equality(index, fields, values)])
    if index.kind is Kind.RANGE:
        span = _span(index)
        return Stored(_of_intervals(span.tree.stored(span.scale.position(values[0]))))
    value = values[0]
    text = normalise(index.parts[0].normaliser, str(value))
    capacity = _capacity(len(encode(Tag.TEXT, value)), fields[0].type.pad)
    if index.kind is Kind.PREFIX:
        found = [text[:length] for length in index.lengths if len(text) >= length]
        return Stored(_of_texts(found), len(index.lengths) - len(found))
    if index.kind is Kind.WORDS:
        return _filled(index, words(text), -(-capacity // _CHARACTERS_A_WORD))
    return _filled(index, grams(text, GRAM), max(1, capacity - GRAM + 1))


def equality(index: BlindIndex, fields: Sequence[Field], values: Sequence[Value | None]) -> Term:
    """Return the term of values that are all there, of an exact or compound index."""
    return tuple(
        encode_plain(field.type.tag, normalised(part.normaliser, value))
        for part, field, value in zip(index.parts, fields, values, strict=True)
    )


def normalised(normaliser: Normaliser, value: Value | None) -> Value | None:
    """Return a text under a normaliser; other values are compared as they are."""
    return normalise(normaliser, value) if type(value) is str else value


def asked(index: BlindIndex, operator: Operator) -> list[list[Term]]:
    """Return what is looked for in a table beside the records: of each list one term at least.

    Raises:
        QueryError: what is asked is too short for the index.
    """
    if isinstance(operator, Between):
        return [_of_intervals(_cover(_span(index), operator))]
    if not isinstance(operator, OfText):
        raise TypeError("the planner asks an index what it answers")
    text = normalise(index.parts[0].normaliser, operator.text)
    if isinstance(operator, Prefix):
        lengths = [one for one in index.lengths if one <= len(text)]
        if not lengths:
            raise _too_short(index, f"{index.lengths[0]} characters")
        return [_of_texts([text[: lengths[-1]]])]
    if isinstance(operator, Contains):
        found = grams(text, GRAM)
        if not found:
            raise _too_short(index, f"{GRAM} characters")
        return [_of_texts([one]) for one in _spread(found)]
    found = words(text)
    if not found:
        raise _too_short(index, "one word")
    # The longest are the rarest, as far as anybody can tell without asking.
    longest = sorted(found, key=len, reverse=True)[:_MOST_ASKED]
    return [_of_texts([one]) for one in longest]


def _cover(span: Span, asked_for: Between) -> list[tuple[int, int]]:
    low, high = asked_for.low, asked_for.high
    first = 0 if low is None else span.scale.position(low)
    last = span.tree.size - 1 if high is None else span.scale.position(high)
    return span.tree.cover(first, last)


def _too_short(index: BlindIndex, least: str) -> QueryError:
    return QueryError(
        f"what is looked for is too short: the index {index.name} needs at least {least}",
        hint="give more of it; or compare every record: .scan() (--scan on the command line)",
    )


def _spread(found: list[str]) -> list[str]:
    """Return a few of many, from all over: more would cost the database more than they save."""
    if len(found) <= _MOST_ASKED:
        return found
    step = (len(found) - 1) / (_MOST_ASKED - 1)
    return [found[round(step * number)] for number in range(_MOST_ASKED)]


def _capacity(size: int, pad: int | None) -> int:
    """Return how many bytes the longest text has whose cell is as long as that of `size` bytes."""
    if pad is None:
        return (size + 1) // _BLOCK * _BLOCK + _BLOCK - 2
    blocks = (_PADDED_HEAD + max(pad, -(-size // pad) * pad)) // _BLOCK
    return (blocks * _BLOCK + _BLOCK - 1 - _PADDED_HEAD) // pad * pad


def _filled(index: BlindIndex, found: list[str], usual: int) -> Stored:
    """Fill up to what is usual for the length, or twice that, and so on, where there is more."""
    while usual < len(found):
        usual *= 2
    if usual > MOST_TOKENS:
        raise InputError(
            f"a text is too long for the index {index.name}: it would have {usual:,} tokens",
            hint=f"{MOST_TOKENS:,} are the most; declare the field with a smaller max_bytes, or "
            "drop the index",
        )
    return Stored(_of_texts(found), usual - len(found))


def _of_texts(texts: Sequence[str]) -> list[Term]:
    return [(encode_plain(Tag.TEXT, text),) for text in texts]


def _of_intervals(nodes: Sequence[tuple[int, int]]) -> list[Term]:
    return [(struct.pack(">BQ", level, number),) for level, number in nodes]


def _span(index: BlindIndex) -> Span:
    if index.span is None:
        raise ValueError("only a range index has a span")
    return index.span
