"""The parts of a text by which it is found: its words and its grams.

Both read a text that `normalise` has made uniform; they change nothing in it.
"""

from __future__ import annotations

import re
from typing import Final

from strongroom.errors import InputError
from strongroom.schema.search.code_points import OTHER, kinds

GRAM: Final = 3

_WORD: Final = re.compile(b"[^%c]+" % OTHER)


def words(text: str) -> list[str]:
    """Return the distinct words of `text`, in the order in which they first appear.

    A word is a longest run of letters, marks and numbers (`code_points.is_word`). Everything else
    parts words: an apostrophe, a hyphen, a full stop, an underscore, a soft hyphen, a joiner. So
    ``o'neill`` is two words, as is ``3.5``; an emoji is none. Scripts that write no spaces, such
    as Chinese and Thai, give a word from one punctuation mark to the next: use grams for them.
    """
    found = _WORD.finditer(kinds(text))
    return list(dict.fromkeys(text[one.start() : one.end()] for one in found))


def grams(text: str, size: int = GRAM) -> list[str]:
    """Return the distinct runs of `size` code points, in the order in which they first appear.

    Args:
        text: any text; one that is shorter than `size` has no grams.
        size: code points in a gram, 1 or more.

    Raises:
        InputError: the size is below 1.
    """
    if size < 1:
        raise InputError("a gram has at least one code point")
    return list(dict.fromkeys(text[at : at + size] for at in range(len(text) - size + 1)))
