"""A range is covered exactly, by the fewest nodes, whatever the tree."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strongroom.errors import InputError
from strongroom.schema.search.intervals import Domain, Node

SIZES = st.one_of(
    st.integers(1, 1 << 64),
    st.integers(1, 300),
    st.builds(
        lambda base, power, near: max(1, base**power + near),
        st.integers(2, 7),
        st.integers(0, 20),
        st.integers(-2, 2),
    ),
)
DOMAINS = st.builds(Domain, SIZES, st.integers(2, 64))


def near(domain: Domain) -> st.SearchStrategy[int]:
    """Give positions of a domain and around it, many of them where nodes begin and end."""
    last = domain.size - 1

    def at_a_border(level: int, number: int, offset: int) -> int:
        width = int(domain.fanout**level)
        return number % (last // width + 2) * width + offset

    borders = st.builds(
        at_a_border,
        st.integers(0, domain.height),
        st.integers(0, 1 << 64),
        st.integers(-1, 1),
    )
    return st.one_of(st.integers(-2, domain.size + 2), borders, st.sampled_from([0, last]))


def positions(domain: Domain, node: Node) -> range:
    """Return the positions of the domain that a node holds."""
    level, number = node
    width = domain.fanout**level
    return range(number * width, min((number + 1) * width, domain.size))


def fewest(domain: Domain, low: int, high: int) -> int:
    """Return how few nodes cover low to high: the best first node, and the best for the rest."""
    nodes = [
        (level, number)
        for level in range(domain.height)
        for number in range(-(-domain.size // domain.fanout**level))
    ]
    best = {high + 1: 0}
    for first in range(high, low - 1, -1):
        best[first] = 1 + min(
            best[held.stop]
            for held in (positions(domain, node) for node in nodes)
            if held.start == first and held.stop <= high + 1
        )
    return best[low]


@settings(max_examples=500)
@given(st.data())
def test_a_position_is_found_once_if_it_is_in_the_range_and_else_never(data: st.DataObject) -> None:
    domain = data.draw(DOMAINS)
    low, high, position = (data.draw(near(domain)) for _ in range(3))
    position = min(max(position, 0), domain.size - 1)
    found = set(domain.stored(position)) & set(domain.cover(low, high))
    assert len(found) == (1 if low <= position <= high else 0)


@settings(max_examples=500)
@given(st.data())
def test_a_cover_is_short_disjoint_ascending_and_exact(data: st.DataObject) -> None:
    domain = data.draw(DOMAINS)
    low, high = data.draw(near(domain)), data.draw(near(domain))
    nodes = domain.cover(low, high)
    assert len(nodes) <= 2 * (domain.fanout - 1) * domain.height
    held = [positions(domain, node) for node in nodes]
    low, high = max(low, 0), min(high, domain.size - 1)
    if low > high:
        assert held == []
        return
    assert held[0].start == low
    assert held[-1].stop == high + 1
    assert all(one.stop == after.start for one, after in pairwise(held))
    assert all(one.start < one.stop for one in held), "a node with no position in the domain"


@given(st.data())
def test_every_position_is_stored_once_on_each_level(data: st.DataObject) -> None:
    domain = data.draw(DOMAINS)
    position = data.draw(st.integers(0, domain.size - 1))
    nodes = domain.stored(position)
    assert [level for level, _ in nodes] == list(range(domain.height))
    assert all(position in positions(domain, node) for node in nodes)


@given(DOMAINS)
def test_the_height_is_the_least_that_has_few_nodes_on_top(domain: Domain) -> None:
    def nodes(level: int) -> int:
        return -(-domain.size // int(domain.fanout**level))

    assert nodes(domain.height - 1) <= domain.fanout
    assert domain.height == 1 or nodes(domain.height - 2) > domain.fanout


@pytest.mark.parametrize("fanout", [2, 3, 5])
@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 26])
def test_no_cover_has_fewer_nodes(size: int, fanout: int) -> None:
    domain = Domain(size, fanout)
    for low in range(size):
        for high in range(low, size):
            assert len(domain.cover(low, high)) == fewest(domain, low, high)


@pytest.mark.parametrize(
    ("size", "fanout", "low", "high", "expected"),
    [
        (1, 2, 0, 0, [(0, 0)]),
        (8, 2, 0, 7, [(2, 0), (2, 1)]),
        (8, 2, 1, 6, [(0, 1), (1, 1), (1, 2), (0, 6)]),
        (8, 2, 2, 3, [(1, 1)]),
        (8, 2, 5, 5, [(0, 5)]),
        (8, 2, 5, 4, []),
        (8, 2, -9, 99, [(2, 0), (2, 1)]),
        (8, 2, 8, 99, []),
        (8, 2, -9, -1, []),
        (5, 2, 4, 4, [(2, 1)]),  # the last node of a level stands for what there is
        (5, 2, 3, 4, [(0, 3), (2, 1)]),
        (5, 2, 0, 4, [(2, 0), (2, 1)]),
        (100, 10, 7, 31, [(0, 7), (0, 8), (0, 9), (1, 1), (1, 2), (0, 30), (0, 31)]),
        (1 << 64, 16, 0, (1 << 64) - 1, [(15, number) for number in range(16)]),
    ],
)
def test_the_cover_of(size: int, fanout: int, low: int, high: int, expected: list[Node]) -> None:
    assert Domain(size, fanout).cover(low, high) == expected


@pytest.mark.parametrize(
    ("size", "fanout", "expected"),
    [(1, 2, 1), (2, 2, 1), (3, 2, 2), (16, 16, 1), (17, 16, 2), (256, 16, 2), (257, 16, 3)],
)
def test_the_height_of(size: int, fanout: int, expected: int) -> None:
    assert Domain(size, fanout).height == expected


def test_the_usual_fanout() -> None:
    assert Domain(1 << 64).fanout == 16
    assert Domain(1 << 64).height == 16
    assert Domain(1 << 64, 2).height == 64


@pytest.mark.parametrize("size", [0, -1, (1 << 64) + 1, True, 8.0])
def test_a_domain_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(InputError, match=r"1 to 2\^64 positions"):
        Domain(size)


@pytest.mark.parametrize("fanout", [1, 0, -2, 65, True, 4.0])
def test_another_fanout_is_refused(fanout: int) -> None:
    with pytest.raises(InputError, match="from 2 to 64"):
        Domain(8, fanout)


@pytest.mark.parametrize("position", [-1, 8])
def test_a_position_outside_is_not_stored(position: int) -> None:
    with pytest.raises(InputError, match="outside of its domain"):
        Domain(8).stored(position)
