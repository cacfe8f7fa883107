"""The public lists: the Census Bureau's own figures, and lists of a user's own."""

import re
from importlib.resources import files

import pytest

from strongroom.errors import InputError
from strongroom.schema.search.public_names import from_text, given_names, surnames

# Of the published files: how many lines are kept, and the cumulative percentage (their third
# column) in the last of them.
LISTS = {"female": (300, 66.388), "male": (300, 78.743), "surnames": (500, 35.175)}


def lines_of(name: str) -> list[tuple[str, float]]:
    text = (files("strongroom.schema.search") / f"census_1990_{name}.tsv").read_text("utf-8")
    found = [re.fullmatch(r"([A-Z]+)\t(\d\.\d{3})", line) for line in text.splitlines()[4:]]
    return [(line[1], float(line[2])) for line in found if line]


@pytest.mark.parametrize("name", LISTS)
def test_files_are_the_heads_of_the_published_ones(name: str) -> None:
    count, cumulative = LISTS[name]
    lines = lines_of(name)
    percentages = [percent for _, percent in lines]
    assert len(lines) == len(dict(lines)) == count
    assert percentages == sorted(percentages, reverse=True)
    # They were rounded one by one, so their sum is off by less than half a thousandth for each.
    assert sum(percentages) == pytest.approx(cumulative, abs=0.01)


@pytest.mark.parametrize("name", LISTS)
def test_files_say_where_they_are_from(name: str) -> None:
    head = (files("strongroom.schema.search") / f"census_1990_{name}.tsv").read_text("utf-8")
    assert "United States Census Bureau" in head
    assert "public domain" in head


def test_given_names_are_of_both_sexes() -> None:
    names = given_names()
    assert names["mary"] == pytest.approx(0.02629 / 2)
    assert names["patricia"] == pytest.approx(0.01073 / 2)
    assert names["james"] == pytest.approx(0.03318 / 2)
    assert names["willie"] == pytest.approx((0.00097 + 0.00302) / 2)  # on both lists
    assert len(names) == len(dict(lines_of("female")) | dict(lines_of("male")))
    assert sum(names.values()) == pytest.approx((0.66388 + 0.78743) / 2, abs=1e-4)


def test_surnames() -> None:
    names = surnames()
    assert list(names)[:3] == ["smith", "johnson", "williams"]
    assert names["smith"] == pytest.approx(0.01006)
    assert names["atkins"] == pytest.approx(0.00023)
    assert len(names) == 500


def test_names_are_casefolded() -> None:
    for name in (*given_names(), *surnames()):
        assert name == name.casefold()


def test_each_call_gives_a_list_of_its_own() -> None:
    surnames().clear()
    assert surnames()


def test_a_list_of_ones_own() -> None:
    text = "\ufeff# town, people\r\n\r\n Oslo\t6\r\n  # a remark\r\nBerlin, West , 3\r\nÅs\t1e0\n"
    assert from_text(text) == {"Oslo": 0.6, "Berlin, West": 0.3, "Ås": 0.1}


def test_a_tab_comes_before_a_comma() -> None:
    assert from_text("a,b\t1") == {"a,b": 1.0}
    assert from_text("a\tb\t1") == {"a\tb": 1.0}


def test_numbers_are_made_shares_of_the_list() -> None:
    assert from_text("a,25.0\nb,75") == from_text("a,0.25\nb,0.75") == {"a": 0.25, "b": 0.75}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,1\nsecret", "line 2 has no tab and no comma between a value and a number"),
        ("# x\n\n,1", "line 3 has no value"),
        ("\t1", "line 1 has no value"),
        ("secret,1\nb,1\nsecret,2", "line 3 has a value that an earlier line has"),
        *(
            (f"a,1\nsecret,{number}", "line 2 does not end in a number above zero")
            for number in (
                *("", "secret", "0", "0.0", "-1", "+1", "nan", "inf", "1e999", "1_0", "0x1"),
                *(".5", "5.", "1 0", "\u0661", "1e"),
            )
        ),
        ("secret\t1,5", "line 1 does not end in a number above zero"),
        ("", "the list has no value"),
        ("# nothing\n\n", "the list has no value"),
        ("a,1e308\nb,1e308", "the list of values has no total"),
    ],
)
def test_what_is_wrong_is_said_by_line_and_without_content(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        from_text(text)
    assert str(caught.value) == message


def test_only_line_feeds_end_lines() -> None:
    # Otherwise a message would name another line than an editor shows.
    with pytest.raises(InputError, match=r"^line 2 "):
        from_text("a\u2028b,1\nb")
