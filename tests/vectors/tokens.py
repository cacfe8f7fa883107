"""Tokens of blind indexes: the MAC's every input, and whole records of every kind of index.

What is looked up for a value, and how many fillers go with it, is written out by hand from
docs/format.md; the oracle makes the tokens of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from tests import oracle
from tests.vectors.setting import Vector, fixed

KINDS: Final = ("exact", "compound", "prefix", "words", "trigram", "range")
BITS: Final = (
    *(1, 2, 3, 7, 8, 9, 13, 15, 16, 17, 24, 31, 32, 33, 63, 64, 65, 100, 127, 128, 129, 191, 192),
    *(255, 256),
)
INDEX_KEY: Final = fixed("index key", 32)
STORE: Final = fixed("store", 16)
INDEX: Final = 0x0A0B0C0D
ADA: Final = b"\1ada"


def token(  # noqa: PLR0913  # all that a token depends on
    name: str,
    *,
    kind: int = 1,
    normaliser: int = 0,
    partition: int = 0,
    parts: tuple[bytes, ...] = (ADA,),
    bits: int = 128,
    index: int = INDEX,
    store: bytes = STORE,
    index_key: bytes = INDEX_KEY,
) -> Vector:
    key = oracle.derive(index_key, store, "index", index)
    made = oracle.token(key, (kind, normaliser, partition), list(parts), bits)
    return {
        "name": name,
        "index_key": index_key.hex(),
        "store": store.hex(),
        "index": index,
        "kind": kind,
        "normaliser": normaliser,
        "partition": partition,
        "parts": [one.hex() for one in parts],
        "bits": bits,
        "token": made.hex(),
    }


def tokens() -> Iterator[Vector]:
    for bits in BITS:
        yield token(f"{bits} bits", bits=bits)
    for kind, name in enumerate(KINDS, start=1):
        yield token(f"kind {kind}, {name}", kind=kind)
    for normaliser in (*range(1, 6), 0x0100, 0xFFFF):
        yield token(f"normaliser {normaliser}", normaliser=normaliser)
    for partition in (1, 2, 63, 255):
        yield token(f"partition {partition}", partition=partition)
    yield token("an empty part", parts=(b"",))
    yield token("two parts", kind=2, parts=(ADA, b"\7\1"))
    yield token("the same bytes, parted elsewhere", kind=2, parts=(ADA + b"\7", b"\1"))
    yield token("eight parts", kind=2, parts=tuple(b"\1" + b"x" * count for count in range(8)))
    yield token("a long part", parts=(b"\1" + b"long " * 1_000,))
    for index in (1, 0xFFFF_FFFF):
        yield token(f"index {index}", index=index)
    yield token("another store", store=bytes(16))
    yield token("another index key", index_key=bytes(32))


def partitions() -> Iterator[Vector]:
    key = oracle.derive(INDEX_KEY, STORE, "index", INDEX)
    for columns in ((1,), (2,), (1 << 62,), ("Ada",), ("a", b"b", -2)):
        name = oracle.identity(*columns)
        for count in (1, 2, 3, 7, 64):
            yield {
                "name": f"{columns} of {count}",
                "index_key": INDEX_KEY.hex(),
                "store": STORE.hex(),
                "index": INDEX,
                "identity": name.hex(),
                "partitions": count,
                "partition": oracle.partition(key, name, count),
            }


def fillers() -> Iterator[Vector]:
    key = oracle.derive(INDEX_KEY, STORE, "index", INDEX)
    for columns in ((1,), ("Ada",), ("a", b"b", -2)):
        name = oracle.identity(*columns)
        for number, bits in ((0, 64), (1, 64), (255, 13), (256, 1), (1 << 24, 256)):
            yield {
                "name": f"{columns}, number {number}",
                "index_key": INDEX_KEY.hex(),
                "store": STORE.hex(),
                "index": INDEX,
                "identity": name.hex(),
                "number": number,
                "bits": bits,
                "token": oracle.filler(key, name, number, bits).hex(),
            }


Field = tuple[str, int, bytes | None]
"""How a field is declared, its normaliser, and its value: tag ‖ canonical bytes."""


def indexed(  # noqa: PLR0913  # all that a record's tokens depend on
    name: str,
    kind: str,
    fields: list[Field],
    terms: Sequence[tuple[bytes, ...]],
    fillers: int = 0,
    *,
    bits: int = 64,
    partitions: int = 1,
    **options: Any,
) -> Vector:
    key, identity = oracle.derive(INDEX_KEY, STORE, "index", INDEX), oracle.identity(7)
    drawn = oracle.partition(key, identity, partitions) if terms else 0
    # Of several fields each may have a normaliser of its own, and their token names none.
    head = (KINDS.index(kind) + 1, 0 if kind == "compound" else fields[0][1], drawn)
    index = {
        "id": INDEX,
        "name": "made",
        "kind": kind,
        "key": 0x01020304,
        "parts": [[number, field[1]] for number, field in enumerate(fields, start=1)],
        "bits": bits,
        "partitions": partitions,
        "unique": False,
        "lengths": options.get("lengths", []),
        "phase": "active",
        "replaces": 0,
        "accepted": "",
    }
    return {
        "name": name,
        "index_key": INDEX_KEY.hex(),
        "store": STORE.hex(),
        "identity": identity.hex(),
        "index": index | ({"span": options["span"]} if "span" in options else {}),
        "fields": [declared for declared, _, _ in fields],
        "values": [None if value is None else value.hex() for _, _, value in fields],
        "terms": [[part.hex() for part in term] for term in terms],
        "fillers": fillers,
        "tokens": [oracle.token(key, head, list(term), bits).hex() for term in terms]
        + [oracle.filler(key, identity, number, bits).hex() for number in range(fillers)],
    }


def texts(*found: str) -> list[tuple[bytes, ...]]:
    return [(b"\1" + one.encode(),) for one in found]


def intervals(*found: tuple[int, int]) -> list[tuple[bytes, ...]]:
    return [(oracle.be(level, 1) + oracle.be(number, 8),) for level, number in found]


def text(value: str, normaliser: int = 0, field: str = "text") -> Field:
    return field, normaliser, b"\1" + value.encode()


def equal() -> Iterator[Vector]:
    yield indexed("exact text", "exact", [text("Ada")], texts("Ada"))
    yield indexed("exact text, empty", "exact", [text("")], texts(""))
    yield indexed("exact text, missing", "exact", [("text", 0, None)], [])
    yield indexed("exact integer", "exact", [("integer", 0, b"\2\x24")], [(b"\2\x24",)])
    yield indexed("exact, 13 bits", "exact", [text("Ada")], texts("Ada"), bits=13)
    yield indexed("exact, 9 partitions", "exact", [text("Ada")], texts("Ada"), partitions=9)
    forms = (
        (1, "  ADA \tStraße\n", "ada strasse"),
        (2, "Éva Ørsted-Þór", "eva orsted-thor"),
        (3, "ID ١٢-³④", "1234"),
        (4, "+44 (0)20 7946 0018 ext. 9", "+442079460018x9"),
        (5, " Ada@Example.ORG. ", "ada@example.org"),
    )
    for normaliser, given, made in forms:
        name = f"exact under normaliser {normaliser}"
        yield indexed(name, "exact", [text(given, normaliser)], texts(made))
    ward: Field = ("integer", 0, b"\2\x0c")
    smoker: Field = ("boolean", 0, b"\7\1")
    yield indexed("compound", "compound", [ward, smoker], [(b"\2\x0c", b"\7\1")])
    three = [ward, text("ADA", 1), smoker]
    whole = [(b"\2\x0c", b"\1ada", b"\7\1")]
    yield indexed("compound with a folded text", "compound", three, whole, partitions=4)
    gone: Field = ("boolean", 0, None)
    yield indexed("compound, one missing", "compound", [ward, gone], [])


def begun() -> Iterator[Vector]:
    def prefix(
        name: str, value: str, found: list[str], fillers: int, field: str = "text"
    ) -> Vector:
        given, lengths = [text(value, 1, field)], [2, 3, 4, 6]
        return indexed(name, "prefix", given, texts(*found), fillers, lengths=lengths)

    yield prefix("prefix", "Lovelace", ["lo", "lov", "love", "lovela"], 0)
    yield prefix("prefix of a short text", "Ada", ["ad", "ada"], 2)
    yield prefix("prefix of nothing", "", [], 4)
    yield prefix("prefix, longer when folded", "ßa", ["ss", "ssa"], 2)
    yield indexed("prefix, missing", "prefix", [("text", 1, None)], [], lengths=[2])


def within() -> Iterator[Vector]:
    def words(name: str, value: str, found: list[str], fillers: int, field: str = "text") -> Vector:
        return indexed(name, "words", [text(value, 1, field)], texts(*found), fillers)

    # Up to 14 bytes share a cell's length, then up to 30: ⌈14 / 4⌉ = 4 tokens, then ⌈30 / 4⌉ = 8.
    yield words("words of 14 bytes", "Ada O'Neill Jr", ["ada", "o", "neill", "jr"], 0)
    yield words("words of 15 bytes", "Ada O'Neill Jr.", ["ada", "o", "neill", "jr"], 4)
    yield words("words, one twice", "Ada ada ADA", ["ada"], 3)
    yield words("words, none", "...", [], 4)
    yield words("words, more than usual", "a b c d e", ["a", "b", "c", "d", "e"], 3)
    # Padded to 64 bytes: 69 of plaintext with tag and length, as everything from 0 to 64 bytes.
    yield words("words, padded", "Ada", ["ada"], 15, "text,pad=64")
    yield words("words, padded to a second step", "x" * 65, ["x" * 65], 31, "text,pad=64")

    def grams(name: str, value: str, found: list[str], fillers: int, field: str = "text") -> Vector:
        return indexed(name, "trigram", [text(value, 1, field)], texts(*found), fillers)

    yield grams("trigrams", "Ada L", ["ada", "da ", "a l"], 9)
    yield grams("trigrams, one twice", "nananana", ["nan", "ana"], 10)
    yield grams("trigrams of two characters", "Al", [], 12)
    yield grams("trigrams, padded", "Ada", ["ada"], 61, "text,pad=64")
    long = "abcdefghijklmn"
    yield grams("trigrams of 14 bytes", long, [long[at : at + 3] for at in range(12)], 0)
    swollen = "\ufdfa"  # three bytes, of which NFKC makes eighteen characters
    made = "صلى الله عليه وسلم"
    found = [made[at : at + 3] for at in range(16)]
    yield grams("trigrams, more than usual", swollen, found, 8)


def between() -> Iterator[Vector]:
    def laid(word: str, least: str, most: str, step: str, fanout: int) -> dict[str, Any]:
        return {"type": word, "minimum": least, "maximum": most, "step": step, "fanout": fanout}

    ages = laid("integer", "0", "150", "1", 4)
    for value, data, position in ((0, b"\2\0", 1), (36, b"\2\x24", 37), (150, b"\2\0\x96", 151)):
        # 151 steps and 2 more make 153 positions: 39, 10, 3 intervals above, and then it is done.
        nodes = intervals(*((level, position // 4**level) for level in range(4)))
        yield indexed(f"range, {value}", "range", [("integer", 0, data)], nodes, span=ages)
    below = intervals((0, 0), (1, 0), (2, 0), (3, 0))
    yield indexed("range, below", "range", [("integer", 0, b"\2\xff")], below, span=ages)
    above = intervals((0, 152), (1, 38), (2, 9), (3, 2))
    yield indexed("range, above", "range", [("integer", 0, b"\2\0\x97")], above, span=ages)
    yield indexed("range, missing", "range", [("integer", 0, None)], [], span=ages)
    born = laid("date", "1900-01-01", "2049-12-31", "1", 16)
    # 1970-01-01 is 25,567 days behind the minimum, and so at position 25,568 of 54,789.
    days = intervals((0, 25_568), (1, 1_598), (2, 99), (3, 6))
    yield indexed("range of a date", "range", [("date", 0, b"\4\0\0\0\0")], days, span=born)
    pay = laid("decimal", "0.00", "1000.00", "0.50", 64)
    # 12.49 is in the step from 12.00 on, the 25th: position 25 of 2,003.
    money = b"\3\0\xff\xff\xff\xfe\x04\xe1"
    found = intervals((0, 25), (1, 0))
    yield indexed("range of a decimal", "range", [("decimal", 0, money)], found, span=pay)
    seen = laid(
        "zoned-datetime", "1970-01-01T00:00:00+00:00", "1970-01-11T00:00:00+00:00", "86400", 2
    )
    # 02:00 on the second day, two hours east: the instant is midnight UTC, position 2 of 13.
    moment = b"\6" + oracle.be(86_400_000_000, 8) + oracle.be(7_200, 4)
    found = intervals((0, 2), (1, 1), (2, 0), (3, 0))
    yield indexed("range of a moment", "range", [("zoned-datetime", 0, moment)], found, span=seen)


def records_indexed() -> Iterator[Vector]:
    yield from equal()
    yield from begun()
    yield from within()
    yield from between()
