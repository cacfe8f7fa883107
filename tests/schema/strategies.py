"""Values of every type, and bytes that come close to them, for the property tests."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any, Final

from hypothesis import strategies as st

from strongroom.schema.values import Tag

TEXTS: Final = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
INTEGERS: Final = st.one_of(
    st.integers(-300, 300),
    st.integers(-(2**4095), 2**4095 - 1),
    st.builds(
        lambda power, step, sign: sign * (2**power + step),
        st.integers(0, 4094),
        st.integers(-1, 0),
        st.sampled_from([1, -1]),
    ),
)
DECIMALS: Final = st.builds(
    lambda sign, digits, exponent: Decimal((sign, digits, exponent)),
    st.integers(0, 1),
    st.one_of(
        st.just((0,)),
        st.lists(st.integers(0, 9), min_size=1, max_size=60).map(tuple),
        st.lists(st.integers(0, 9), min_size=1000, max_size=1000).map(tuple),
    ),
    st.one_of(st.integers(-6, 6), st.integers(-6144, 6144)),
)
FLOATS: Final = st.floats(allow_nan=True, allow_infinity=True)
NAIVE: Final = st.datetimes().map(lambda at: at.replace(fold=0))
OFFSETS: Final = st.integers(-86_399, 86_399).map(
    lambda seconds: dt.timezone(dt.timedelta(seconds=seconds))
)
ZONED: Final = st.builds(lambda at, zone: at.replace(tzinfo=zone), NAIVE, OFFSETS)
JSON_LEAVES: Final = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    INTEGERS,
    st.sampled_from([0.0, -0.0, 1.0, 1e15, 1e16, 1e-4, 1e-5]),
    st.floats(allow_nan=False, allow_infinity=False),
    TEXTS,
)
JSON: Final = st.recursive(
    JSON_LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=12,
)
VALUES: Final[dict[Tag, st.SearchStrategy[Any]]] = {
    Tag.TEXT: TEXTS,
    Tag.INTEGER: INTEGERS,
    Tag.DECIMAL: DECIMALS,
    Tag.DATE: st.dates(),
    Tag.DATETIME: NAIVE,
    Tag.ZONED_DATETIME: ZONED,
    Tag.BOOLEAN: st.booleans(),
    Tag.BYTES: st.binary(max_size=40),
    Tag.JSON: JSON,
    Tag.FLOAT: FLOATS,
}

_JSON_SCRAPS: Final = st.lists(
    st.sampled_from(
        [*'[]{}",:\\-+.eE019 \n', "null", "true", "false", "NaN", '"a"', "\\u00", "1.0", "1e+16"]
    ),
    max_size=8,
).map(lambda scraps: "".join(scraps).encode())
_JSON_OF_OTHERS: Final = st.builds(
    lambda value, ascii_only, sort, comma: json.dumps(
        value, ensure_ascii=ascii_only, sort_keys=sort, separators=(comma, ":")
    ).encode(),
    JSON,
    st.booleans(),
    st.booleans(),
    st.sampled_from([",", ", "]),
)
_NANS: Final = st.integers(0x7FF0_0000_0000_0000, 0x7FFF_FFFF_FFFF_FFFF).map(
    lambda bits: bits.to_bytes(8)
)
_SMALL: Final = st.lists(st.sampled_from([0x00, 0x01, 0x7F, 0x80, 0xFF]), max_size=9).map(bytes)


def _fixed(size: int, largest: int) -> st.SearchStrategy[bytes]:
    """Signed numbers of which a good part is in range."""
    return st.integers(-largest, largest).map(lambda number: number.to_bytes(size, signed=True))


_MICROSECONDS: Final = _fixed(8, 300_000_000_000_000_000)
BYTES: Final[dict[Tag, st.SearchStrategy[bytes]]] = {
    Tag.TEXT: st.one_of(st.binary(max_size=6), _SMALL),
    Tag.INTEGER: st.one_of(st.binary(max_size=6), _SMALL),
    Tag.DECIMAL: st.builds(
        lambda sign, exponent, coefficient: sign + exponent + coefficient,
        st.sampled_from([b"\x00", b"\x01", b"\x02"]),
        _fixed(4, 7000),
        _SMALL,
    ),
    Tag.DATE: _fixed(4, 3_000_000),
    Tag.DATETIME: _MICROSECONDS,
    Tag.ZONED_DATETIME: st.builds(
        lambda moment, offset: moment + offset, _MICROSECONDS, _fixed(4, 90_000)
    ),
    Tag.BOOLEAN: st.lists(st.integers(0, 2), max_size=2).map(bytes),
    Tag.BYTES: st.binary(max_size=6),
    Tag.JSON: st.one_of(_JSON_SCRAPS, _JSON_OF_OTHERS),
    Tag.FLOAT: st.one_of(st.binary(min_size=8, max_size=8), _NANS),
}
