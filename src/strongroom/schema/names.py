"""Which names tables and fields may have: one rule that is safe in every database."""

from __future__ import annotations

import re
from typing import Final

from strongroom.errors import InputError

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,47}", re.ASCII)
_OURS: Final = ("record_", "strongroom_")
RULE: Final = (
    "a name starts with a-z, goes on with a-z, 0-9 and _, has at most 48 characters, and does not "
    "start with record_ or strongroom_"
)
_TAKEN: Final = frozenset({"keys"})


def check_field_name(name: object) -> str:
    """Return `name` if a field may be called so.

    Raises:
        InputError: it breaks the rule. The name is not in the message: it may be a value that
            was put in the wrong place.
    """
    if type(name) is not str or not _NAME.fullmatch(name) or name.startswith(_OURS):
        raise InputError("that is not a name for a field", hint=RULE)
    if name in _TAKEN:
        raise InputError(f"no field is called {name}", hint="dict(record) would trip over it")
    return name


def check_table_name(name: object) -> str:
    """Return `name` if a table may be called so: one name, or ``schema.table``.

    Raises:
        InputError: it breaks the rule.
    """
    parts = name.split(".", 1) if type(name) is str else [""]
    if all(_NAME.fullmatch(part) and not part.startswith(_OURS) for part in parts):
        return ".".join(parts)
    raise InputError("that is not a name for a table", hint=RULE)
