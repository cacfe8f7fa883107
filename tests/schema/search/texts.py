"""Texts that normalisation has reason to change, for the properties of what searches by them."""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st

NEWER: Final = "\U0001e4d0"  # Nag Mundari letter O, Unicode 15.0
NEWER_MARK: Final = "\U0001e4ec"  # Nag Mundari sign mujjiya, Unicode 15.0, a mark of class 232

_MOVING: Final = (
    "aAeEiIoOsSkKxX \u0131\u0130\u00df\u1e9e\u017f\u212a\u00c5\u212b\u03c2\u03a3\u0345\u1fb3\u1fbc"
    "\u0390\u1fd3\u0149\u01f0\ufb01\ufb03\ufdfa\u00b4\u00a8\u037a\u2474\u00bd\u00b2"
    "\uff21\uff11\uff0b\uff20\u0301\u0308\u0327\u0323\u0307\u0316\u0338\u20d0\u3099\u304b\u30f1\uff76\uff9e"
    "\u1100\u1161\u11a8\uac00\u0645\u064e\u0661\u09c7\u09be\u0e33\u0f73\u13a0\uab70"
    "\u00e6\u01fd\u00f8\u01ff\u0142\u0111\u00fe\u00f0\u00a0\u1680\u2003\u2028\u3000\u0085\t\n"
    "\u200d\ufe0f\N{WOMAN}\N{PERSONAL COMPUTER}+()0012349@.-/'"
)
_CODE_POINTS: Final = st.one_of(
    st.sampled_from(_MOVING + NEWER + NEWER_MARK),
    st.characters(),  # no surrogates
    st.integers(0, 0x10FFFF).map(chr),  # all of them
)

TEXTS: Final = st.text(_CODE_POINTS, max_size=24)
