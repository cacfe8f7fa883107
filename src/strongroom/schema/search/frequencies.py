"""What is learned from the tokens of an index by one who has no key: how often each occurs.

Equal values have equal tokens, so a frequent value is a frequent token. Who knows how frequent
values are elsewhere, as everybody does of names, puts both in order and reads one off the other.
`measure` says how uneven the tokens are; `recovered` carries that attack out and counts, which only
the owner can, because only he knows what each token stands for.

The figure is for an attacker with one stolen column, the ranks of a public list, and nothing else.
It is no upper limit:

- sizes say more than ranks, and several columns that go together (a name and a sex, a town and a
  postal code) say more than each alone: Naveed, Kamara, Wright, "Inference Attacks on
  Property-Preserving Encrypted Databases" (CCS 2015); Bindschaedler, Grubbs, Cash, Ristenpart,
  Shmatikov, "The Tao of Inference in Privacy-Protected Databases" (PVLDB 2018), which also reads
  fields that have no index from those that have one;
- who watches queries, knows some of the records, or can have records written, knows more;
- a list nearer to the table than the public one given here recovers more.

Nor is it a lower limit. With short tokens it hangs on which values happen to share one, and so on
the key: the figure of one column may be far from that of the next. And whoever guesses the most
frequent value for every record is right that often, without any token.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from strongroom.errors import InputError
from strongroom.schema.search.planning import coincidences

SHARES: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """How uneven the tokens of one index are.

    Attributes:
        rows: how many times a token stands in the index. Where a record has several tokens, as
            words and prefixes do, each is counted.
        tokens: how many different ones there are.
        largest: the shares of the most frequent tokens, at most five, descending, each 0 to 1.
        coincidences: how many rows would share a token were all values different.
        min_entropy: -log2 of the largest share: what the best single guess is up against, in bits.
            0.0 if there are no rows.
        recovered: the share of rows that `recovered` counts, or None where there was no public
            list to do it with.
    """

    rows: int
    tokens: int
    largest: tuple[float, ...]
    coincidences: float
    min_entropy: float
    recovered: float | None = None


def measure(counts: Iterable[int], bits: int, recovered: float | None = None) -> Measured:
    """Return what the frequencies of an index's tokens show.

    Args:
        counts: for each token, how many rows have it, in any order.
        bits: the length of a token.
        recovered: what the function of that name counted, if it could.
    """
    descending = sorted((count for count in counts if count > 0), reverse=True)
    rows = sum(descending)
    largest = tuple(count / rows for count in descending[:SHARES])
    return Measured(
        rows=rows,
        tokens=len(descending),
        largest=largest,
        coincidences=coincidences(rows, bits),
        min_entropy=math.log2(1 / largest[0]) if largest else 0.0,
        recovered=recovered,
    )


def recovered(
    tokens: Mapping[bytes, Mapping[str, int]], public: Mapping[str, float], partitions: int = 1
) -> float:
    """Return the share of rows that are read by matching ranks with a public list.

    The attacker puts the tokens in order of their frequency and the values of the list in order of
    their probability, every value as often as there are partitions, because he knows over how many
    tokens each is spread; the token at a place is guessed to be the value at that place. Ties are
    broken by the token's and by the value's own order, which have nothing to do with each other.

    Args:
        tokens: the truth that he does not know: for each token, how many rows have which value.
        public: how probable each value is, in any unit. Values are spelled as in `tokens`.
        partitions: over how many tokens the index spreads equal values.

    Returns:
        0 to 1; 0.0 for an index without rows.

    Raises:
        InputError: fewer than one partition.
    """
    if partitions < 1:
        raise InputError("an index has at least one partition")
    sizes = {token: sum(values.values()) for token, values in tokens.items()}
    ranked = sorted(sizes, key=lambda token: (-sizes[token], token))
    expected = sorted(public, key=lambda value: (-public[value], value))
    guesses = (value for value in expected for _ in range(partitions))
    right = sum(tokens[token].get(guess, 0) for token, guess in zip(ranked, guesses, strict=False))
    return right / sum(sizes.values()) if right else 0.0
