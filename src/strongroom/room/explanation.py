"""How a query is answered, and what it shows to the database: said in words, with figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from strongroom.schema.search.index import Kind
from strongroom.schema.search.plan import MISSING, Use

LEAKS: Final = {
    Kind.EXACT: "which records have equal values, and that one of them was asked for",
    Kind.COMPOUND: "which records are equal in all of these fields, and that some were asked for",
    Kind.PREFIX: "which records begin alike at the indexed lengths, and which were asked for",
    Kind.WORDS: "which records share a word, and which word was asked for",
    Kind.TRIGRAM: "which records share three characters, and which of them were asked for",
    Kind.RANGE: "which records lie in one interval, and which intervals were asked for",
}
"""What a kind of index gives away; in a dump the first half of each, to a live reader both."""
_PLAIN: Final = "the value that was asked for, and every value of the column"
_NULLS: Final = "which records have no value, and that these, or the others, were asked for"
_SCAN: Final = "only that records were read"


@dataclass
class Figures:
    """What a query took.

    Attributes:
        fetched: how many candidates the database gave.
        opened: how many of them were decrypted.
        broken: how many were not as strongroom wrote them.
        dropped: how many were opened and did not meet the query.
        found: how many came out.
    """

    fetched: int = 0
    opened: int = 0
    broken: int = 0
    dropped: int = 0
    found: int = 0


@dataclass(frozen=True)
class Asked:
    """One index or plain column that a query asks.

    Attributes:
        fields: about what.
        operator: what is asked, such as ``prefix``.
        index: the index's name, or None for a plain column.
        kind: the index's kind, or None.
        tokens: how many tokens are asked for.
        shows: what that gives away to whoever watches the database.
    """

    fields: tuple[str, ...]
    operator: str
    index: str | None
    kind: str | None
    tokens: int
    shows: str

    def __str__(self) -> str:
        if self.operator == MISSING:
            return f"{self.fields[0]} {MISSING}: NULL in its column"
        by = "a plain column" if self.index is None else f"the {self.kind} index {self.index}"
        tokens = "" if self.index is None else f", {self.tokens} token{'s'[: self.tokens != 1]}"
        return f"{'+'.join(self.fields)} {self.operator}: {by}{tokens}"


def asked(use: Use) -> Asked:
    """Return what is said of one use of an index or a plain column."""
    if use.index is None:
        shows = _NULLS if use.operator == MISSING else _PLAIN
        return Asked(use.fields, use.operator, None, None, 0, shows)
    kind = use.index.kind
    return Asked(use.fields, use.operator, use.index.name, str(kind), use.tokens, LEAKS[kind])


@dataclass(frozen=True)
class Explanation:
    """How a query is answered, what it shows to the database, and what it took.

    Attributes:
        table: its name.
        asked: which indexes and plain columns are asked.
        scanned: the fields that are compared here alone, on every record that is fetched.
        order: of the records.
        figures: what it took, or None where it was not run.
    """

    table: str
    asked: tuple[Asked, ...]
    scanned: tuple[str, ...]
    order: str
    figures: Figures | None = None

    @property
    def database(self) -> tuple[str, ...]:
        """The fields that the database is asked about."""
        return tuple(dict.fromkeys(name for one in self.asked for name in one.fields))

    def __str__(self) -> str:
        lines = [f"table: {self.table}"]
        lines += [f"asked of the database: {one}" for one in self.asked]
        if not self.asked:
            lines.append("asked of the database: nothing, every record is read")
        if self.scanned:
            lines.append(f"decrypted and compared here: {', '.join(self.scanned)}")
        shown = dict.fromkeys(one.shows for one in self.asked) or {_SCAN: None}
        lines += [f"shown to the database: {one}" for one in shown]
        lines.append(f"order: {self.order}")
        if self.figures is not None:
            took = self.figures
            lines.append(
                f"candidates: {took.fetched} fetched, {took.opened} decrypted, "
                f"{took.dropped} false positives dropped, {took.broken} broken, {took.found} found"
            )
        return "\n".join(lines)

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "table": self.table,
            "asked": [vars(one) | {"fields": list(one.fields)} for one in self.asked],
            "scanned": list(self.scanned),
            "order": self.order,
            "figures": None if self.figures is None else dict(vars(self.figures)),
        }
