"""What each normaliser makes of examples, written out by hand from its rule."""

from __future__ import annotations

from typing import Final

from strongroom.schema.search.normalise import Normaliser
from tests.schema.search.texts import NEWER, NEWER_MARK

SALAM = (
    "\u0635\u0644\u0649 \u0627\u0644\u0644\u0647 \u0639\u0644\u064a\u0647 \u0648\u0633\u0644\u0645"
)
DEVELOPER = "\N{WOMAN}\u200d\N{PERSONAL COMPUTER}"

FOLDED = {
    "": "",
    " \t\n": "",
    "Hello,  World": "hello, world",
    "\u2003A\u00a0\u3000B\u2028": "a b",
    "a\u001cb": "a\u001cb",  # Python calls it white space; Unicode does not
    "Stra\u00dfe": "strasse",
    "STRA\u1e9eE": "strasse",
    "I": "i",
    "\u0131": "\u0131",  # dotless i stays apart
    "\u0130": "i\u0307",
    "e\u0301": "\u00e9",
    "\u00c9": "\u00e9",
    "\ufb03": "ffi",
    "\uff11\uff12": "12",
    "\u0661": "\u0661",  # an Arabic digit is no compatibility form of an ASCII one
    "\u1100\u1161\u11a8": "\uac01",  # Hangul jamo
    "\uff76\uff9e": "\u30ac",  # halfwidth katakana
    "\u03a3\u03c2": "\u03c3\u03c3",
    "\u0345": "\u03b9",
    "\u1fbc": "\u03b1\u03b9",
    "\ufdfa": SALAM,
    "\u212a\u212b": "k\u00e5",
    "\u13a0\uab70": "\u13a0\u13a0",  # Cherokee folds to capitals
    DEVELOPER: DEVELOPER,
    NEWER: NEWER,
    f"\u0316{NEWER_MARK}\u0301": f"\u0316{NEWER_MARK}\u0301",
    f"E{NEWER_MARK}\u0301": f"e{NEWER_MARK}\u0301",  # what is not known parts what is
    "\ua7d2": "\ua7d2",  # not assigned before Unicode 17
    "\ud800A": "\ud800a",
}

UNACCENTED = {
    "\u00c9t\u00e9": "ete",
    "M\u00fcller": "muller",
    "\u00c5ngstr\u00f6m": "angstrom",
    "\u0141\u00f3d\u017a": "lodz",
    "S\u00f8rensen": "sorensen",
    "\u01ff\u01fd": "oae",
    "\u0110or\u0111e": "dorde",
    "\u00c6r\u00f8": "aero",
    "\u00deing": "thing",
    "\u00f0": "d",
    "\u0126al": "hal",
    "\u0152uvre": "oeuvre",
    "\u014ba\u0167": "nat",
    "I\u0131\u0130i": "iiii",
    "Stra\u00dfe": "strasse",
    "a \u0308 b": "a b",
    "\u00a8x": "x",
    "\u1100\u0301\u1161": "\uac00",  # the mark goes, and the jamo meet
    "\u0645\u064e": "\u0645",  # Arabic without its vowel signs
    "\u30ac": "\u30ab",
    "\u0439": "\u0438",
    f"{NEWER}\u00e9": f"{NEWER}e",
    NEWER_MARK: NEWER_MARK,
}

DIGITS = {
    "": "",
    "none": "",
    "DE89 3704-0044": "8937040044",
    "\uff11\uff12": "12",
    "\u0661\u06f2\u0967": "121",
    "\u00b2\u2460\u00bd": "2112",
    "\u2163": "",  # Roman numeral four is IV
    "\U0001e4f1": "",  # Nag Mundari digit one
    "\U0001d7ce\U0001d7ff": "09",
}

PHONE = {
    "": "",
    "+": "",
    "call me": "",
    "+49 30 123456": "+4930123456",
    "+49 (0)30 123456": "+4930123456",
    "+49(0)30/123-456": "+4930123456",
    "0049 30 123456": "+4930123456",
    "0049 (0) 30 123456": "+4930123456",
    "(+49) 30.123456": "+4930123456",
    "(0049) 30 123456": "+4930123456",
    "Tel.: +49 30 123456": "+4930123456",
    "\uff0b\uff14\uff19 30 123456": "+4930123456",
    "+\u0664\u0669 30 123456": "+4930123456",
    "+0049 30 123456": "+4930123456",
    "+1 (202) 555-0100": "+12025550100",
    "+353 (0)1 234 5678": "+35312345678",
    "+3531 (0)23": "+3531023",  # four digits are no country code
    "+39 06 1234": "+39061234",  # the zero of an Italian number is a part of it
    "+44 20 7946 (0)000": "+442079460000",
    "+44 (0)(0)20": "+44020",
    "030 123456": "030123456",
    "(030) 123456": "030123456",
    "(0)30 123456": "030123456",
    "202-555-0100": "2025550100",
    "49 30 + 123456": "4930123456",
    "+49 30 123456 ext. 12": "+4930123456x12",
    "+49 30 123456 x12": "+4930123456x12",
    "+49 30 123456 X 1-2": "+4930123456x12",
    "030 123 x": "030123",
    "Fax: 030 123": "030123",
    "x12": "12",
    "1 x 2 x 3": "1x23",
    "1-800-FLOWERS": "1800",
    "000": "000",
    "+000": "000",
    "00": "00",
    "0 0 49": "+49",
    "+49 (0)": "+49",
    "+(0)49": "+49",
}

EMAIL = {
    "": "",
    " Ada@Example.ORG ": "ada@example.org",
    "ada@example.org.": "ada@example.org",
    "ada@example.org..": "ada@example.org",
    "ada+news@example.org": "ada+news@example.org",
    "a.d.a@example.org": "a.d.a@example.org",
    "a d a @ example . org": "ada@example.org",
    '"a@b."@Example.org.': '"a@b."@example.org',
    "nobody.": "nobody.",
    "a@.": "a@",
    "@": "@",
    "ada\uff20example.org": "ada@example.org",
    "STRA\u00dfE@b.de": "strasse@b.de",
    "a@xn--Strae-oqa.de": "a@xn--strae-oqa.de",
    "e\u00b4@b.de": "\u00e9@b.de",  # NFKC of U+00B4 is a space and a mark
}

EXAMPLES: Final = {
    Normaliser.EXACT: {"": "", " \u00c9e\u0301": " \u00c9e\u0301"},
    Normaliser.FOLDED: FOLDED,
    Normaliser.UNACCENTED: UNACCENTED,
    Normaliser.DIGITS: DIGITS,
    Normaliser.PHONE: PHONE,
    Normaliser.EMAIL: EMAIL,
}
