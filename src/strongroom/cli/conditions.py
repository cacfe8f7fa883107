"""What a person asks of fields: `FIELD=VALUE`, and `FIELD:OPERATOR=VALUE` for all but equality.

    name:prefix=Ad      name:words=lovelace      name:contains=ove      name:alike='ADA LOVELACE'
    age:between=20..30  born:between=1900-01-01..

FIELD=-, FIELD:OPERATOR=- and FIELD alone keep a value out of histories and lists of processes, as
for the fields of a record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from strongroom.cli.terminal import EndOfInputError, read_rest, someone_answers
from strongroom.cli.values import STDIN, answer, field_called, read_values
from strongroom.errors import InputError
from strongroom.schema.ranged import Ranged
from strongroom.schema.search.operators import (
    Operator,
    alike,
    between,
    contains,
    prefix,
    words,
)
from strongroom.schema.search.where import Where, where
from strongroom.schema.types import Text

if TYPE_CHECKING:
    from strongroom.room.table import Table
    from strongroom.schema.table import Field

_DOTS: Final = ".."


def read_conditions(
    table: Table, given: Iterable[str], null: Iterable[str], *, negated: bool = False
) -> list[Where]:
    """Return the conditions that the arguments of a command stand for.

    Args:
        table: whose fields they are about.
        given: arguments: ``FIELD=VALUE``, ``FIELD:OPERATOR=VALUE``, ``-`` for VALUE, or without.
        null: names of fields that are to have no value.
        negated: whether the opposite of each is asked.

    Raises:
        InputError: an unknown field or operator, or a value that its field cannot hold.
    """
    plain: list[str] = []
    operators: list[str] = []
    for argument in given:
        (operators if ":" in argument.partition("=")[0] else plain).append(argument)
    asked = [where(**{name: one}) for name, one in read_values(table, plain, null).items()]
    asked += [_operator(table, argument) for argument in operators]
    return [~one for one in asked] if negated else asked


def _operator(table: Table, argument: str) -> Where:
    head, equals, text = argument.partition("=")
    name, _, word = head.partition(":")
    field = field_called(table, name)
    make = _OPERATORS.get(word)
    if make is None:
        raise InputError("an argument names no operator", hint=f"they are: {', '.join(_OPERATORS)}")

    def read(spelled: str) -> Operator:
        return make(field, spelled, f"{table.name}.{name}")

    if equals:
        found = read(read_rest() if text == STDIN else text)
    else:
        found = answer(f"{name} {word}: ", read, insist=someone_answers())
        if found is None:
            raise EndOfInputError(f"the input ended before {table.name}.{name} was given")
    return where(**{name: found})


def _between(field: Field, text: str, where_: str) -> Operator:
    low, dots, high = text.partition(_DOTS)
    if not dots:
        raise InputError(
            f"{where_}: between is written LOW..HIGH", hint="for example: 20..30, or 20.., or ..30"
        )
    declared = field.type
    if isinstance(declared, Ranged):
        declared = replace(declared, minimum=None, maximum=None)
    bounds: list[Any] = [None if one == "" else declared.parse(one, where_) for one in (low, high)]
    return between(*bounds)


def _of_text(make: Callable[[str], Operator]) -> Callable[[Field, str, str], Operator]:
    def read(field: Field, text: str, where_: str) -> Operator:
        del field
        return make(str(Text().parse(text, where_)))

    return read


_OPERATORS: Final[dict[str, Callable[[Field, str, str], Operator]]] = {
    "prefix": _of_text(prefix),
    "words": _of_text(words),
    "contains": _of_text(contains),
    "alike": _of_text(alike),
    "between": _between,
}
