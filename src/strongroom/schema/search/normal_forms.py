"""The normalisation forms of UAX #15 and case folding, as Unicode 14.0 has them for any text.

Each works on every stretch of code points that Unicode 14.0 assigned, by itself, and leaves the
others alone. That is what a database of Unicode 14.0 gives for the whole text: to it a code point
that is not assigned neither decomposes, nor composes, nor is put in order. And it is the same in
every later version, by the stability policies for normalisation and for case folding
(https://www.unicode.org/policies/stability_policy.html).

Python orders marks in a time that grows with the square of their number: a hundred thousand of
them take seconds. So those of a long text are put in order here first, which changes no result.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Final, Literal, TypeAlias

from strongroom.schema.search.code_points import split

_Form: TypeAlias = Literal["NFC", "NFD", "NFKC", "NFKD"]

_LONG: Final = 1000


def nfc(text: str) -> str:
    """Return the canonical composition."""
    return _in_stretches(lambda run: _normalised("NFC", run), text)


def nfd(text: str) -> str:
    """Return the canonical decomposition."""
    return _in_stretches(lambda run: _normalised("NFD", run), text)


def nfkc(text: str) -> str:
    """Return the compatibility composition."""
    return _in_stretches(lambda run: _normalised("NFKC", run), text)


def caseless(text: str) -> str:
    """Return NFKC(casefold(NFKC(text))), casefold by CaseFolding.txt, its statuses C and F.

    Once suffices: the tests find no code point and no string that a second time changes.
    """
    return _in_stretches(_caseless, text)


def _in_stretches(change: Callable[[str], str], text: str) -> str:
    return "".join(change(run) if assigned else run for assigned, run in split(text))


def _caseless(run: str) -> str:
    return _normalised("NFKC", _normalised("NFKC", run).casefold())


def _normalised(form: _Form, run: str) -> str:
    if len(run) > _LONG and not run.isascii():
        run = _in_order("NFKD" if form.startswith("NFK") else "NFD", run)
    return unicodedata.normalize(form, run)


def _in_order(form: _Form, run: str) -> str:
    """Decompose, and sort each run of marks by combining class: steps 1 and 2 of any form.

    `sorted` is stable, as the Canonical Ordering Algorithm is (Unicode, D109).
    """
    apart = run.translate({ord(one): unicodedata.normalize(form, one) for one in set(run)})
    marks = "".join(filter(unicodedata.combining, set(apart)))
    if not marks:
        return apart
    return re.sub(
        f"[{re.escape(marks)}]{{2,}}",
        lambda found: "".join(sorted(found[0], key=unicodedata.combining)),
        apart,
    )
