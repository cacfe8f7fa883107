"""Texts made uniform, so that spellings that should match give the same token.

Words below: *NFKC*, *NFD*, *NFC* and *casefold* are those of `normal_forms`: as in Unicode 14.0,
what it did not assign left alone; Turkish is not special. *Mark* and *decimal digit* are its
general categories Mn and Nd, from `code_points`. *White space* is its property White_Space: U+0009
to U+000D, U+0020, U+0085, U+00A0, U+1680, U+2000 to U+200A, U+2028, U+2029, U+202F, U+205F and
U+3000. So a text gives the same in every version of Python.

exact       The text as it is.

folded      NFKC(casefold(NFKC(text))), then each run of white space becomes one space, and none
            is left at either end. One pass suffices: a second changes nothing.

unaccented  Folded, then NFD, then every mark is removed, then the letters without a decomposition
            become: æ ae, ð d, ø o, þ th, đ d, ħ h, ł l, ŋ n, œ oe, ŧ t, and the dotless i
            (U+0131) i; then NFC, and white space as above. ä is a, not ae. In scripts where a
            mark is more than an accent (Thai and Indic vowels, the voicing of kana) different
            words come out as one.

digits      NFKC, then the decimal digits alone, each as its ASCII digit: ² and ① are digits, for
            NFKC makes them so; Roman numerals are not.

phone       1. NFKC; each decimal digit becomes its ASCII digit.
            2. *Front* is what stands before the first digit. Without a digit the result is empty.
            3. From the first x or X after the first digit on it is the *extension* (x12, ext. 12,
               Extension 12): its digits, or none. What stands between front and it is the *number*.
            4. The number is international if front holds a ``+`` or the number's digits begin
               with 00, and a digit other than 0 is among them. Then: the first ``(0)`` that has
               one to three digits before it, not counting zeros at the start, is left out; the
               digits without zeros at the start follow a ``+``.
            5. Otherwise the number is its digits, and equals only the same national form.
            6. If the extension has digits, an x and they follow.
            Letters other than x count for nothing. No country is ever supposed, and no other
            dialling prefix than 00 known. See ITU-T E.164 and, for ``(0)``, E.123.

email       Folded, then every space is left out, then NFC. If there is an ``@``, all full stops
            at the end are dropped from what follows the last one. Case does not count before the
            ``@`` either; plus tags and dots do, and a domain's xn-- form stays one.

All of these are idempotent, and none refuses any text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import IntEnum
from typing import Final

from strongroom.errors import InputError
from strongroom.schema.search.code_points import DECIMAL_DIGITS, MARK, kinds
from strongroom.schema.search.normal_forms import caseless, nfc, nfd, nfkc


class Normaliser(IntEnum):
    """How texts are made uniform before they are compared. Never changed, never reused.

    The number is a part of every token. What an existing one does is frozen with it.
    """

    EXACT = 0
    FOLDED = 1
    UNACCENTED = 2
    DIGITS = 3
    PHONE = 4
    EMAIL = 5

    @property
    def word(self) -> str:
        """How the command line and the catalogue call it."""
        return self.name.lower()


def normaliser_called(word: str) -> Normaliser:
    """Return the normaliser that a word names.

    Raises:
        InputError: none is called so.
    """
    for one in Normaliser:
        if one.word == word:
            return one
    raise InputError(
        "there is no such normaliser",
        hint=f"the normalisers: {', '.join(one.word for one in Normaliser)}",
    )


def normalise(normaliser: Normaliser, text: str) -> str:
    """Return `text` as the normaliser makes it, by the rules above. Never refuses a text."""
    return _RULES[normaliser](text)


_WHITE_SPACE: Final = re.compile(
    "[\u0009-\u000d\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+"
)
_LETTERS: Final = str.maketrans(
    {
        "æ": "ae",
        "ð": "d",
        "ø": "o",
        "þ": "th",
        "đ": "d",
        "ħ": "h",
        "\u0131": "i",
        "ł": "l",
        "ŋ": "n",
        "œ": "oe",
        "ŧ": "t",
    }
)
_NO_DIGIT: Final = re.compile("[^0-9]+")
_PHONE: Final = re.compile("([^0-9]*+)([0-9][^xX]*+)(.*)", re.DOTALL)
_TRUNK_ZERO: Final = re.compile(r"\A((?:0[^0-9]*+)*+[1-9](?:[^0-9]*[0-9]){0,2}?[^0-9]*)\(0\)")


def _spaced(text: str) -> str:
    return _WHITE_SPACE.sub(" ", text).strip(" ")


def _exact(text: str) -> str:
    return text


def _folded(text: str) -> str:
    return _spaced(caseless(text))


def _unaccented(text: str) -> str:
    apart = nfd(_folded(text))
    bare = "".join(one for one, kind in zip(apart, kinds(apart), strict=True) if kind != MARK)
    # Marks stood between what may now meet: two spaces, or a Hangul consonant and its vowel.
    return _spaced(nfc(bare.translate(_LETTERS)))


def _with_ascii_digits(text: str) -> str:
    plain = nfkc(text)
    return "".join(
        chr(kind) if kind in DECIMAL_DIGITS else one
        for one, kind in zip(plain, kinds(plain), strict=True)
    )


def _digits(text: str) -> str:
    return _NO_DIGIT.sub("", _with_ascii_digits(text))


def _phone(text: str) -> str:
    parts = _PHONE.fullmatch(_with_ascii_digits(text))
    if parts is None:
        return ""
    front, number, rest = parts.groups()
    extension = _NO_DIGIT.sub("", rest)
    return _number(front, number) + (extension and f"x{extension}")


def _number(front: str, number: str) -> str:
    digits = _NO_DIGIT.sub("", number)
    international = "+" in front or digits.startswith("00")
    if not international or not digits.strip("0"):
        return digits
    # No country code begins with 0: the zeros are the 00, or stand there by mistake.
    return "+" + _NO_DIGIT.sub("", _TRUNK_ZERO.sub(r"\1", number, count=1)).lstrip("0")


def _email(text: str) -> str:
    # Without the space that held it apart, a mark may compose with the letter before it.
    whole = nfc(_folded(text).replace(" ", ""))
    name, at, domain = whole.rpartition("@")
    return f"{name}@{domain.rstrip('.')}" if at else whole


_RULES: Final[dict[Normaliser, Callable[[str], str]]] = {
    Normaliser.EXACT: _exact,
    Normaliser.FOLDED: _folded,
    Normaliser.UNACCENTED: _unaccented,
    Normaliser.DIGITS: _digits,
    Normaliser.PHONE: _phone,
    Normaliser.EMAIL: _email,
}
