"""How a query is answered: what is asked of an index, of a plain column, and compared here alone.

An encrypted field can be asked through an index only. Where none answers, the query is refused
with the index that would, unless the caller allowed every record to be compared. A negation is
never asked of an index: its candidates would be all records but a few.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from strongroom.errors import QueryError
from strongroom.schema.search import terms, where
from strongroom.schema.search.candidates import (
    Candidates,
    Everything,
    HasToken,
    IsValue,
    Lies,
    Nothing,
    together,
)
from strongroom.schema.search.index import BlindIndex, Kind
from strongroom.schema.search.making import MOST_TOKENS_ASKED, has_ranges
from strongroom.schema.search.normalise import Normaliser
from strongroom.schema.search.operators import Alike, Between, OfText, OneOf
from strongroom.schema.search.where import Joined, Leaf, Negated, Tree
from strongroom.schema.table import Field, Table
from strongroom.schema.values import Tag, Value

MOST_ASKED: Final = 64
"""How often one query may ask an index: PostgreSQL plans 200 joins in 24 s, 50 in half a one."""
MISSING: Final = "has no value"
# Their equality in SQL is the equality of their canonical bytes, on every database. A text's is
# not: spaces at its end count for nothing on MySQL.
_EXACTLY_EQUAL: Final = frozenset({Tag.INTEGER, Tag.BOOLEAN, Tag.DATE, Tag.DATETIME, Tag.BYTES})


@dataclass(frozen=True)
class Use:
    """One index or plain column that is asked.

    Attributes:
        fields: what it is asked about.
        operator: what is asked, such as ``prefix``.
        index: the index, or None for a plain column.
        tokens: how many tokens are asked for, 0 for a plain column.
    """

    fields: tuple[str, ...]
    operator: str
    index: BlindIndex | None = None
    tokens: int = 0


@dataclass(frozen=True, repr=False)
class Plan:
    """A query over one table, ready to be asked.

    Attributes:
        tree: what must hold of every record that comes out.
        candidates: what is fetched; tokens are still terms.
        uses: what is asked of the database.
        scanned: the fields that are compared here alone, on every record that is fetched.
    """

    tree: Joined
    candidates: Candidates
    uses: tuple[Use, ...]
    scanned: tuple[str, ...]
    _by: dict[int, Normaliser] = field(default_factory=dict)

    @property
    def asks_nothing(self) -> bool:
        """Whether every record meets the query."""
        return not self.tree.parts and self.tree.every

    def holds(self, value_of: Callable[[str], Value | None]) -> bool:
        """Say whether a record meets the query, given its values by field name."""
        return where.holds(
            self.tree,
            lambda leaf: leaf.holds(value_of(leaf.field.name), self._by[id(leaf)]),
        )


class Planner:
    """Makes the plan of one query."""

    def __init__(self, table: Table, comparable: Callable[[Field], bool], *, scan: bool) -> None:
        """Get ready.

        Args:
            table: as the catalogue has it.
            comparable: whether this database compares the values of a plain field as Python does.
            scan: whether every record may be compared where nothing else answers.
        """
        self._table = table
        self._comparable = comparable
        self._scan = scan
        self._uses: list[Use] = []
        self._scanned: list[str] = []
        self._refused: list[tuple[Leaf, bool]] = []  # what needs somebody's leave, and if negated
        self._by: dict[int, Normaliser] = {}

    def plan(self, tree: Joined) -> Plan:
        """Return the plan of a query.

        Raises:
            QueryError: a condition that nothing answers, where every record may not be compared.
        """
        for leaf, _ in where.leaves(tree):
            self._by[id(leaf)] = self._normaliser(leaf)
        candidates = self._candidates(tree, negated=False)
        self._check_size()
        if self._refused and not self._scan:
            raise self._refusal()
        scanned = tuple(dict.fromkeys(self._scanned))
        return Plan(tree, candidates, tuple(self._uses), scanned, self._by)

    def _check_size(self) -> None:
        """Refuse a query that would take the database long only to plan.

        Raises:
            QueryError: it asks for too many tokens, or indexes too often.
        """
        asked = [use.tokens for use in self._uses if use.index is not None]
        if len(asked) > MOST_ASKED or sum(asked) > MOST_TOKENS_ASKED:
            raise QueryError(
                f"the query asks indexes {len(asked):,} times, for {sum(asked):,} tokens",
                hint=f"at most {MOST_ASKED} times and {MOST_TOKENS_ASKED:,} tokens: divide it",
            )

    def _usable(self, leaf: Leaf) -> list[BlindIndex]:
        """Return the indexes that could find what a leaf asks, the best first."""
        wanted = leaf.operator.wanted
        found = [
            index
            for index in self._table.indexes
            if index.answers
            and index.kind in leaf.operator.answered_by
            and index.covers(leaf.field.id)
            and (wanted is None or index.parts[0].normaliser is wanted)
        ]
        return sorted(found, key=lambda one: (one.parts[0].normaliser, -one.bits))

    def _normaliser(self, leaf: Leaf) -> Normaliser:
        """Return under which normaliser a leaf compares.

        Raises:
            QueryError: several indexes have different ones, and the caller named none; or nothing
                is left to look for.
        """
        operator = leaf.operator
        if not isinstance(operator, OfText):
            return Normaliser.EXACT
        by = operator.wanted
        if by is None:
            known = {index.parts[0].normaliser for index in self._usable(leaf)}
            if len(known) > 1:
                raise QueryError(
                    f"{self._table.name}.{leaf.field.name} has several indexes for {operator.word}",
                    hint=f"name one: {', '.join(sorted(one.word for one in known))}",
                )
            by = known.pop() if known else Normaliser.FOLDED
        if not isinstance(operator, Alike) and operator.nothing(by):
            raise QueryError(
                f"{self._table.name}.{leaf.field.name}: nothing is left to look for",
                hint="every record would match: give letters or digits",
            )
        return by

    def _candidates(self, tree: Tree, *, negated: bool) -> Candidates:
        if isinstance(tree, Negated):
            return self._candidates(tree.part, negated=not negated)
        if isinstance(tree, Leaf):
            return self._leaf(tree, negated=negated)
        every = tree.every is not negated
        found, rest = self._compound(tree) if every and not negated else ([], tree.parts)
        parts = [self._candidates(one, negated=negated) for one in rest]
        return together([*found, *parts], every=every)

    def _compound(self, tree: Joined) -> tuple[list[Candidates], list[Tree]]:
        """Answer equalities that stand together by compound indexes; return what is left."""
        single = [(one, _value(one)) for one in tree.parts]
        equal = {value[0].id: value for _, value in single if value is not None}
        found: list[Candidates] = []
        answered: set[int] = set()
        for index in self._table.indexes:
            ids = [part.field for part in index.parts]
            if index.kind is not Kind.COMPOUND or not index.answers:
                continue
            if not set(ids) <= equal.keys() or set(ids) <= answered:
                continue
            fields, values = zip(*(equal[one] for one in ids), strict=True)
            term = terms.equality(index, fields, values)
            found.append(self._asked(index, [term], [one.name for one in fields], "is"))
            answered |= set(ids)
        return found, [one for one, value in single if value is None or value[0].id not in answered]

    def _leaf(self, leaf: Leaf, *, negated: bool) -> Candidates:
        operator, of = leaf.operator, leaf.field
        if isinstance(operator, OneOf) and operator.missing:
            self._uses.append(Use((of.name,), MISSING))
            return IsValue(of, (None,), negated)
        if isinstance(operator, Between) and operator.empty:
            return Everything() if negated else Nothing()
        if not of.encrypted:
            return self._plain(leaf, negated=negated)
        index = None if negated else next(iter(self._usable(leaf)), None)
        if index is None:
            self._refused.append((leaf, negated))
            return self._compared_here(of)
        return self._looked_up(index, leaf)

    def _looked_up(self, index: BlindIndex, leaf: Leaf) -> Candidates:
        """Ask an index for what an operator looks for."""
        operator, of = leaf.operator, leaf.field
        if isinstance(operator, (OneOf, Alike)):
            values = operator.values if isinstance(operator, OneOf) else (operator.text,)
            found = [terms.equality(index, [of], [value]) for value in values]
            return self._asked(index, list(dict.fromkeys(found)), [of.name], operator.word)
        try:
            groups = terms.asked(index, operator)
        except QueryError:
            if not self._scan:  # too short for the index, and not for a scan
                raise
            return self._compared_here(of)
        parts = [self._asked(index, group, [of.name], operator.word) for group in groups]
        return together(parts, every=True)

    def _asked(
        self, index: BlindIndex, found: list[terms.Term], names: list[str], word: str
    ) -> Candidates:
        self._uses.append(Use(tuple(names), word, index, len(found) * index.partitions))
        return HasToken(index, tuple(found))

    def _plain(self, leaf: Leaf, *, negated: bool) -> Candidates:
        operator, of = leaf.operator, leaf.field
        if isinstance(operator, OneOf) and (not negated or of.type.tag in _EXACTLY_EQUAL):
            self._uses.append(Use((of.name,), operator.word))
            return IsValue(of, operator.values, negated)
        if isinstance(operator, Between) and not negated and self._comparable(of):
            self._uses.append(Use((of.name,), operator.word))
            return Lies(of, operator.low, operator.high)
        if not negated:
            self._refused.append((leaf, negated))
        return self._compared_here(of)

    def _compared_here(self, of: Field) -> Candidates:
        self._scanned.append(of.name)
        return Everything()

    def _refusal(self) -> QueryError:
        """Return the error that names what could not be answered, and what would answer it."""
        leaf, negated = self._refused[0]
        names = ", ".join(dict.fromkeys(one.field.name for one, _ in self._refused))
        word = f"{self._table.name}.{names}"
        scan = "to decrypt and compare every record: .scan() (--scan on the command line)"
        if not leaf.field.encrypted:
            return QueryError(
                f"{word} is not a question that the database answers for a plain field", hint=scan
            )
        if negated:
            return QueryError(f"{word} is encrypted, and no index answers a negation", hint=scan)
        building = any(
            one.kind in leaf.operator.answered_by and one.covers(leaf.field.id)
            for one in self._table.indexes
        )
        if building:
            return QueryError(
                f"{word} has no index yet that answers this",
                hint=f"one is being built, or compares in another way; {scan}",
            )
        kind = leaf.operator.answered_by[0]
        possible = kind is not Kind.RANGE or has_ranges(leaf.field)
        would = f"an index would: strongroom add-index {self._table.name} {kind}:{leaf.field.name}"
        return QueryError(
            f"{word} is encrypted, so the database cannot search it",
            hint=f"{would}; {scan}" if possible else scan,
        )


def _value(tree: Tree) -> tuple[Field, Value] | None:
    """Return the one value that is asked of an encrypted field, if that is all it asks."""
    if not isinstance(tree, Leaf) or not tree.field.encrypted:
        return None
    asked = tree.operator
    if not isinstance(asked, OneOf) or asked.missing or len(asked.values) != 1:
        return None
    return tree.field, asked.values[0]
