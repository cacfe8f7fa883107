"""Names of tables and fields: what is allowed, and that a refusal does not repeat a value."""

from __future__ import annotations

import pytest

from strongroom.errors import InputError
from strongroom.schema.names import RULE, check_field_name, check_table_name

GOOD = ["a", "name", "a1_", "x" * 48, "record", "strongroom", "key", "keys_", "values", "items"]
BAD: list[object] = [
    "", "Name", "1a", "_a", "a-b", "a b", "a\n", "é", "x" * 49, "a.b", "record_seal",
    "strongroom_x", None, 5, b"name", ["name"], {"name": 1},
]  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_names_that_both_may_have(name: str) -> None:
    assert check_field_name(name) == name
    assert check_table_name(name) == name


@pytest.mark.parametrize("name", BAD, ids=range(len(BAD)))
def test_what_no_field_may_be_called(name: object) -> None:
    with pytest.raises(InputError) as caught:
        check_field_name(name)
    assert (str(caught.value), caught.value.hint) == ("that is not a name for a field", RULE)


def test_a_table_may_stand_in_a_schema() -> None:
    assert check_table_name("people.users") == "people.users"
    for name in ("people.", ".users", "a.b.c", "record_a.users", "people.record_a", "Keys", None):
        with pytest.raises(InputError) as caught:
            check_table_name(name)
        assert (str(caught.value), caught.value.hint) == ("that is not a name for a table", RULE)


def test_a_field_called_keys_would_break_a_record_as_a_dictionary() -> None:
    """`dict` takes whatever has a `keys` for a mapping, and would call a value."""
    with pytest.raises(InputError) as caught:
        check_field_name("keys")
    assert str(caught.value) == "no field is called keys"
    assert caught.value.hint == "dict(record) would trip over it"
    assert check_table_name("keys") == "keys"
