"""One question: as the store is asked it, and whether an index or the database can answer it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Final

import strongroom
from strongroom.schema.search.where import Where
from tests.search import model
from tests.search.model import Condition

_PLAIN: Final = ("age", "city", "floor")
_EXACT: Final = ("name", "email", "phone")
_ALIKE: Final = (("name", "folded"), ("email", "email"), ("phone", "phone"))
_PAIRS: Final = (("ward", "smoker"), ("born", "name"))
_RANGED: Final = ("born", "salary", "seen")


@dataclass(frozen=True)
class Question:
    """What is asked.

    Attributes:
        asked: the condition.
        order: of the answers, as `order_by` takes it.
        limit: how many answers at most, or None.
    """

    asked: Condition
    order: str = "id"
    limit: int | None = None

    def of(self, table: strongroom.Table) -> strongroom.Query:
        """Return it as it is asked of the store."""
        query = _found(table, self.asked)
        if self.order != "id":
            query = query.order_by(self.order)
        return query if self.limit is None else query.limit(self.limit)


def _found(table: strongroom.Table, asked: Condition) -> strongroom.Query:
    """Ask by fields where that says it all, otherwise by `where`."""
    parts = asked.parts if isinstance(asked, model.All) else (asked,)
    fields = {one.field: _operator(one) for one in parts if isinstance(one, model.OfField)}
    if len(fields) == len(parts):
        return table.find(**fields)
    return table.find(as_where(asked))


def as_where(asked: Condition) -> Where:
    """Return a condition as the store is asked it."""
    match asked:
        case model.Not():
            return ~as_where(asked.part)
        case model.All():
            return reduce(and_, map(as_where, asked.parts))
        case model.Some():
            return reduce(or_, map(as_where, asked.parts))
        case model.OfField():
            return strongroom.where(**{asked.field: _operator(asked)})
    raise TypeError(type(asked).__name__)


def _operator(asked: model.OfField) -> object:
    match asked:
        case model.Equal():
            return asked.value
        case model.OneOf():
            return strongroom.one_of(*asked.values)
        case model.Missing():
            return None
        case model.Between():
            return strongroom.between(asked.low, asked.high)
        case model.Alike():
            return strongroom.alike(asked.text, asked.normaliser)
        case model.OfText():
            make = {
                model.Begins: strongroom.prefix,
                model.HasWords: strongroom.words,
                model.Contains: strongroom.contains,
            }[type(asked)]
            # Folded is what these compare under where nobody says otherwise.
            by = None if asked.normaliser == "folded" else asked.normaliser
            return make(asked.text, by)
    raise TypeError(type(asked).__name__)


def needs_scan(asked: Condition, *, negated: bool = False) -> bool:
    """Say whether neither the indexes of `store.py` nor the database alone can answer."""
    match asked:
        case model.Not():
            return needs_scan(asked.part, negated=not negated)
        case model.All() if _is_pair(asked):
            return negated
        case model.All() | model.Some():
            return any(needs_scan(one, negated=negated) for one in asked.parts)
        case model.OfField():
            return not (_denied(asked) if negated else _answered(asked))
    raise TypeError(type(asked).__name__)


def _answered(asked: model.OfField) -> bool:
    """Say whether the database can be asked for a condition."""
    if _always(asked) or asked.field in _PLAIN:
        return True
    match asked:
        case model.Equal() | model.OneOf():
            return asked.field in _EXACT
        case model.Between():
            return asked.field in _RANGED
        case model.Alike():
            return (asked.field, asked.normaliser) in _ALIKE
        case model.OfText():
            return (asked.field, asked.normaliser) == ("name", "folded")
    raise TypeError(type(asked).__name__)


def _denied(asked: model.OfField) -> bool:
    """Say whether the opposite is answered: a plain field is no secret, so every record is read."""
    return _always(asked) or asked.field in _PLAIN


def _always(asked: model.OfField) -> bool:
    """Say whether it is of no value, or of values among which there are none."""
    if isinstance(asked, model.Between) and None not in (asked.low, asked.high):
        return bool(asked.low > asked.high)
    return isinstance(asked, model.Missing)


def _is_pair(asked: model.All) -> bool:
    names = tuple(one.field for one in asked.parts if isinstance(one, model.Equal))
    return names in _PAIRS and len(asked.parts) == len(names)
