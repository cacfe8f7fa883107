"""What is written to a text file comes back as it was, and the bytes are these."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strongroom.errors import InputError
from strongroom.files.limits import MOST_RECORD
from strongroom.files.reading import open_source
from strongroom.files.spelling import neutralise, read, restore, spell
from strongroom.files.target import Column
from strongroom.files.writing import open_target
from strongroom.schema.identity import KeyType
from strongroom.schema.types import Boolean, Bytes, Float, Integer, Text
from tests.files.attempts import Stream, items, refusal
from tests.files.records import COLUMNS, ROWS, TRICKY, TYPES, UUIDS, read_back, rows, same

TEXT_KINDS = ["csv", "tsv", "jsonl", "json"]
CSV = """\
id,text,integer,small,decimal,money,float,boolean,bytes,json,date,datetime,zoned
1,"Ada ""A""\r
Lovelace,\t;",1180591620717411303424,-9223372036854775808,1.50,-12.30,-0.0,true,AP8=,\
"{""a"":[1.5,null,""x""]}",2024-02-29,2024-02-29T13:05:00.250000,2024-02-29T13:05:00+05:45
2,\\N,\\N,\\N,\\N,\\N,\\N,\\N,\\N,\\N,\\N,\\N,\\N
3,\\\\N,-5,0,-0.00,0.00,-inf,false,,"""
CSV += '"""\\\\N""",0001-01-01,9999-12-31T23:59:59,0001-01-01T00:00:00+00:00\n'
JSONL = (
    '{"id":1,"text":"Ada \\"A\\"\\r\\nLovelace,\\t;","integer":1180591620717411303424,'
    '"small":-9223372036854775808,"decimal":"1.50","money":"-12.30","float":-0.0,"boolean":true,'
    '"bytes":"AP8=","json":{"a":[1.5,null,"x"]},"date":"2024-02-29",'
    '"datetime":"2024-02-29T13:05:00.250000","zoned":"2024-02-29T13:05:00+05:45"}\n'
)


def written(rows: list[Any], kind: str, columns: list[Column] = COLUMNS, **options: Any) -> bytes:
    """Write rows one after the other to standard output, and return its bytes."""
    out = io.BytesIO()
    with open_target(None, columns, kind=kind, stream=out, **options) as target:
        for row in rows:
            target.write([row])
        assert target.count == len(rows)
    return out.getvalue()


def test_the_bytes_of_csv_and_json() -> None:
    assert written(ROWS, "csv").decode() == CSV
    assert written(ROWS[:1], "jsonl").decode() == JSONL
    assert written(ROWS[:1], "json").decode() == f"[\n{JSONL}]\n"
    assert written([], "json") == b"[]\n"
    assert written([], "csv", COLUMNS[:2]) == b"id,text\n"
    assert json.loads(written(ROWS, "json"))[1] == dict.fromkeys(TYPES) | {"id": 2}


def test_another_reader_of_csv_sees_the_same_cells() -> None:
    """But for one backslash, which is ours."""
    found = list(csv.reader(io.StringIO(written(ROWS, "csv").decode(), newline="")))
    assert found[1][:2] == ["1", 'Ada "A"\r\nLovelace,\t;']
    assert found[3][1] == "\\\\N"


@settings(deadline=None, max_examples=60)
@given(rows=rows(), kind=st.sampled_from(TEXT_KINDS), spreadsheet=st.booleans())
def test_every_value_comes_back(rows: list[Any], kind: str, *, spreadsheet: bool) -> None:
    data = written(rows, kind, spreadsheet=spreadsheet)
    if not data:
        return  # JSON Lines of nothing
    source = open_source(None, kind=kind, spreadsheet=spreadsheet, stream=Stream([data]))  # type: ignore[arg-type]
    found = [read_back(item.values, spelled=source.spells_json) for item in source]
    assert same(found, rows)


@settings(deadline=None, max_examples=200)
@given(texts=st.lists(st.tuples(st.one_of(st.none(), TRICKY), TRICKY), max_size=5))
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_every_text_comes_back_whatever_stands_between(
    texts: list[tuple[str | None, str]], delimiter: str
) -> None:
    columns = [Column("a", Text(optional=True)), Column("b", Text())]
    data = written(texts, "csv", columns, delimiter=delimiter)
    assert [
        tuple((item.values or {}).values()) for item in items(data, delimiter=delimiter)
    ] == texts


@given(texts=st.lists(st.one_of(st.none(), TRICKY), min_size=1, max_size=5))
def test_a_single_column_keeps_its_empty_texts(texts: list[str | None]) -> None:
    data = written([(one,) for one in texts], "csv", [Column("a", Text(optional=True))])
    assert [(item.values or {})["a"] for item in items(data)] == texts


@given(text=st.one_of(st.none(), TRICKY), other=st.one_of(st.none(), TRICKY))
def test_no_two_values_have_one_spelling(text: str | None, other: str | None) -> None:
    assert read(spell(text)) == text
    assert (spell(text) == spell(other)) is (text == other)
    if text is not None and other is not None:
        assert restore(neutralise(text)) == text
        assert (neutralise(text) == neutralise(other)) is (text == other)


@pytest.mark.parametrize(
    ("value", "spelled"),
    [
        (None, "\\N"),
        ("\\N", "\\\\N"),
        ("\\\\N", "\\\\\\N"),
        ("N", "N"),
        ("\\n", "\\n"),
        ("\\Nx", "\\Nx"),
    ],
)
def test_the_spelling_of_no_value(value: str | None, spelled: str) -> None:
    assert spell(value) == spelled
    assert read(spelled) == value


@pytest.mark.parametrize("sign", list("=+-@\t\r\n'\uff1d\uff0b\uff0d\uff20"))
def test_what_a_spreadsheet_takes_for_a_formula_is_neutralised(sign: str) -> None:
    columns = [Column("a", Text()), Column("b", Integer())]
    data = written([(f"{sign}1+1", -5)], "csv", columns, spreadsheet=True)
    (cells,) = list(csv.reader(io.StringIO(data.decode(), newline="")))[1:]
    assert cells == [f"'{sign}1+1", "-5"]
    assert items(data, spreadsheet=True)[0].values == {"a": f"{sign}1+1", "b": "-5"}
    # Neither is the default.
    assert items(data)[0].values == {"a": f"'{sign}1+1", "b": "-5"}
    plain = written([(f"{sign}1+1", -5)], "csv", columns)
    assert list(csv.reader(io.StringIO(plain.decode(), newline="")))[1][0] == f"{sign}1+1"


def test_only_the_quote_that_was_put_there_is_taken_away() -> None:
    data = b"a\n'abc\n'\n''abc\n'=1\n=1\n"
    found = [(item.values or {})["a"] for item in items(data, spreadsheet=True)]
    assert found == ["'abc", "'", "'abc", "=1", "=1"]


def test_base64_and_infinity_are_neutralised_and_numbers_are_not() -> None:
    columns = [Column("a", Bytes()), Column("b", Float()), Column("c", Float())]
    data = written([(b"\xfb\xef", float("-inf"), -1.5)], "csv", columns, spreadsheet=True)
    assert data == b"a,b,c\n'++8=,'-inf,-1.5\n"


def test_another_spelling_of_no_value() -> None:
    data = b"a,b\n,NULL\n\\N,\\\\N\n"
    found = [dict(item.values or {}) for item in items(data, null="")]
    assert found == [{"a": None, "b": "NULL"}, {"a": "\\N", "b": "\\\\N"}]
    assert items(data, null="NULL")[0].values == {"a": "", "b": None}


def test_keys_of_other_types() -> None:
    columns = [Column("u", KeyType.UUID), Column("b", KeyType.BYTES), Column("t", KeyType.TEXT)]
    row = (UUIDS, b"\0\1", "\\N")
    assert (
        written([row], "csv", columns)
        == b"u,b,t\n00112233-4455-6677-8899-aabbccddeeff,AAE=,\\\\N\n"
    )
    assert written([row], "jsonl", columns) == (
        b'{"u":"00112233-4455-6677-8899-aabbccddeeff","b":"AAE=","t":"\\\\N"}\n'
    )


def test_a_record_that_could_not_be_read_again_is_not_written() -> None:
    columns = [Column("a", Text()), Column("b", Boolean())]
    value = "\x01" * (MOST_RECORD // 6)
    message = "record 2: as text it has more than 32 MiB"
    hint = "leave out a field, or take --format parquet"
    for kind in ("jsonl", "json"):
        refusal(
            lambda kind=kind: written([("", True), (value, True)], kind, columns),  # type: ignore[misc]
            InputError,
            message,
            hint,
        )
    assert items(written([(value, True)], "csv", columns))[0].problem is None
