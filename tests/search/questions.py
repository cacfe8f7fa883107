"""Random questions about people, of every kind; and the same question as the store is asked it.

What is looked for comes mostly from a person who is there, in another spelling now and then, so
that most questions find somebody.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable
from typing import Any, Final

from tests.search import model, people
from tests.search.model import Condition, normal_form, words_of
from tests.search.people import Person
from tests.search.question import Question, needs_scan

ORDERS: Final = ("id", "id", "-id", "age", "-age", "city", "-city", "floor", "-floor")
SORTED: Final = ("name", "-name", "born", "-born", "salary", "-salary", "seen", "-seen", "-ward")
"""Orders by encrypted fields, into which records are put after they were opened."""
LIMITS: Final = (*[None] * 10, 0, 1, 1, 2, 2, 7, 7, 50, 50)
SHORTEST_PREFIX: Final = 2
SHORTEST_PART: Final = 3
_PLAIN: Final = ("age", "city", "floor")
_EXACT: Final = ("name", "email", "phone")
_ALIKE: Final = (("name", "folded"), ("email", "email"), ("phone", "phone"))
_PAIRS: Final = (("ward", "smoker"), ("born", "name"))
_DEEPEST: Final = 3


class Asker:
    """Makes up questions about some people."""

    def __init__(self, crowd: list[Person], seed: str) -> None:
        self._crowd = crowd
        self._rng = random.Random(seed)

    def question(self, kind: str) -> Question:
        """Make up a question of one of the `KINDS`."""
        asked = KINDS[kind](self)
        orders = SORTED if self._rng.random() < 0.2 else ORDERS
        return Question(asked, self._rng.choice(orders), self._rng.choice(LIMITS))

    # What one index answers, or the database itself.

    def equality(self) -> Condition:
        field = self._rng.choice(_EXACT)
        return model.Equal(field, self._value(field))

    def one_of(self) -> Condition:
        field = self._rng.choice(_EXACT)
        count = self._rng.choice((1, 2, 3, 5, 40))
        return model.OneOf(field, tuple(self._value(field) for _ in range(count)))

    def alike(self) -> Condition:
        field, normaliser = self._rng.choice(_ALIKE)
        return model.Alike(field, self._respelled(self._value(field)), normaliser)

    def pair(self) -> Condition:
        names = self._rng.choice(_PAIRS)
        one = self._rng.choice(self._crowd)
        together = None not in (one[name] for name in names) and self._rng.random() < 0.9
        values = [one[name] if together else self._value(name) for name in names]
        return model.All(tuple(map(model.Equal, names, values)))

    def prefix(self) -> Condition:
        if short := self._short_names(often=0.2):
            return model.Begins("name", self._needle(str, SHORTEST_PREFIX, short), "folded")

        def begins(name: str) -> str:
            return name[: self._rng.choice((2, 2, 3, 4, 5, 6, 7, 9, 200))]

        return model.Begins("name", self._needle(begins, SHORTEST_PREFIX), "folded")

    def words(self) -> Condition:
        found = self._any_words()
        some = found[: self._rng.choice((1, 1, 2, 3, len(found)))]
        if self._rng.random() < 0.15:
            some += self._any_words()[:1]
        text = self._rng.choice((" ", " ", ", ", "  -  ")).join(some)
        return model.HasWords("name", self._respelled(text), "folded")

    def contains(self) -> Condition:
        def inside(name: str) -> str:
            start = self._rng.randrange(max(1, len(name) - SHORTEST_PART + 1))
            return name[start : start + self._rng.choice((3, 3, 4, 5, 8, 15, 60, 200))]

        return model.Contains("name", self._needle(inside, SHORTEST_PART), "folded")

    def days(self) -> Condition:
        return self._between("born")

    def amounts(self) -> Condition:
        return self._between("salary")

    def moments(self) -> Condition:
        return self._between("seen")

    def missing(self) -> Condition:
        fields = ("phone", "born", "salary", "seen", "city", "floor", "name")
        asked = model.Missing(self._rng.choice(fields))
        return model.Not(asked) if self._rng.random() < 0.3 else asked

    def plain(self) -> Condition:
        field = self._rng.choice(_PLAIN)
        several = model.OneOf(field, tuple(self._value(field) for _ in range(3)))
        choices = [model.Equal(field, self._value(field)), several, self._between(field)]
        asked = self._rng.choice(choices)
        return model.Not(asked) if self._rng.random() < 0.25 else asked

    # Several together.

    def all_of(self) -> Condition:
        return model.All(tuple(self._several()))

    def any_of(self) -> Condition:
        return model.Some(tuple(self._several()))

    def tree(self) -> Condition:
        return self._tree(_DEEPEST, self._single, self._negatable)

    # What is answered by comparing every record only.

    def unindexed(self) -> Condition:
        alone = (
            lambda: model.Equal("smoker", self._value("smoker")),
            lambda: model.Equal("ward", self._value("ward")),
        )
        return self._rng.choice((*alone, *[self._unanswered] * 6))()

    def negation(self) -> Condition:
        while True:
            asked = model.Not(self._single())
            if needs_scan(asked):
                return asked

    def any_tree(self) -> Condition:
        while True:
            asked = self._tree(_DEEPEST, self._anything, self._anything)
            if needs_scan(asked):
                return asked

    # Parts of these.

    def _single(self) -> Condition:
        return self._rng.choice(list(_SINGLE.values()))(self)

    def _negatable(self) -> Condition:
        return self.plain() if self._rng.random() < 0.6 else self.missing()

    def _anything(self) -> Condition:
        return self._unanswered() if self._rng.random() < 0.25 else self._single()

    def _unanswered(self) -> Condition:
        """Make what no index answers, alone or beside others."""
        choose = self._rng.choice
        return choose(
            (
                lambda: model.Equal("salary", self._value("salary")),
                lambda: model.OneOf("seen", (self._value("seen"), self._value("seen"))),
                lambda: self._between(choose(("name", "phone"))),
                lambda: model.Contains("email", choose(("A.1", "7@", "x+", "BÜ")), "folded"),
                lambda: model.Begins("phone", choose(("+", "+49", "0049 (")), "folded"),
                lambda: model.HasWords("email", choose(("com", "Tag 7", "COM org")), "folded"),
                lambda: model.Alike("name", self._respelled(self._value("name")), "unaccented"),
                lambda: model.Contains("name", choose(("er", "u", "öz")), "unaccented"),
            )
        )()

    def _several(self) -> list[Condition]:
        """Make two or three conditions, most of the time about one person."""
        crowd = self._crowd
        if self._rng.random() < 0.9:
            self._crowd = [self._rng.choice(crowd)]
        try:
            return [self._single() for _ in range(self._rng.choice((2, 2, 3)))]
        finally:
            self._crowd = crowd

    def _tree(
        self, depth: int, leaf: Callable[[], Condition], negated: Callable[[], Condition]
    ) -> Condition:
        shape = self._rng.choice(("leaf", "not", "not", "all", "some"))
        if depth == 0 or (shape == "leaf" and depth < _DEEPEST):
            return leaf()
        if shape == "not":
            return model.Not(self._tree(depth - 1, negated, leaf))
        count = self._rng.choice((2, 2, 3))
        parts = tuple(self._tree(depth - 1, leaf, negated) for _ in range(count))
        return model.All(parts) if shape == "all" else model.Some(parts)

    def _between(self, field: str) -> Condition:
        # Of many values two neighbours, so that a range is narrow more often than not.
        values = sorted(self._value(field) for _ in range(self._rng.choice((2, 8, 20))))
        at = self._rng.randrange(len(values) - 1)
        ends = values[at : at + 2]
        chance = self._rng.random()
        if chance < 0.1:
            return model.Between(field, ends[0], None)
        if chance < 0.2:
            return model.Between(field, None, ends[0])
        if chance < 0.3:
            return model.Between(field, ends[0], ends[0])
        return model.Between(field, *(ends if chance < 0.97 else ends[::-1]))

    def _needle(
        self, cut: Callable[[str], str], least: int, crowd: list[Person] | None = None
    ) -> str:
        """Cut a part out of a name, as long as an index needs it."""
        while True:
            name = self._rng.choice(crowd)["name"] if crowd else self._value("name")
            part = self._respelled(cut(normal_form("folded", name)))
            if len(normal_form("folded", part)) >= least:
                return part

    def _short_names(self, *, often: float) -> list[Person]:
        """Give, now and then, those whose whole name may be as long as an indexed beginning."""
        if self._rng.random() > often:
            return []
        lengths = range(SHORTEST_PREFIX, 7)
        return [one for one in self._crowd if len(normal_form("folded", one["name"])) in lengths]

    def _any_words(self) -> list[str]:
        found: list[str] = []
        while not found:
            found = sorted(words_of(normal_form("folded", self._value("name"))))
        self._rng.shuffle(found)
        return found

    def _respelled(self, text: str) -> str:
        """Write a text otherwise, now and then with a mistake in it."""
        choice = self._rng.choice
        respell = choice((str, str, str.upper, str.swapcase, _apart, _together, "  {} ".format))
        written = respell(text)
        if self._rng.random() < 0.05:
            at = self._rng.randrange(len(written) + 1)
            written = written[:at] + choice("qz0é\u0301 ") + written[at:]
        return written

    def _value(self, field: str) -> Any:
        """Return a value that somebody has, or now and then one that perhaps nobody has."""
        found = self._rng.choice(self._crowd)[field]
        if found is None or self._rng.random() < 0.07:
            found = people.value(self._rng, field)
        return found


def _apart(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def _together(text: str) -> str:
    return unicodedata.normalize("NFC", text)


_SINGLE: Final[dict[str, Callable[[Asker], Condition]]] = {
    "one value": Asker.equality,
    "one of up to 40 values": Asker.one_of,
    "the same text, otherwise spelled": Asker.alike,
    "values of two fields together": Asker.pair,
    "begins so": Asker.prefix,
    "has these words": Asker.words,
    "contains this": Asker.contains,
    "between two days": Asker.days,
    "between two amounts": Asker.amounts,
    "between two moments": Asker.moments,
    "has no value, or has one": Asker.missing,
    "plain fields": Asker.plain,
}
KINDS: Final = {
    **_SINGLE,
    "all of two or three": Asker.all_of,
    "any of two or three": Asker.any_of,
    "and, or, not, three deep": Asker.tree,
    "by a scan: without an index": Asker.unindexed,
    "by a scan: the opposite": Asker.negation,
    "by a scan: and, or, not, three deep": Asker.any_tree,
}
"""How each kind of question is called, and what makes one."""
