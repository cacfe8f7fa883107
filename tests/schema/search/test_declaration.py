"""How indexes are spelled, what is refused, and what a declaration becomes in a table."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal as Number
from typing import Any

import pytest

from strongroom.errors import InputError
from strongroom.schema.catalogue import Catalogue
from strongroom.schema.search.declaration import Index, parse_index, spell_index
from strongroom.schema.search.index import Kind, Phase, index_from_document, index_to_document
from strongroom.schema.search.making import (
    activated,
    added,
    blind_index,
    dropped,
    index_of,
    is_same,
    leaving,
)
from strongroom.schema.search.normalise import Normaliser
from strongroom.schema.table import Table
from strongroom.schema.types import (
    Boolean,
    Bytes,
    Date,
    DateTime,
    Decimal,
    FieldType,
    Float,
    Integer,
    Json,
    Text,
    ZonedDateTime,
)
from tests.schema.search.tables import INDEXES, indexed, people, with_index

FIRST, LAST = dt.date(1900, 1, 1), dt.date(2049, 12, 31)


def made(declared: Index, table: Table | None = None, rows: int = 0) -> Any:
    return blind_index(table or people(), declared, index_id=9, key_id=7, rows=rows)


@pytest.mark.parametrize(
    ("spelled", "declared"),
    [
        ("exact:name", Index.exact("name")),
        (
            "exact:email,normaliser=email,unique",
            Index.exact("email", normaliser="email", unique=True),
        ),
        ("compound:a+b+c,bits=12", Index.compound("a", "b", "c", bits=12)),
        ("prefix:name,lengths=2-3-8", Index.prefix("name", lengths=(2, 3, 8))),
        ("words:name,partitions=4,name=w", Index.words("name", partitions=4, name="w")),
        (
            "range:born,min=1900-01-01,max=2049-12-31,step=7,fanout=4",
            Index.range("born", minimum="1900-01-01", maximum="2049-12-31", step="7", fanout=4),
        ),
    ],
)
def test_the_spelling_on_the_command_line(spelled: str, declared: Index) -> None:
    assert parse_index(spelled) == declared


@pytest.mark.parametrize(
    "spelled",
    [
        "", "name", "exact", "exact:", "index:name", "exact:name,", "exact:name,bits",
        "exact:name,bits=", "exact:name,bits=x", "exact:name,bits=0", "exact:name,bits=257",
        "exact:name,bits=8,bits=9", "exact:name,unique=yes", "exact:name,accept=x",
        "exact:name,kind=words", "exact:name,fields=x", "exact:a+b", "compound:a", "compound:a+a",
        "exact:name,lengths=2-3", "prefix:name,lengths=", "prefix:name,lengths=3-2",
        "prefix:name,lengths=2-2", "prefix:name,lengths=0", "prefix:name,lengths=65",
        "words:name,unique", "words:name,min=1", "exact:name,fanout=4", "range:born,fanout=1",
        "range:born,fanout=65", "exact:name,partitions=65", "exact:name,normaliser=upper",
        "exact:name,unique,partitions=2", "exact:name,unique,bits=64",
    ],
)  # fmt: skip
def test_what_means_nothing_is_refused_without_being_repeated(spelled: str) -> None:
    with pytest.raises(InputError) as caught:
        made(parse_index(spelled))
    assert "upper" not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize("declared", INDEXES, ids=lambda one: str(one.called))
def test_a_made_index_is_spelled_as_it_was_declared(declared: Index) -> None:
    table = indexed(declared)
    [index] = table.indexes
    spelled = spell_index(index, table.fields_of(index))
    again = replace(parse_index(spelled), name=index.name)
    assert made(again, replace(table, indexes=())) == replace(index, id=9, phase=Phase.BUILDING)
    assert is_same(table, index, declared, tokens=True)


def test_the_catalogue_keeps_every_index() -> None:
    table = indexed()
    for index in table.indexes:
        assert index_from_document(index_to_document(index)) == index
    catalogue = Catalogue((table,))
    assert Catalogue.from_document(catalogue.to_document()) == catalogue
    # A store without an index is written as before there were any.
    assert "indexes" not in Catalogue((people(),)).to_document()["tables"][0]


def test_what_is_left_open_is_decided() -> None:
    assert made(Index.exact("name")).bits == made(Index.exact("name"), rows=10_000).bits == 13
    assert made(Index.exact("name"), rows=1_000_000).bits == 19
    assert made(Index.exact("name", unique=True)).bits == 128
    assert made(Index.range("born", minimum=FIRST, maximum=LAST)).bits == 64
    assert made(Index.prefix("name", lengths=(1, 2, 3, 4)), rows=1_000_000).bits == 21
    assert made(Index.words("name"), rows=1_000_000).bits == 22
    assert made(Index.exact("name")).parts[0].normaliser is Normaliser.EXACT
    for declared in (Index.words("name"), Index.prefix("name"), Index.trigram("name")):
        assert made(declared).parts[0].normaliser is Normaliser.FOLDED
    compound = made(Index.compound("name", "born", normaliser="folded"))
    assert [one.normaliser for one in compound.parts] == [Normaliser.FOLDED, Normaliser.EXACT]
    assert compound.name == "name_born_compound"


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        (Index.exact("nobody"), "no such field"),
        (Index.exact("age"), "is plain"),
        (Index.compound("ward", "age"), "is plain"),
        (Index.words("born"), "is no text"),
        (Index.prefix("ward"), "is no text"),
        (Index.trigram("ward"), "is no text"),
        (Index.range("name"), "has no range index"),
        (Index.range("smoker"), "has no range index"),
        (Index.range("born"), "needs the minimum"),
        (Index.range("born", minimum=FIRST), "needs the maximum"),
        (Index.range("born", minimum=LAST, maximum=FIRST), "minimum"),
        (Index.range("born", minimum=1, maximum=2), "born"),
        (Index.exact("ward", normaliser="folded"), "is no text"),
        (Index.exact("name", name="record_x"), "name"),
        (Index.exact("name", name="A"), "name"),
    ],
)
def test_what_does_not_fit_the_table_is_refused(declared: Index, message: str) -> None:
    with pytest.raises(InputError, match=message):
        made(declared)


NOON = dt.datetime(2020, 1, 1, 12)  # noqa: DTZ001  # a field without a zone
FEW: list[tuple[Index, dict[str, FieldType]]] = [
    (Index.exact("x"), {"x": Boolean()}),
    (Index.exact("x"), {"x": Integer(minimum=1, maximum=256)}),
    (Index.exact("x"), {"x": Date(minimum=dt.date(2000, 1, 1), maximum=dt.date(2000, 9, 1))}),
    (Index.exact("x"), {"x": Text(max_chars=2)}),
    (Index.exact("x"), {"x": Text(max_bytes=2)}),
    (Index.exact("x"), {"x": Bytes(max_bytes=2)}),
    (Index.exact("x"), {"x": Json(max_bytes=2)}),
    (Index.exact("x"), {"x": Decimal(precision=2, scale=1)}),
    (Index.exact("x"), {"x": Decimal(precision=9, scale=2, minimum=Number(0), maximum=Number(2))}),
    (Index.exact("x"), {"x": Float(minimum=1.0, maximum=1.0)}),
    (Index.exact("x"), {"x": DateTime(minimum=NOON, maximum=NOON + dt.timedelta(microseconds=9))}),
    (Index.range("x"), {"x": Integer(minimum=0, maximum=150)}),
    (Index.range("x", minimum=FIRST, maximum=LAST, step=365), {"x": Date()}),
    (Index.compound("x", "y"), {"x": Boolean(), "y": Integer(minimum=0, maximum=127)}),
]
MANY: list[tuple[Index, dict[str, FieldType]]] = [
    (Index.exact("x"), {"x": Integer(minimum=1, maximum=257)}),
    (Index.exact("x"), {"x": Integer(minimum=1)}),
    (Index.exact("x"), {"x": Text(max_chars=3)}),
    (Index.range("x"), {"x": Integer(minimum=0, maximum=256)}),
    (Index.compound("x", "y"), {"x": Boolean(), "y": Integer(minimum=0, maximum=128)}),
    (Index.compound("x", "y"), {"x": Boolean(), "y": Text()}),
    (Index.exact("x"), {"x": Bytes(max_bytes=3)}),
    (Index.exact("x"), {"x": Decimal(precision=3, scale=1)}),
    (Index.exact("x"), {"x": Decimal(minimum=Number(0), maximum=Number(2))}),
    (Index.exact("x"), {"x": Float(minimum=1.0, maximum=1.5)}),
    (Index.exact("x"), {"x": DateTime(minimum=NOON, maximum=NOON + dt.timedelta(seconds=1))}),
    (Index.exact("x"), {"x": Json()}),
    (Index.exact("x"), {"x": Float()}),
]


@pytest.mark.parametrize(("declared", "fields"), FEW)
def test_few_values_are_not_indexed_unless_a_reason_is_given(
    declared: Index, fields: dict[str, FieldType]
) -> None:
    with pytest.raises(InputError, match="has few values"):
        made(declared, people(**fields))
    reason = "asked for in every report"
    assert made(replace(declared, accept=reason), people(**fields)).accepted == reason


@pytest.mark.parametrize(("declared", "fields"), MANY)
def test_many_values_are(declared: Index, fields: dict[str, FieldType]) -> None:
    assert made(declared, people(**fields)).accepted == ""


@pytest.mark.parametrize("reason", ["", "x" * 501, 3])
def test_a_reason_is_a_text(reason: object) -> None:
    with pytest.raises(InputError, match="1 to 500 characters"):
        Index.exact("x", accept=reason)


@pytest.mark.parametrize(
    ("declared", "low", "high", "step", "steps"),
    [
        (Integer(), 0, 999, None, 1_000),
        (Decimal(precision=10, scale=2), Number("0.00"), Number("9.99"), None, 1_000),
        (Decimal(), Number(0), Number(9990), Number("1E+1"), 1_000),
        (Date(), FIRST, FIRST + dt.timedelta(999), None, 1_000),
        (DateTime(), dt.datetime(2000, 1, 1), dt.datetime(2000, 1, 1, 0, 16, 39), 1, 1_000),  # noqa: DTZ001
        (
            ZonedDateTime(),
            dt.datetime(2000, 1, 1, tzinfo=dt.UTC),
            dt.datetime(2002, 9, 26, tzinfo=dt.UTC),
            None,
            1_000,
        ),
    ],
)
def test_a_range_is_laid_over_every_ordered_type(
    declared: FieldType, low: Any, high: Any, step: Any, steps: int
) -> None:
    table = people(x=declared)
    index = made(Index.range("x", minimum=low, maximum=high, step=step), table)
    assert index.span.scale.positions == steps + 2
    # What stands in the catalogue is read back exactly, and the spelling makes the same index.
    assert index_from_document(index_to_document(index)) == index
    spelled = spell_index(index, table.fields)
    assert made(replace(parse_index(spelled), name=index.name), table) == index


def test_a_decimal_of_no_scale_needs_a_step() -> None:
    with pytest.raises(InputError, match="needs a step"):
        made(Index.range("x", minimum=Number(0), maximum=Number(9)), people(x=Decimal()))


def test_names_and_numbers_of_indexes_are_limited() -> None:
    table = indexed(Index.exact("name"))
    with pytest.raises(InputError, match="has an index name_exact already"):
        with_index(table, Index.exact("email", name="name_exact"))
    for number in range(31):
        table = with_index(table, Index.exact("name", name=f"x{number}"))
    with pytest.raises(InputError, match="at most 32 indexes"):
        with_index(table, Index.exact("email"))


def slots(table: Table) -> set[int]:
    return set(table.layout.slots)


def test_seals_cover_a_column_from_the_first_step_on_and_not_while_it_goes() -> None:
    table = people()
    fields = slots(table)
    table = with_index(table, Index.words("name"))
    assert slots(table) == fields  # what stands beside is not covered
    table = with_index(table, Index.exact("name"), active=False)
    first = table.indexes[-1]
    assert slots(table) == fields | {first.id}
    assert not first.answers
    table = activated(table, first.id)
    assert index_of(table, first.id).answers
    # Rebuilt: from now on seals cover the new one alone, queries ask the old one.
    new = replace(first, id=77, phase=Phase.BUILDING, replaces=first.id)
    rebuilding = added(table, new, 78)
    assert slots(rebuilding) == fields | {77}
    assert index_of(rebuilding, first.id).answers
    done = activated(rebuilding, 77)
    assert [one.id for one in done.indexes if one.kind is Kind.EXACT] == [77]
    # Or undone: the old one is covered again.
    undone = leaving(rebuilding, 77, 79)
    assert slots(undone) == fields | {first.id}
    assert index_of(undone, first.id).answers
    assert not index_of(undone, 77).answers
    assert dropped(undone, 77).indexes == table.indexes
    # No layout is ever changed or forgotten.
    assert undone.layouts[:-1] == rebuilding.layouts
    assert slots(leaving(table, first.id, 80)) == fields


def test_a_continued_index_is_the_declared_one_or_refused() -> None:
    table = with_index(people(), Index.words("name", bits=20), active=False)
    [index] = table.indexes
    for same in (
        Index.words("name"),
        Index.words("name", bits=20),
        Index.words("name", accept="x"),
    ):
        assert is_same(table, index, same, tokens=True)
    for other in (
        Index.words("name", bits=21),
        Index.words("name", partitions=2),
        Index.words("name", normaliser="exact"),
        Index.words("email", name="name_words"),
        Index.trigram("name", name="name_words"),
    ):
        assert not is_same(table, index, other, tokens=True)
    assert is_same(table, index, Index.words("name", bits=21, partitions=2), tokens=False)
