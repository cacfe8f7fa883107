"""How other libraries spell values in the text that they encrypt, where strongroom's differs.

                    written                       by                             strongroom
    boolean         true, false                   SQLAlchemy-Utils               the same
                    True (False was never kept)   django-fernet-encrypted-fields true, false
    decimal         Decimal('1.50')               SQLAlchemy-Utils               1.50
                    1.50, 1E-7                    the Django field packages      1.50, 0.0000001
    datetime        2024-02-29T13:05:00           SQLAlchemy-Utils               the same
                    2024-02-29 13:05:00+00:00     the Django field packages      read as it is

Integers, floats, dates and JSON are spelled as strongroom reads them. A column of bare Fernet
tokens holds bytes, which are text in every field but one of bytes.
"""

from __future__ import annotations

import decimal
import re
from typing import Final, TypeAlias

from strongroom.crypto.decrepit.constant_pickle import Constant
from strongroom.crypto.decrepit.stored import utf8
from strongroom.errors import DecryptionError

Opened: TypeAlias = Constant

_TRUTH: Final = {"True": "true", "False": "false"}
_DECIMAL: Final = re.compile(r"-?[0-9]{1,1000}(?:\.[0-9]{1,1000})?(?:E[+-][0-9]{1,4})?")
_DECIMAL_CALL: Final = re.compile(r"Decimal\('([^']*)'\)")


def fit(opened: Opened, type_name: str) -> Opened:
    """Return an opened value as the declared field takes it.

    Args:
        opened: what `Scheme.open` returned.
        type_name: the word of the field's type: text, integer, decimal, bytes and so on.

    Returns:
        A text in strongroom's spelling, for the type to parse; or a value of another type, for it
        to check. What the type cannot hold is not judged here.

    Raises:
        DecryptionError: bytes that are no UTF-8, in a field of another type than bytes.
    """
    if type(opened) is bytes and type_name != "bytes":
        text = utf8(opened)
        if text is None:
            raise DecryptionError
        opened = text
    if type(opened) is not str:
        return opened
    if type_name == "boolean":
        return _TRUTH.get(opened, opened)
    if type_name == "decimal":
        return _decimal(opened)
    return opened


def _decimal(text: str) -> Opened:
    """Return the number that Python's str or repr spells; another text as it is."""
    call = _DECIMAL_CALL.fullmatch(text)
    digits = call[1] if call else text
    return decimal.Decimal(digits) if _DECIMAL.fullmatch(digits) else text
