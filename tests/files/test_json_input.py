"""JSON Lines and JSON arrays: exact values, the strict parser, and every way to be no JSON."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strongroom.errors import InputError
from strongroom.files.json_source import elements
from tests.files.attempts import items, refusal, stream, until_refused
from tests.schema.strategies import JSON

DEEP = "has more than 64 arrays and objects inside others"
NOT_JSON = "is not JSON"


def value(text: str) -> Any:
    (item,) = items(f'{{"a":{text}}}'.encode(), "jsonl")
    assert item.problem is None
    return (item.values or {})["a"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("36", 36),
        ("-0", 0),
        ("123456789012345678901234567890", 123456789012345678901234567890),
        ("1.10", Decimal("1.10")),
        ("1e2", Decimal("1E+2")),
        ("-0.0", Decimal("-0.0")),
        ("0.1000000000000000055511151231257827", Decimal("0.1000000000000000055511151231257827")),
        ('"36"', "36"),
        ("true", True),
        ("null", None),
        ('[1.10,{"b":1e2}]', [1.1, {"b": 100.0}]),
        ('"\\ud83d\\udd11"', "🔑"),
    ],
)
def test_no_digit_is_lost(text: str, expected: object) -> None:
    found = value(text)
    assert (type(found), repr(found)) == (type(expected), repr(expected))


def test_a_whole_number_keeps_all_digits_that_a_field_can_hold() -> None:
    assert value("9" * 1233) == 10**1233 - 1
    assert value(f"0.{'1' * 1000}") == Decimal(f"0.{'1' * 1000}")


@pytest.mark.parametrize(
    ("record", "problem"),
    [
        ('{"name":"Lovelace"', NOT_JSON),
        ("Lovelace", NOT_JSON),
        ("{'name':1}", NOT_JSON),
        ('{"a":1}{"b":2}', NOT_JSON),
        ('{"a":01}', NOT_JSON),
        ('{"a":"\t"}', NOT_JSON),
        ('{"a":1,}', NOT_JSON),
        ('{"Lovelace":1,"Lovelace":1}', "has a key twice"),
        ('{"a":{"b":1,"b":1}}', "has a key twice"),
        ('{"a":NaN}', "has NaN or infinity, which is not JSON"),
        ('{"a":-Infinity}', "has NaN or infinity, which is not JSON"),
        ('{"a":[1e999]}', "has a number that is too large"),
        (f'{{"a":{"9" * 1235}}}', "has a number of too many digits"),
        (f'{{"a":1.{"9" * 6150}}}', "has a number of too many digits"),
        ('{"a":1e99999999999999999999}', "has a number of too many digits"),
        ('["Lovelace"]', "is JSON, but no object"),
        ('"Lovelace"', "is JSON, but no object"),
        ("null", "is JSON, but no object"),
        (f'{{"a":{"[" * 65}{"]" * 65}}}', DEEP),
        (f'{{"a":{"[" * 100_000}', DEEP),
        (f"{'[' * 100_000}", DEEP),
    ],
)
def test_what_is_no_record_is_a_problem_and_reading_goes_on(record: str, problem: str) -> None:
    found = items(f'{{"a":1}}\n\n{record}\n{{"a":2}}\n'.encode(), "jsonl")
    assert [(item.line, item.problem) for item in found] == [(1, None), (3, problem), (4, None)]
    assert found[1].raw == (record,)
    assert found[1].values is None
    assert "Lovelace" not in repr(found[1])


def test_a_field_may_be_as_deep_as_json_fields_may_be() -> None:
    assert value("[" * 64 + "]" * 64)


@pytest.mark.parametrize(
    ("text", "given", "message"),
    [
        ('{"a":1}', 0, "line 1: the file is no JSON array"),
        ('\n\n  {"a":1}', 0, "line 3: the file is no JSON array"),
        ("Lovelace", 0, "line 1: the file is no JSON array"),
        ('[{"a":1}', 0, "line 1: the array does not end after the element that starts here"),
        (
            '[{"a":1},\n{"a":"]',
            1,
            "line 2: the array does not end after the element that starts here",
        ),
        (
            '[\n{"a":1},\n{"a":[1}]',
            1,
            "line 3: the brackets do not match in the element that starts here",
        ),
        ('[{"a":1}}', 0, "line 1: the brackets do not match in the element that starts here"),
        ('[{"a":1}]\n\n{"Lovelace":1}', 1, "line 3: something follows the array"),
        (
            "[" * 10_002,
            0,
            "line 1: more than 10,000 brackets are open in the element that starts here",
        ),
        ("[]]", 0, "line 1: something follows the array"),
    ],
)
@pytest.mark.parametrize("size", [1, 1000])
def test_what_is_no_array(text: str, given: int, message: str, size: int) -> None:
    data = [text[at : at + size].encode() for at in range(0, len(text), size)]
    refusal(lambda: items(data, "json"), InputError, message)
    assert len(until_refused(stream(data, "json"), InputError)) == given


def test_bad_elements_of_an_array_are_problems() -> None:
    text = '[1,\n{"a":"]},\\\\\\"{"},\n\n{"a":1,"a":2}, ,{"a":NaN},\n{"a":3},]'
    found = items(text.encode(), "json")
    assert [(item.line, item.problem) for item in found] == [
        (1, "is JSON, but no object"),
        (2, None),
        (4, "has a key twice"),
        (4, NOT_JSON),
        (4, "has NaN or infinity, which is not JSON"),
        (5, None),
        (5, NOT_JSON),
    ]
    assert found[1].values == {"a": ']},\\"{'}


def test_an_array_of_nothing_has_no_records() -> None:
    assert items(b" [ \n ] \n", "json") == []


@settings(deadline=None, max_examples=60)
@given(
    values=st.lists(st.dictionaries(st.text(max_size=3), JSON, max_size=3), max_size=4),
    indent=st.sampled_from([None, 0, 2]),
    escaped=st.sampled_from(["ascii", "nothing"]),
    cuts=st.lists(st.integers(1, 9), min_size=1, max_size=5),
)
def test_the_elements_of_any_array_are_found(
    values: list[Any], indent: int | None, escaped: str, cuts: list[int]
) -> None:
    text = json.dumps(values, indent=indent, ensure_ascii=escaped == "ascii")
    pieces, at, turn = [], 0, 0
    while at < len(text):
        pieces.append(text[at : at + cuts[turn % len(cuts)]])
        at += len(pieces[-1])
        turn += 1
    found = list(elements(pieces))
    assert [json.loads(element) for _, element in found] == values
    lines = text.split("\n")
    for line, element in found:
        assert element.split("\n")[0] in lines[line - 1]
