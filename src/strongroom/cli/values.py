"""What a person gives for the fields of a record: `FIELD=VALUE`, `FIELD=-`, `FIELD`, `--null`.

    FIELD=VALUE   the value, as the field's type spells it; an empty text where VALUE is empty
    FIELD=-       the value is the whole standard input, without one newline at its end
    FIELD         asked for, so that the value is in no history and no list of processes

No message repeats an argument: it may be part of a name that was not quoted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

from strongroom.cli.terminal import EndOfInputError, notice, read_line, read_rest, someone_answers
from strongroom.errors import InputError

if TYPE_CHECKING:
    from strongroom.room.table import Table
    from strongroom.schema.table import Field

STDIN: Final = "-"
_QUOTE: Final = "write FIELD=VALUE, and quote what holds spaces: name='Ada Lovelace'"
_INTEGER: Final = re.compile(r"0|-?[1-9][0-9]{0,18}")


def read_values(
    table: Table, given: Iterable[str], null: Iterable[str] = (), *, ask_required: bool = False
) -> dict[str, Any]:
    """Return the values that the arguments of a command stand for, checked by their fields.

    Args:
        table: whose fields they are.
        given: arguments: ``FIELD=VALUE``, ``FIELD=-`` or ``FIELD``.
        null: names of fields that are to have no value.
        ask_required: whether to ask for each required field that is not among them.

    Raises:
        InputError: an unknown field, one given twice, or a value that breaks its field's rule.
    """
    texts = _texts(table, given)
    values: dict[str, Any] = {}
    for name in null:
        field = field_called(table, name)
        if name in values or name in texts:
            raise InputError(f"{table.name}.{name} is given twice")
        values[name] = field.type.check(None, f"{table.name}.{name}")
    if ask_required:
        for field in table.fields:
            if not field.type.optional and field.name not in values:
                texts.setdefault(field.name, None)
    # Everything in the arguments is checked before anyone is asked for the rest.
    for name, text in texts.items():
        if text is not None and text != STDIN:
            values[name] = field_called(table, name).type.parse(text, f"{table.name}.{name}")
    for field in table.fields:
        if field.name in texts and field.name not in values:
            from_stdin = texts[field.name] == STDIN
            values[field.name] = _whole(table, field) if from_stdin else ask(table, field)
    return values


def _texts(table: Table, given: Iterable[str]) -> dict[str, str | None]:
    texts: dict[str, str | None] = {}
    for argument in given:
        name, equals, text = argument.partition("=")
        field_called(table, name)
        if name in texts:
            raise InputError(f"{table.name}.{name} is given twice")
        texts[name] = text if equals else None
    if sum(text == STDIN for text in texts.values()) > 1:
        raise InputError(
            "only one field can be read from the standard input",
            hint="leave out the values of the others, and they are asked for",
        )
    return texts


def field_called(table: Table, name: str) -> Field:
    """Return the field that an argument names.

    Raises:
        InputError: there is none. The argument is not repeated.
    """
    for field in table.fields:
        if field.name == name:
            return field
    known = ", ".join(field.name for field in table.fields)
    raise InputError(
        f"an argument names no field of {table.name}", hint=f"its fields are: {known}; {_QUOTE}"
    )


def _whole(table: Table, field: Field) -> Any:  # noqa: ANN401  # the field's own type
    return field.type.parse(read_rest(), f"{table.name}.{field.name}")


def ask(table: Table, field: Field) -> Any:  # noqa: ANN401  # the field's own type
    """Ask for one value until it is one: on a terminal again and again, of a pipe once.

    Raises:
        EndOfInputError: the input ended.
        InputError: a piped value breaks its field's rule: what follows may belong elsewhere.
    """
    where = f"{table.name}.{field.name}"
    value = answer(
        f"{field.name}: ", lambda text: field.type.parse(text, where), insist=someone_answers()
    )
    if value is None:
        raise EndOfInputError(f"the input ended before {where} was given")
    return value


def answer(question: str, read: Callable[[str], Any], *, insist: bool) -> Any:  # noqa: ANN401
    """Ask and return what `read` makes of the answer, or None at the end of the input.

    Args:
        question: what to ask.
        read: makes a value of a text, or raises InputError.
        insist: whether to say why an answer was not taken, and to ask again.

    Raises:
        InputError: the answer was not taken, and `insist` is false.
    """
    while True:
        try:
            text = read_line(question)
            return None if text is None else read(text)
        except InputError as error:
            if not insist:
                raise
            notice(f"{error}" + (f" ({error.hint})" if error.hint else ""))


def read_key(text: str) -> int:
    """Return the primary key that an argument spells.

    Raises:
        InputError: it is no number.
    """
    if _INTEGER.fullmatch(text) is None:
        raise InputError("ID must be a whole number", hint="for example: strongroom get users 1")
    return int(text)
