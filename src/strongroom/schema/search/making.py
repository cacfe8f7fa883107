"""From a declaration to an index of one table: what is allowed, and what was left open decided.

A field of few values must not be indexed alone: whoever sees the tokens counts them, and knows the
values by how common they are. It is refused unless somebody writes down why that is acceptable.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from strongroom.errors import InputError, IntegrityError
from strongroom.schema.names import check_field_name
from strongroom.schema.number_types import Decimal, Integer
from strongroom.schema.ranged import Ranged
from strongroom.schema.search.declaration import Index
from strongroom.schema.search.few_values import few_values, have_few_values
from strongroom.schema.search.index import BlindIndex, Kind, Part, Phase, Span, read
from strongroom.schema.search.normalise import Normaliser, normaliser_called
from strongroom.schema.search.planning import planned_bits
from strongroom.schema.search.positions import Scale
from strongroom.schema.table import Field, Layout, Table
from strongroom.schema.time_types import Date
from strongroom.schema.types import TYPES, Float, Text

MOST_INDEXES: Final = 32
MOST_TOKENS_ASKED: Final = 16_000
"""How many tokens one query may ask for: databases bind 32,766 values or more."""
_UNIQUE_BITS: Final = 128
_RANGE_BITS: Final = 64
_LEAST_ROWS: Final = 10_000
_ANYTHING: Final = "whatever it gives away: it is only compared"
# About how many tokens a record of a name's length has beside the table.
_TOKENS: Final = {Kind.WORDS: 8, Kind.TRIGRAM: 28}
_DAY: Final = 86_400


def blind_index(
    table: Table, declared: Index, *, index_id: int, key_id: int, rows: int
) -> BlindIndex:
    """Return the index that a declaration makes of a table, in its first phase.

    Args:
        table: whose fields it is over.
        declared: what is wanted.
        index_id: an id that nothing in the catalogue has.
        key_id: of the active index key.
        rows: how many records the table has, for the number of bits where none is given.

    Raises:
        InputError: a field is unknown, plain or of a type that the kind does not fit; the name is
            taken; or the field has few values and nobody accepted what that gives away.
    """
    name = _checked_name(declared.called)
    for one in table.indexes:
        if one.name == name:
            gone = "it is being dropped: finish that with drop-index, or give another name"
            raise InputError(
                f"{table.name} has an index {name} already",
                hint=gone if one.phase is Phase.LEAVING else "give another name: name=…",
            )
    if len(table.indexes) >= MOST_INDEXES:
        raise InputError(f"a table has at most {MOST_INDEXES} indexes")
    fields = [_field(table, one, declared.kind) for one in declared.fields]
    _check_normaliser(table, fields, declared)
    made = BlindIndex(
        id=index_id,
        name=name,
        kind=declared.kind,
        key_id=key_id,
        parts=tuple(Part(one.id, _normaliser(one, declared)) for one in fields),
        bits=1,
        partitions=declared.partitions,
        unique=declared.unique,
        lengths=declared.prefix_lengths,
        span=_span(table, fields[0], declared) if declared.kind is Kind.RANGE else None,
        accepted=declared.accept or "",
    )
    check_cover(made)
    if not made.accepted and have_few_values(fields, made.span):
        raise few_values(table, fields)
    return replace(made, bits=declared.bits or usual_bits(made, rows))


def _checked_name(name: object) -> str:
    try:
        return check_field_name(name)
    except InputError as error:
        hint = error.hint
    raise InputError("that is not a name for an index", hint=hint)


def check_cover(made: BlindIndex) -> None:
    """Refuse a range index of which one query could ask for too many tokens."""
    if made.span is None:
        return
    most = 2 * (made.span.fanout - 1) * made.span.tree.height * made.partitions
    if most > MOST_TOKENS_ASKED:
        raise InputError(
            f"a query of the index {made.name} could ask for {most:,} tokens",
            hint=f"{MOST_TOKENS_ASKED:,} are the most: take a smaller fanout or fewer partitions",
        )


def is_same(table: Table, index: BlindIndex, declared: Index, *, tokens: bool) -> bool:
    """Say whether an index is what a declaration would make.

    Args:
        table: whose index it is.
        index: as it stands.
        declared: what is wanted.
        tokens: whether bits and partitions count, which `rebuild_index` may have changed.
    """
    others = tuple(one for one in table.indexes if one.name != index.name)
    accepted = replace(declared, accept=declared.accept or index.accepted or _ANYTHING)
    made = blind_index(
        replace(table, indexes=others), accepted, index_id=index.id, key_id=index.key_id, rows=0
    )
    made = replace(made, phase=index.phase, replaces=index.replaces, accepted=index.accepted)
    if not tokens or declared.bits is None:
        made = replace(made, bits=index.bits)
    return (made if tokens else replace(made, partitions=index.partitions)) == index


def usual_bits(made: BlindIndex, rows: int) -> int:
    """Return how many bits the tokens of an index have where nobody says."""
    if made.unique:
        return _UNIQUE_BITS
    if made.kind is Kind.RANGE:
        return _RANGE_BITS
    each = len(made.lengths) or _TOKENS.get(made.kind, 1)
    return planned_bits(max(rows, _LEAST_ROWS) * each)


def _field(table: Table, name: str, kind: Kind) -> Field:
    field = table.field(name)
    where = f"{table.name}.{field.name}"
    if not field.encrypted:
        raise InputError(
            f"{where} is plain: the database searches it without a blind index",
            hint="leave it out: what is asked of it goes beside what is asked of the index"
            if kind is Kind.COMPOUND
            else "make an ordinary index with the database's own tools",
        )
    text = kind in (Kind.PREFIX, Kind.WORDS, Kind.TRIGRAM)
    if text and not isinstance(field.type, Text):
        raise InputError(f"{where} is no text, so it has no {kind} index")
    if kind is Kind.RANGE and not has_ranges(field):
        raise InputError(
            f"{where} has no range index", hint="integers, decimals, dates and datetimes have"
        )
    return field


def has_ranges(field: Field) -> bool:
    """Say whether a field's values could have a range index."""
    return isinstance(field.type, Ranged) and not isinstance(field.type, Float)


def _check_normaliser(table: Table, fields: list[Field], declared: Index) -> None:
    wanted = declared.normaliser
    if wanted in (None, Normaliser.EXACT.word):
        return
    if not any(isinstance(one.type, Text) for one in fields):
        raise InputError(f"{table.name}.{fields[0].name} is no text, so it has no normaliser")


def _normaliser(field: Field, declared: Index) -> Normaliser:
    if not isinstance(field.type, Text):
        return Normaliser.EXACT
    if declared.normaliser is not None:
        return normaliser_called(declared.normaliser)
    equal = declared.kind in (Kind.EXACT, Kind.COMPOUND)
    return Normaliser.EXACT if equal else Normaliser.FOLDED


def _span(table: Table, field: Field, declared: Index) -> Span:
    where = f"{table.name}.{field.name}"
    limits = []
    for option in ("minimum", "maximum"):
        given = getattr(declared, option)
        if given is None:
            given = getattr(field.type, option)
        if given is None:
            raise InputError(
                f"{where}: a range index needs the {option} that is expected",
                hint="for example: range:born,min=1900-01-01,max=2049-12-31",
            )
        limits.append(_value(field.type.name, given, f"{where}: {option}"))
    step = _step(field, declared.step, where)
    return Span(field.type.name, Scale(limits[0], limits[1], step), declared.range_fanout)


def _value(word: str, given: Any, where: str) -> Any:  # noqa: ANN401  # of the field's type
    """Return a limit, which a command line spells as text."""
    if type(given) is str:
        return TYPES[word]().parse(given, where)
    return TYPES[word]().check(given, where)


def _step(field: Field, given: Any, where: str) -> Any:  # noqa: ANN401
    decimal = isinstance(field.type, Decimal)
    if given is not None:
        return _value("decimal" if decimal else "integer", given, f"{where}: step")
    if decimal:
        scale = field.type.scale if isinstance(field.type, Decimal) else None
        if scale is None:
            raise InputError(f"{where}: a range index needs a step", hint="for example: step=0.01")
        return read("decimal", "1" if scale == 0 else f"0.{'1'.zfill(scale)}")
    return 1 if isinstance(field.type, (Integer, Date)) else _DAY


def added(table: Table, made: BlindIndex, layout_id: int) -> Table:
    """Return the table with one more index, which every later seal covers where it has a column.

    The one that it replaces is no longer covered from then on: so each record is sealed once.
    """
    return _covered(replace(table, indexes=(*table.indexes, made)), layout_id)


def leaving(table: Table, index_id: int, layout_id: int) -> Table:
    """Return the table with an index that later seals do not cover, and that is to be dropped."""
    indexes = tuple(
        replace(one, phase=Phase.LEAVING, replaces=0) if one.id == index_id else one
        for one in table.indexes
    )
    return _covered(replace(table, indexes=indexes), layout_id)


def activated(table: Table, index_id: int) -> Table:
    """Return the table with an index that queries may ask, without the one that it replaces."""
    made = index_of(table, index_id)
    active = replace(made, phase=Phase.ACTIVE, replaces=0)
    kept = (one for one in table.indexes if one.id != made.replaces)
    indexes = tuple(active if one.id == index_id else one for one in kept)
    return replace(table, indexes=indexes)


def dropped(table: Table, index_id: int) -> Table:
    """Return the table without an index."""
    return replace(table, indexes=tuple(one for one in table.indexes if one.id != index_id))


def _covered(table: Table, layout_id: int) -> Table:
    """Add a layout over all fields and the index columns that seals are to cover from now on."""
    replaced = {one.replaces for one in table.indexes if one.phase is Phase.BUILDING}
    known = {one.id for one in table.columns}
    covered = [
        one.id for one in table.columns if one.phase is not Phase.LEAVING and one.id not in replaced
    ]
    kept = [one for one in table.layout.slots if one not in known or one in covered]
    slots = tuple(kept + [one for one in covered if one not in kept])
    if slots == table.layout.slots:
        return table
    return replace(table, layouts=(*table.layouts, Layout(layout_id, slots)))


def index_of(table: Table, index_id: int) -> BlindIndex:
    """Return an index by its id.

    Raises:
        IntegrityError: it is gone.
    """
    for one in table.indexes:
        if one.id == index_id:
            return one
    raise IntegrityError(f"an index of {table.name} is gone: another process dropped it")
