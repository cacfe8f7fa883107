"""What the report on leakage says, against a thief's own program over the stolen table."""

from __future__ import annotations

import random
from collections import Counter

import pytest

import strongroom
from strongroom import Boolean, Index, Text
from tests.room.thief import Thief
from tests.schema.search import attack

CITIES = [f"City {number:03}" for number in range(200)]
PUBLIC = {city: 1 / (rank + 1) for rank, city in enumerate(CITIES)}
PEOPLE = 3_000


def residents() -> list[str]:
    """Return the city of each person: the few large ones have most of them."""
    return random.Random(7).choices(CITIES, weights=list(PUBLIC.values()), k=PEOPLE)


def stolen(thief: Thief, room: strongroom.Strongroom, name: str) -> list[tuple[bytes, int]]:
    """Return each token that stands in an index, and of which record."""
    [index] = [one for one in room.table("people").indexes if one.name == name]
    if index.kind.beside:
        rows = thief.sql(f"SELECT token, record_id FROM {index.place}")
    else:
        rows = thief.sql(f"SELECT {index.place}, id FROM people")
    return [(bytes(token), key) for token, key in rows]


@pytest.fixture
def cities(room: strongroom.Strongroom) -> list[str]:
    people = room.create_table("people", {"city": Text(), "smoker": Boolean(optional=True)})
    found = residents()
    people.add_many({"city": city, "smoker": n % 3 == 0} for n, city in enumerate(found))
    return found


def test_the_figures_are_those_of_an_independent_attack(
    room: strongroom.Strongroom, thief: Thief, cities: list[str]
) -> None:
    shares = {}
    for bits, partitions in ((64, 1), (64, 8), (8, 1), (4, 1), (4, 8)):
        name = f"city_{bits}_{partitions}"
        declared = Index.exact(
            "city", bits=bits, partitions=partitions, name=name, accept="to be measured"
        )
        strongroom.add_index(room, "people", declared)
        dump = stolen(thief, room, name)
        taken = attack.crack([token for token, _ in dump], list(PUBLIC.items()), partitions)
        expected = attack.right([(token, cities[key - 1]) for token, key in dump], taken) / PEOPLE
        reports = strongroom.leakage(room, "people", "city", public={"cities": PUBLIC})
        [report] = [one for one in reports if one.index == name]
        [carried_out] = report.attacks
        assert carried_out.list == "cities"
        assert carried_out.recovered == pytest.approx(expected, abs=1e-12)
        counts = Counter(token for token, _ in dump)
        assert report.records == report.measured.rows == PEOPLE
        assert report.measured.tokens == len(counts)
        largest = [count / PEOPLE for _, count in counts.most_common(5)]
        assert list(report.measured.largest) == pytest.approx(largest)
        assert report.commonest == pytest.approx(Counter(cities).most_common(1)[0][1] / PEOPLE)
        assert report.distinct == len(set(cities))
        assert report.accepted == "to be measured"
        shares[bits, partitions] = expected
    # What the planner promises: fewer bits and more partitions give less away.
    assert shares[64, 1] > shares[64, 8] > shares[4, 8]
    assert shares[64, 1] > shares[4, 1]


def test_words_are_judged_without_the_fillers(
    room: strongroom.Strongroom, thief: Thief, cities: list[str]
) -> None:
    strongroom.add_index(room, "people", Index.words("city", bits=64))
    dump = stolen(thief, room, "city_words")
    [report] = strongroom.leakage(room, "people", public={"words": {"city": 1.0}})
    # The commonest token is the word that everybody has.
    [carried_out] = report.attacks
    assert carried_out.recovered == pytest.approx(0.5)
    assert report.commonest == pytest.approx(0.5)
    assert report.distinct == len(set(cities)) + 1
    assert report.measured.rows == len(dump) > 2 * PEOPLE


def test_a_guess_is_right_whatever_capitals_the_value_has(room: strongroom.Strongroom) -> None:
    people = room.create_table("people", {"name": Text()})
    people.add_many({"name": name} for name in ["Smith"] * 6 + ["JONES"] * 3 + ["x"])
    strongroom.add_index(room, "people", Index.exact("name", bits=64))
    [report] = strongroom.leakage(room, "people")
    names = {one.list: one.recovered for one in report.attacks}
    assert names["given-names"] == 0.0
    assert names["surnames"] >= 0.6
    document = report.to_document()
    assert document["attacks"][0]["list"] == "given-names"
    assert "tokens" not in document


def test_a_table_without_an_index_has_nothing_to_report(
    room: strongroom.Strongroom, cities: list[str]
) -> None:
    del cities
    assert strongroom.leakage(room, "people") == []
    with pytest.raises(strongroom.InputError):
        strongroom.leakage(room, "people", "nothing")
    with pytest.raises(strongroom.NoTableError):
        strongroom.leakage(room, "nothing")


def test_an_index_in_which_one_value_stands_out_is_not_asked(
    room: strongroom.Strongroom,
) -> None:
    people = room.create_table("people", {"city": Text(), "street": Text()})
    people.add_many(
        {"city": "Rome" if n % 4 == 0 else f"City {n}", "street": f"Street {n % 3}"}
        for n in range(200)
    )
    with pytest.raises(strongroom.UnfinishedError, match="stands for 25% of the records"):
        strongroom.add_index(room, "people", Index.exact("city", bits=64))
    with pytest.raises(strongroom.QueryError, match="no index yet"):
        people.find(city="Rome").count()
    # Continued with a reason, it is kept and asked.
    reason = "everybody knows who lives in Rome"
    strongroom.add_index(room, "people", Index.exact("city", bits=64, accept=reason))
    assert people.find(city="Rome").count() == 50
    [report] = strongroom.leakage(room, "people", "city")
    assert report.accepted == reason
    # Together with another field that does not help, it is the same.
    with pytest.raises(strongroom.UnfinishedError, match="stands for"):
        strongroom.add_index(room, "people", Index.compound("city", "street", bits=3))
    # Spread over partitions no token stands out any more.
    strongroom.drop_index(room, "people", "city_street_compound")
    strongroom.add_index(
        room, "people", Index.exact("city", bits=64, partitions=8, name="city_spread")
    )
    assert strongroom.verify(room).intact
