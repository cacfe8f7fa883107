"""A tree of intervals over the positions of a domain, and the few nodes that cover a range.

Level 0 has one node for each position; node n of level l covers the positions from
``n * fanout**l`` to ``(n + 1) * fanout**l - 1``. There are as many levels as it takes until the
highest has at most `fanout` nodes. A value is stored under the one node of each level that holds
its position; a range is asked for by the largest nodes that lie inside it. So a value is found
by exactly one node if its position is in the range, and by none if it is not.

This is the scheme Logarithmic-BRC (best range cover) of Demertzis, Papadopoulos, Papapetrou,
Deligiannakis and Garofalakis, "Practical Private Range Search Revisited", SIGMOD 2016, with a
tree of any fan-out in place of a binary one: a larger fan-out stores fewer nodes for a value and
asks for more of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

from strongroom.errors import InputError

MOST_POSITIONS: Final = 1 << 64
LEAST_FANOUT: Final = 2
MOST_FANOUT: Final = 64
USUAL_FANOUT: Final = 16

Node: TypeAlias = tuple[int, int]
"""A node by its level and its number on that level."""


@dataclass(frozen=True, slots=True)
class Domain:
    """The positions 0 to `size` - 1 and the tree over them.

    Attributes:
        size: how many positions, 1 to 2^64.
        fanout: how many nodes of one level make one of the next, 2 to 64. The last node of a level
            may be short of some, and then stands for those that there are.
    """

    size: int
    fanout: int = USUAL_FANOUT

    def __post_init__(self) -> None:
        if type(self.size) is not int or not 1 <= self.size <= MOST_POSITIONS:
            raise InputError("a range index has 1 to 2^64 positions")
        if type(self.fanout) is not int or not LEAST_FANOUT <= self.fanout <= MOST_FANOUT:
            raise InputError(f"the fan-out is an integer from {LEAST_FANOUT} to {MOST_FANOUT}")

    @property
    def height(self) -> int:
        """How many levels there are: under so many nodes every value is stored."""
        levels, nodes = 1, self.size
        while nodes > self.fanout:
            levels, nodes = levels + 1, self._parents(nodes)
        return levels

    def stored(self, position: int) -> list[Node]:
        """Return the nodes that hold a position: one of each level, from level 0 up.

        Raises:
            InputError: the domain has no such position.
        """
        if not 0 <= position < self.size:
            raise InputError("the position is outside of its domain")
        nodes = []
        for level in range(self.height):
            nodes.append((level, position))
            position //= self.fanout
        return nodes

    def cover(self, low: int, high: int) -> list[Node]:
        """Return the fewest nodes that hold the positions `low` to `high`, and no others.

        They are those inside the range whose parent is not, ascending by position, at most
        2 * (fanout - 1) of each level. What lies outside of the domain counts for nothing: a
        node at its end is inside the range if all its positions in the domain are. No node is
        returned if `low` is above `high`.
        """
        first, end, nodes = max(low, 0), min(high + 1, self.size), self.size
        left: list[Node] = []
        right: list[Node] = []
        level, top = 0, self.height - 1
        while level < top:
            inner_first = self._parents(first)
            # The last parent may lack children; it is inside all the same.
            inner_end = self._parents(end) if end == nodes else end // self.fanout
            if inner_first >= inner_end:
                break
            left += [(level, number) for number in range(first, inner_first * self.fanout)]
            right[:0] = [(level, number) for number in range(inner_end * self.fanout, end)]
            first, end, nodes = inner_first, inner_end, self._parents(nodes)
            level += 1
        return [*left, *((level, number) for number in range(first, end)), *right]

    def _parents(self, nodes: int) -> int:
        """Return how many nodes of the next level the first `nodes` of one level need."""
        return -(-nodes // self.fanout)
