"""What is asked of which index, what is compared here alone, and what is refused with a hint."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from strongroom.errors import InputError, QueryError
from strongroom.schema.search.candidates import (
    Candidates,
    Everything,
    HasToken,
    IsValue,
    Lies,
    Nothing,
    Together,
)
from strongroom.schema.search.declaration import Index
from strongroom.schema.search.operators import (
    alike,
    between,
    contains,
    one_of,
    prefix,
    words,
)
from strongroom.schema.search.plan import Plan, Planner
from strongroom.schema.search.where import Where, resolve, where
from strongroom.schema.table import Field, Table
from tests.schema.search.tables import indexed, people, with_index

DAY = dt.date(1950, 1, 1)


def comparable(field: Field) -> bool:
    return field.name != "city"


def plan(*more: Where, table: Table | None = None, scan: bool = False, **asked: Any) -> Plan:
    table = table or indexed()
    return Planner(table, comparable, scan=scan).plan(resolve(table, asked, more))


def names(found: Candidates) -> object:
    """Say in short which indexes and columns are asked."""
    if isinstance(found, HasToken):
        return (found.index.name, len(found.tokens))
    if isinstance(found, IsValue):
        return ("not " if found.negated else "") + found.field.name
    if isinstance(found, Lies):
        return f"{found.field.name} between"
    if isinstance(found, Together):
        return ("all" if found.every else "any", *(names(part) for part in found.parts))
    return type(found).__name__


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, "Everything"),
        ({"name": "Ada"}, ("name_exact", 1)),
        ({"name": one_of("Ada", "Grace", "Ada")}, ("name_exact", 2)),
        ({"name": alike("ADA", "folded")}, ("name_folded", 1)),
        ({"email": alike("ADA@x.org")}, ("email_exact", 1)),
        ({"email": "ada@x.org"}, ("email_exact", 1)),
        ({"name": prefix("Ad")}, ("name_prefix", 1)),
        ({"name": prefix("Adalbert")}, ("name_prefix", 1)),
        ({"name": words("ada")}, ("name_words", 1)),
        (
            {"name": words("ada lovelace ada")},
            ("all", ("name_words", 1), ("name_words", 1)),
        ),
        ({"name": contains("ove")}, ("name_trigram", 1)),
        ({"name": contains("ovel")}, ("all", ("name_trigram", 1), ("name_trigram", 1))),
        ({"born": between(DAY, DAY)}, ("born_range", 1)),
        ({"born": between(DAY, DAY - dt.timedelta(1))}, "Nothing"),
        ({"ward": 3, "smoker": True}, ("ward_smoker_compound", 1)),
        ({"name": None}, "name"),
        ({"age": 36}, "age"),
        ({"age": one_of(1, 2)}, "age"),
        ({"age": between(20, None)}, "age between"),
        ({"city": "Rome", "name": "Ada"}, ("all", "city", ("name_exact", 1))),
    ],
)
def test_what_is_asked(asked: dict[str, Any], expected: object) -> None:
    found = plan(**asked)
    assert names(found.candidates) == expected
    assert found.scanned == ()


def test_a_prefix_is_asked_by_the_longest_indexed_length() -> None:
    for needle, kept in (("ab", "ab"), ("abc", "ab"), ("ABCD", "abcd"), ("abcde", "abcd")):
        found = plan(name=prefix(needle)).candidates
        assert isinstance(found, HasToken)
        assert found.tokens == ((b"\x01" + kept.encode(),),)


def test_conditions_are_joined_as_they_are_written() -> None:
    either = where(name="Ada") | where(age=36)
    assert names(plan(either).candidates) == ("any", ("name_exact", 1), "age")
    both = where(ward=3) & where(smoker=False)
    assert names(plan(both).candidates) == ("ward_smoker_compound", 1)
    mixed = (where(ward=3) & where(smoker=False)) | ~where(age=1)
    assert names(plan(mixed).candidates) == ("any", ("ward_smoker_compound", 1), "not age")
    assert names(plan(~(where(age=1) | where(age=2))).candidates) == ("all", "not age", "not age")
    assert names(plan(~~where(name="Ada")).candidates) == ("name_exact", 1)
    assert names(plan(~where(name=None)).candidates) == "not name"


def test_a_negated_text_of_a_plain_column_is_not_pushed() -> None:
    """On MySQL spaces at its end count for nothing: the database would leave records out."""
    assert isinstance(plan(~where(city="Rome")).candidates, Everything)
    assert isinstance(plan(~where(age=between(1, 2))).candidates, Everything)


def test_one_part_of_an_or_that_nothing_answers_fetches_everything() -> None:
    either = where(name="Ada") | where(city=prefix("Ro"))
    with pytest.raises(QueryError, match="city"):
        plan(either)
    found = plan(either, scan=True)
    assert isinstance(found.candidates, Everything)
    assert found.scanned == ("city",)
    narrowed = plan(where(name="Ada"), city=prefix("Ro"), scan=True)
    assert names(narrowed.candidates) == ("name_exact", 1)


@pytest.mark.parametrize(
    ("asked", "message", "hint"),
    [
        ({"ward": 3}, "ward is encrypted", "add-index people exact:ward"),
        ({"smoker": True}, "smoker is encrypted", "add-index people exact:smoker"),
        ({"email": prefix("ad")}, "email is encrypted", "add-index people prefix:email"),
        ({"email": words("ad")}, "email is encrypted", "add-index people words:email"),
        ({"email": contains("ada")}, "email is encrypted", "add-index people trigram:email"),
        ({"ward": between(1, 2)}, "ward is encrypted", "add-index people range:ward"),
        ({"email": between("a", "b")}, "email is encrypted", "to decrypt and compare"),
        ({"email": alike("a", "folded")}, "no index yet that answers", "compares in another way"),
        ({"city": words("rome")}, "not a question that the database answers", ".scan()"),
        ({"city": between("a", "b")}, "not a question that the database answers", ".scan()"),
    ],
)
def test_what_nothing_answers_is_refused(asked: dict[str, Any], message: str, hint: str) -> None:
    with pytest.raises(QueryError) as caught:
        plan(**asked)
    assert message in str(caught.value)
    assert hint in str(caught.value.hint)
    assert plan(scan=True, **asked).scanned == tuple(asked)


def test_the_refusal_is_about_the_condition_that_is_refused() -> None:
    table = indexed(Index.exact("name"))
    with pytest.raises(QueryError, match="so the database cannot search it") as caught:
        plan(where(name="Ada") | where(name=prefix("Ad")), table=table)
    assert "add-index people prefix:name" in str(caught.value.hint)


def test_a_compound_index_answers_equalities_alone() -> None:
    equal = where(ward=3) & where(smoker=True)
    with pytest.raises(QueryError, match="ward is encrypted"):
        plan(equal & where(ward=between(1, 5)))


def test_a_negation_of_an_encrypted_field_is_refused() -> None:
    with pytest.raises(QueryError, match="no index answers a negation"):
        plan(~where(name="Ada"))
    assert plan(~where(name="Ada"), scan=True).scanned == ("name",)


@pytest.mark.parametrize(
    ("asked", "least"),
    [
        (prefix("A"), "2 characters"),
        (contains("ov"), "3 characters"),
        (contains(" o v "), None),
    ],
)
def test_a_needle_that_is_too_short_is_refused(asked: object, least: str | None) -> None:
    if least is None:
        assert names(plan(name=asked).candidates) == ("name_trigram", 1)
        return
    with pytest.raises(QueryError, match=f"needs at least {least}"):
        plan(name=asked)


@pytest.mark.parametrize(
    "asked", [prefix(""), prefix("  "), contains(" "), words("..."), words("")]
)
def test_nothing_is_no_needle_even_for_a_scan(asked: object) -> None:
    for scan in (False, True):
        with pytest.raises(QueryError, match="nothing is left to look for"):
            plan(name=asked, scan=scan)


def test_an_index_that_is_not_finished_is_not_asked() -> None:
    table = with_index(people(), Index.exact("name"), active=False)
    with pytest.raises(QueryError, match="no index yet that answers") as caught:
        plan(table=table, name="Ada")
    assert "being built" in str(caught.value.hint)


def test_of_two_normalisers_the_caller_names_one() -> None:
    with pytest.raises(QueryError, match="several indexes for alike") as caught:
        plan(name=alike("ada"))
    assert caught.value.hint == "name one: exact, folded"


def test_operators_are_for_fields_that_they_fit() -> None:
    asked: dict[str, Any]
    for asked in ({"born": prefix("19")}, {"ward": words("x")}, {"age": alike("x")}):
        with pytest.raises(QueryError, match="is no text"):
            plan(**asked)
    with pytest.raises(QueryError, match="has no order"):
        plan(smoker=between(low=False, high=True))
    for asked in ({"born": between("x", None)}, {"ward": "x"}, {"name": prefix(3)}):  # type: ignore[arg-type]  # what callers get wrong
        with pytest.raises(InputError):
            plan(**asked)
    with pytest.raises(QueryError, match="needs a least or a greatest value"):
        plan(born=between(None, None))
    with pytest.raises(QueryError, match="one_of takes 1 to 500 values"):
        plan(name=one_of())
    with pytest.raises(QueryError, match="a condition of its own"):
        plan(name=one_of("a", None))
    with pytest.raises(InputError, match="normaliser"):
        plan(name=alike("x", "upper"))


def test_bounds_need_not_keep_to_the_limits_of_the_field() -> None:
    from strongroom.schema.types import Integer

    table = people(age=Integer(plain=True, minimum=0, maximum=150))
    assert names(plan(table=table, age=between(-5, 1000)).candidates) == "age between"


def test_conditions_are_not_joined_by_python_words() -> None:
    with pytest.raises(QueryError, match="not by and, or, not"):
        _ = where(name="a") and where(name="b")
    with pytest.raises(QueryError, match="made by where"):
        where(name="a") | True  # type: ignore[operator]  # a mistake that is easily made


def test_nothing_shows_what_is_looked_for() -> None:
    asked = where(name="Secret", born=between(DAY, None)) | where(name=prefix("Secret"))
    table = indexed()
    tree = resolve(table, {"email": "Secret"}, (asked,))
    shown = [repr(asked), repr(tree), repr(prefix("Secret")), repr(plan(asked))]
    shown.append(repr(plan(asked).candidates))
    assert not any("Secret" in one or "secret" in one or "1950" in one for one in shown)


def test_only_what_holds_comes_out() -> None:
    found = plan(where(name=prefix("ad")) & ~where(age=1) | where(born=None), scan=True)
    person = {"name": "Ada", "age": None, "born": DAY}
    assert found.holds(person.get)
    assert not found.holds({**person, "age": 1}.get)
    assert found.holds({**person, "age": 1, "born": None}.get)
    assert not found.holds({**person, "name": None}.get)
    assert isinstance(plan(where(name=None) & where(name="x")).candidates, Together)
    assert isinstance(plan(born=between(DAY, dt.date(1900, 1, 1))).candidates, Nothing)
