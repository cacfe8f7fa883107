"""Ids in the catalogue: random, in one space, so that one that was lost does not come back."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from strongroom.errors import IntegrityError
from strongroom.schema.catalogue import Catalogue
from strongroom.schema.types import Integer, Text

FIELDS = {"name": Text(), "age": Integer(plain=True)}


def ids(catalogue: Catalogue) -> list[int]:
    found: list[int] = []
    for table in catalogue.tables:
        found += [table.id, *(one.id for one in table.fields), *(one.id for one in table.layouts)]
    return found


def drawing(monkeypatch: pytest.MonkeyPatch, *numbers: int) -> list[int]:
    """Have the operating system draw these numbers; what is left of them is in the list."""
    left = list(numbers)
    monkeypatch.setattr("os.urandom", lambda size: left.pop(0).to_bytes(size))
    return left


def test_ids_are_what_the_operating_system_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    left = drawing(monkeypatch, 2**32 - 1, 5, 1, 2**31)
    table = Catalogue().with_table("users", FIELDS).table("users")
    assert (table.id, table.layout.id) == (2**32 - 1, 5)
    assert [(one.id, one.name) for one in table.fields] == [(1, "name"), (2**31, "age")]
    assert table.layout.slots == (1, 2**31)
    assert left == []


def test_an_id_of_any_kind_is_not_given_again_and_none_is_zero(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawing(monkeypatch, 11, 12, 13, 14)
    catalogue = Catalogue().with_table("users", FIELDS)
    left = drawing(monkeypatch, 0, 11, 12, 13, 14, 15, 15, 0, 16, 16, 15, 17)
    assert ids(catalogue.with_table("notes", {"note": Text()})) == [11, 13, 14, 12, 15, 17, 16]
    assert left == []


def test_a_lost_table_leaves_its_ids_to_no_other() -> None:
    """As after a restore: two tables made from one and the same catalogue."""
    before = Catalogue().with_table("users", FIELDS)
    lost = set(ids(before.with_table("secrets", FIELDS))) - set(ids(before))
    made = set(ids(before.with_table("notes", FIELDS))) - set(ids(before))
    assert (len(lost), len(made)) == (4, 4)
    assert lost.isdisjoint(made)


def test_the_document_counts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    drawing(monkeypatch, 11, 12, 13)
    document = Catalogue().with_table("notes", {"note": Text()}).to_document()
    assert document == {
        "tables": [
            {
                "id": 11,
                "name": "notes",
                "key": [{"name": "id", "type": "integer"}],
                "fields": [{"id": 13, "name": "note", "type": Text().to_document()}],
                "layouts": [{"id": 12, "slots": [13]}],
            }
        ]
    }
    assert Catalogue.from_document(document).to_document() == document


def set_table(document: Any, number: object) -> None:
    document["tables"][0]["id"] = number


def set_field(document: Any, number: object) -> None:
    document["tables"][0]["fields"][0]["id"] = number


def set_layout(document: Any, number: object) -> None:
    document["tables"][0]["layouts"][0]["id"] = number


@pytest.mark.parametrize("number", [0, -1, 2**32, True, 1.0, "7", None, [7]], ids=repr)
@pytest.mark.parametrize("put", [set_table, set_field, set_layout])
def test_what_is_no_id_is_not_readable(put: Callable[[Any, object], None], number: object) -> None:
    document = Catalogue().with_table("users", FIELDS).to_document()
    put(document, 2**32 - 1)
    assert Catalogue.from_document(document).to_document() == document
    put(document, number)
    with pytest.raises(IntegrityError, match=r"^the catalogue is not readable$"):
        Catalogue.from_document(document)


def test_an_id_that_stands_twice_is_not_readable() -> None:
    good = Catalogue().with_table("users", FIELDS).with_table("notes", FIELDS)
    first, others = ids(good)[0], ids(good)[4:]
    assert len(others) == 4
    for other, put in zip(others, (set_table, set_field, set_layout, set_field), strict=True):
        document = copy.deepcopy(good.to_document())
        put(document, other)
        with pytest.raises(IntegrityError, match=r"^the catalogue is not readable$"):
            Catalogue.from_document(document)
    document = good.to_document()
    set_field(document, first)
    with pytest.raises(IntegrityError, match=r"^the catalogue is not readable$"):
        Catalogue.from_document(document)


def test_a_count_from_before_is_not_readable() -> None:
    document = Catalogue().with_table("users", FIELDS).to_document()
    with pytest.raises(IntegrityError):
        Catalogue.from_document({**document, "last_id": 4})
