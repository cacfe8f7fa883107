"""What hangs on a column of somebody else's table, and would break when the column is replaced.

An index, a trigger or a view is a promise that another program relies on. So each is named, and
none is dropped, or left to work on cells, unless somebody said its name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from strongroom.errors import InputError
from strongroom.storage.dialect import Dialect
from strongroom.storage.failure import mapped
from strongroom.storage.inspection import Shape, ask, engine

_TRIGGERS: Final = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :bare",
    "mysql": "SELECT trigger_name, action_statement FROM information_schema.triggers "
    "WHERE event_object_table = :bare AND event_object_schema = COALESCE(:schema, DATABASE())",
    "postgresql": "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger "
    "WHERE tgrelid = to_regclass(:name) AND NOT tgisinternal",
}
_VIEWS: Final = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'view'",
    "mysql": "SELECT table_name, view_definition FROM information_schema.views "
    "WHERE table_schema = COALESCE(:schema, DATABASE())",
    "postgresql": "SELECT DISTINCT v.relname, pg_get_viewdef(v.oid) FROM pg_depend AS d "
    "JOIN pg_rewrite AS r ON r.oid = d.objid JOIN pg_class AS v ON v.oid = r.ev_class "
    "WHERE d.refobjid = to_regclass(:name) AND d.classid = 'pg_rewrite'::regclass "
    "AND v.oid <> d.refobjid",
}
_GENERATED: Final = {
    "sqlite": "SELECT :bare, sql FROM sqlite_master WHERE type = 'table' AND name = :bare "
    "AND EXISTS (SELECT 1 FROM pragma_table_xinfo(:bare) WHERE hidden IN (2, 3))",
    "mysql": "SELECT column_name, generation_expression FROM information_schema.columns "
    "WHERE table_name = :bare AND table_schema = COALESCE(:schema, DATABASE()) "
    "AND generation_expression <> ''",
    "postgresql": "SELECT attname, pg_get_expr(adbin, adrelid) FROM pg_attribute "
    "JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum "
    "WHERE attrelid = to_regclass(:name) AND attgenerated <> ''",
}
# name, whether unique, whether it can be dropped alone, a column, or the text that names columns
_INDEXES: Final = {
    "sqlite": "SELECT l.name, l.\"unique\", l.origin = 'c', x.name, "
    "CASE WHEN x.name IS NULL OR l.partial THEN m.sql END FROM pragma_index_list(:bare) AS l "
    "JOIN pragma_index_info(l.name) AS x LEFT JOIN sqlite_master AS m "
    "ON m.type = 'index' AND m.name = l.name WHERE l.origin <> 'pk' ORDER BY l.name",
    "mysql": "SELECT index_name, non_unique = 0, 1, column_name, NULL "
    "FROM information_schema.statistics WHERE table_name = :bare "
    "AND table_schema = COALESCE(:schema, DATABASE()) AND index_name <> 'PRIMARY' "
    "ORDER BY index_name",
    # Expressions and conditions are known by what the index depends on.
    "postgresql": "SELECT c.relname, indisunique, TRUE, a.attname, NULL FROM pg_index AS i "
    "JOIN pg_class AS c ON c.oid = indexrelid JOIN pg_attribute AS a ON a.attrelid = indrelid "
    "AND (a.attnum = ANY (indkey) OR EXISTS (SELECT 1 FROM pg_depend AS d "
    "WHERE d.classid = 'pg_class'::regclass AND d.objid = indexrelid "
    "AND d.refobjid = indrelid AND d.refobjsubid = a.attnum)) "
    "WHERE indrelid = to_regclass(:name) AND NOT indisprimary ORDER BY c.relname",
}
_KEYS_FROM_ELSEWHERE: Final = {
    "sqlite": 'SELECT m.name, f."to", f.on_update FROM sqlite_master AS m '
    "JOIN pragma_foreign_key_list(m.name) AS f WHERE m.type = 'table' AND f.\"table\" = :bare",
    "mysql": "SELECT k.constraint_name, k.referenced_column_name, r.update_rule "
    "FROM information_schema.key_column_usage AS k "
    "JOIN information_schema.referential_constraints AS r "
    "ON r.constraint_name = k.constraint_name AND r.constraint_schema = k.constraint_schema "
    "WHERE k.referenced_table_name = :bare "
    "AND k.referenced_table_schema = COALESCE(:schema, DATABASE())",
    "postgresql": "SELECT c.conname, a.attname, c.confupdtype FROM pg_constraint AS c "
    "JOIN pg_attribute AS a ON a.attrelid = c.confrelid AND a.attnum = ANY (c.confkey) "
    "WHERE c.confrelid = to_regclass(:name) AND c.contype = 'f'",
}
_KIND_OF_TABLE: Final = (
    "SELECT relkind, EXISTS (SELECT 1 FROM pg_inherits WHERE inhparent = oid OR inhrelid = oid) "
    "FROM pg_class WHERE oid = to_regclass(:name)"
)


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One thing in the way.

    Attributes:
        name: what the database calls it.
        what: what it is and what hangs on it, half a sentence.
        acceptable: whether naming it is enough. Otherwise it has to be removed first.
        dropped: whether the cut-over drops it.
    """

    name: str
    what: str
    acceptable: bool = False
    dropped: bool = False


def find(
    connection: sa.Connection,
    shape: Shape,
    *,
    replaced: Collection[str],
    sealed: Collection[str],
    ours: Collection[str] = (),
) -> list[Obstacle]:
    """Name everything that is in the way of taking a table over.

    Args:
        connection: to look with.
        shape: of the table.
        replaced: the columns that the cut-over drops.
        sealed: the columns that stay plain, and that only strongroom may write to.
        ours: the names of strongroom's own triggers on it.
    """
    return [
        *_of_the_table(connection, shape),
        *_columns(shape, replaced, sealed),
        *_indexes(connection, shape, replaced),
        *_foreign_keys(connection, shape, replaced, sealed),
        *_checks(connection, shape, replaced),
        *_mentions(connection, shape, replaced),
        *_triggers(connection, shape, replaced, ours),
    ]


def blocking(obstacles: Sequence[Obstacle], accepted: Collection[str]) -> Iterator[Obstacle]:
    """Return what nobody accepted, or nobody can."""
    for one in obstacles:
        if not one.acceptable or one.name not in accepted:
            yield one


def check(obstacles: Sequence[Obstacle], accepted: Collection[str], table: str) -> None:
    """Refuse to go on against an obstacle.

    Raises:
        InputError: with the first one.
    """
    for one in blocking(obstacles, accepted):
        raise InputError(
            f"{one.name} {one.what}, and rewriting {table} would break it",
            hint=_way_out(one),
        )


def _way_out(one: Obstacle) -> str:
    if one.acceptable:
        return f"if that may be: --accept {one.name}"
    if one.dropped:
        return "SQLite cannot drop it: export the records, import them into a table made without it"
    return "remove it first, or leave its column as it is"


def _of_the_table(connection: sa.Connection, shape: Shape) -> Iterator[Obstacle]:
    kept_by = engine(connection, shape.dialect, shape.name)
    if shape.dialect.kind == "mysql" and kept_by != "InnoDB":
        yield Obstacle(shape.name, f"is kept by {kept_by}, which has no transactions")
    if shape.dialect.kind == "postgresql":
        [(kind, related)] = ask(connection, _KIND_OF_TABLE, name=shape.name)
        if kind != "r" or related:
            yield Obstacle(shape.name, "is partitioned, inherits, or is no ordinary table")


def _columns(
    shape: Shape, replaced: Collection[str], sealed: Collection[str]
) -> Iterator[Obstacle]:
    for column in shape.columns.values():
        taken = column.name in replaced or column.name in sealed
        if taken and column.generated:
            yield Obstacle(column.name, "is computed by the database")
        if taken and column.on_update:
            yield Obstacle(column.name, "is changed by the database with every update")


def _indexes(
    connection: sa.Connection, shape: Shape, replaced: Collection[str]
) -> Iterator[Obstacle]:
    columns: dict[str, set[str]] = {}
    kinds: dict[str, tuple[str, bool]] = {}
    given = {"bare": shape.bare, "schema": shape.schema, "name": shape.name}
    for name, unique, own, column, text in ask(connection, _INDEXES[shape.dialect.kind], **given):
        over = {one for one in replaced if one == column or mentions(str(text or ""), one)}
        if column is None and text is None:
            over = set(replaced)  # an expression that MySQL does not tell
        columns.setdefault(name, set()).update(over)
        kinds[name] = ("unique index" if unique else "index", bool(own))
    for name, over in columns.items():
        if over:
            kind, own = kinds[name]
            what = f"is {_article(kind)} {kind} over {', '.join(sorted(over))}"
            # SQLite cannot drop the index of a UNIQUE in a CREATE TABLE, which nobody named.
            shown = name if own else "the UNIQUE of its table"
            yield Obstacle(shown, what, acceptable=own, dropped=True)


def _article(word: str) -> str:
    return "an" if word.startswith("i") else "a"


def _foreign_keys(
    connection: sa.Connection, shape: Shape, replaced: Collection[str], sealed: Collection[str]
) -> Iterator[Obstacle]:
    with mapped():
        own = sa.inspect(connection).get_foreign_keys(shape.bare, schema=shape.schema)
    for one in own:
        constrained = one["constrained_columns"]
        columns = [name for name in constrained if name in replaced]
        changed = [name for name in constrained if name in sealed]
        actions = _actions(one)
        if columns:
            yield Obstacle(str(one["name"]), f"is a foreign key over {', '.join(columns)}")
        elif actions["onupdate"] and set(constrained) & set(shape.key):
            yield Obstacle(str(one["name"]), "changes the primary key where no trigger sees it")
        elif changed and any(actions.values()):
            yield Obstacle(str(one["name"]), f"changes {', '.join(changed)} by itself")
    for name, column, _ in ask(
        connection,
        _KEYS_FROM_ELSEWHERE[shape.dialect.kind],
        bare=shape.bare,
        schema=shape.schema,
        name=shape.name,
    ):
        if column in replaced:
            yield Obstacle(str(name), f"is a foreign key of another table to {column}")


def _actions(foreign_key: Any) -> dict[str, bool]:  # noqa: ANN401  # as SQLAlchemy tells it
    """Say of each event at the other table whether it changes columns of this one."""
    options = {event: str(one).upper() for event, one in foreign_key.get("options", {}).items()}
    changing = {"SET NULL", "SET DEFAULT"}
    return {
        "onupdate": options.get("onupdate") in changing | {"CASCADE"},
        "ondelete": options.get("ondelete") in changing,
    }


def _checks(
    connection: sa.Connection, shape: Shape, replaced: Collection[str]
) -> Iterator[Obstacle]:
    with mapped():
        found = sa.inspect(connection).get_check_constraints(shape.bare, schema=shape.schema)
    for one in found:
        for column in sorted(replaced):
            if mentions(str(one["sqltext"]), column) or one["name"] == column:
                yield Obstacle(str(one["name"]), f"is a check on {column}")


def _mentions(
    connection: sa.Connection, shape: Shape, replaced: Collection[str]
) -> Iterator[Obstacle]:
    given = {"bare": shape.bare, "schema": shape.schema, "name": shape.name}
    kind = shape.dialect.kind
    for name, text in ask(connection, _VIEWS[kind], **given):
        columns = [one for one in sorted(replaced) if mentions(str(text), one)]
        if columns and mentions(str(text), shape.bare):
            what = f"is a view that reads {', '.join(columns)}"
            yield Obstacle(str(name), what, acceptable=kind == "mysql")
    for name, text in ask(connection, _GENERATED[kind], **given):
        columns = [one for one in sorted(replaced) if mentions(str(text), one)]
        # SQLite tells the statement of the whole table: there any computed column is in the way.
        if columns:
            yield Obstacle(str(name), f"is or has a column computed from {', '.join(columns)}")


def _triggers(
    connection: sa.Connection, shape: Shape, replaced: Collection[str], ours: Collection[str]
) -> Iterator[Obstacle]:
    kind = shape.dialect.kind
    for name, text in triggers(connection, shape.dialect, shape.name).items():
        if name in ours:
            continue
        # SQLite refuses to drop a column that a trigger names.
        stuck = kind == "sqlite" and any(mentions(text, one) for one in replaced)
        yield Obstacle(name, "is a trigger on the table", acceptable=not stuck)


def triggers(connection: sa.Connection, dialect: Dialect, table: str) -> dict[str, str]:
    """Return the triggers on a table: their names and what they do."""
    schema, _, bare = table.rpartition(".")
    found = ask(connection, _TRIGGERS[dialect.kind], bare=bare, schema=schema or None, name=table)
    return {str(name): str(text) for name, text in found}


def mentions(text: str, name: str) -> bool:
    """Say whether SQL names a column or a table, taking a word for it in case of doubt."""
    return re.search(rf"(?<![\w$]){re.escape(name)}(?![\w$])", text, re.IGNORECASE) is not None
