"""What `strongroom` does without arguments: people in by name and age, then everyone out.

    Name (exit to finish): Ada Lovelace
    Age: 36

The same when the input is piped, but for the questions, which are not written then. A record is
stored when both of its answers are there and right; whatever ends the dialogue in between stores
nothing of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from strongroom.cli import exits
from strongroom.cli.opening import opened
from strongroom.cli.settings import Options
from strongroom.cli.terminal import notice, someone_answers
from strongroom.cli.values import answer
from strongroom.errors import InputError

if TYPE_CHECKING:
    from strongroom.room.table import Table

TABLE: Final = "users"
NAME: Final = "name"
AGE: Final = "age"
EXIT: Final = "exit"

_NAME_QUESTION: Final = "Name (exit to finish): "
_AGE_QUESTION: Final = "Age: "


def dialogue(options: Options) -> None:
    """Ask for people until `exit` or the end of the input, then show everyone.

    Raises:
        StrongroomError: the store or its table cannot be used.
    """
    with opened(options, create=True) as room:
        users = room.table(TABLE)
        _check(users)
        try:
            _enter(users)
        except KeyboardInterrupt:
            notice("\ninterrupted: everyone entered so far is stored")
            exits.stop(exits.INTERRUPTED)
        if someone_answers():
            notice("")
        everyone(users, options)


def everyone(table: Table, options: Options) -> None:
    """Show every record of a table, going on past broken ones."""
    from strongroom.cli.listing import listed  # noqa: PLC0415

    listed(table, table.all(), options)


def _check(users: Table) -> None:
    """Refuse a table of that name which was declared for something else."""
    required = {field.name for field in users.fields if not field.type.optional}
    if not {NAME, AGE} <= {field.name for field in users.fields} or required - {NAME, AGE}:
        raise InputError(
            f"the table {TABLE} has other fields than {NAME} and {AGE}",
            hint=f"enter people with: strongroom add {TABLE}",
        )


def _enter(users: Table) -> None:
    fields = {field.name: field for field in users.fields}

    def name_of(text: str) -> Any:  # noqa: ANN401  # the field's own type
        if not text.strip():
            raise InputError(f"{users.name}.{NAME} must not be empty")
        return fields[NAME].type.parse(text, f"{users.name}.{NAME}")

    def age_of(text: str) -> Any:  # noqa: ANN401  # the field's own type
        return fields[AGE].type.parse(text, f"{users.name}.{AGE}")

    while True:
        name = answer(_NAME_QUESTION, name_of, insist=True)
        if name is None or name.strip().lower() == EXIT:
            return
        age = answer(_AGE_QUESTION, age_of, insist=True)
        if age is None:
            notice("the input ended before the age: nothing was stored for the last name")
            return
        stored = users.add(**{NAME: name, AGE: age})
        if someone_answers():
            notice(f"stored as {users.name} {stored}")
