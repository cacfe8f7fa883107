"""Every answer is plain Python's: the same people in the same order, whatever is asked.

On SQLite, MariaDB and PostgreSQL; `size.py` says how many people and questions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

import strongroom
from tests.search import page
from tests.search.comparing import DROPPED, ENDS, EXPLAINED, PAGED, Comparison, plan
from tests.search.model import Model
from tests.search.questions import KINDS, SORTED, Asker
from tests.search.size import EACH, PEOPLE, SCANS, SECONDS, SEED
from tests.search.store import INDEXES, fill
from tests.servers.database import KINDS as DATABASES
from tests.servers.database import Database

FEW: Final = 150
EXPLAINED_SCANS: Final = 2
"""With so many questions of each kind that scans, one is explained."""


@pytest.mark.slow
@pytest.mark.timeout(SECONDS)
def test_every_answer_is_that_of_plain_python(
    room: strongroom.Strongroom, database: Database, equal: dict[str, Mapping[str, int]]
) -> None:
    table, crowd = fill(room, PEOPLE, SEED)
    asked = list(plan(EACH, SCANS))
    comparison = Comparison(table, crowd, f"{SEED} {database.kind}")
    for kind, number in asked:
        comparison.ask(kind, number)
    wrong = comparison.wrong
    assert not wrong, f"{len(wrong)} of {len(asked)} differ:\n\n" + "\n\n".join(wrong[:10])
    assert sum(comparison.equal[kind] for kind in KINDS) == len(asked)
    assert comparison.found > len(asked) / 2
    # A scan drops most of the people; of few questions none of those that are explained may be one.
    assert comparison.equal[DROPPED] > (PEOPLE / 10 if SCANS >= EXPLAINED_SCANS else 0)
    equal[database.kind] = comparison.equal


def test_no_false_positive_comes_out(room: strongroom.Strongroom) -> None:
    """Tokens of 4 bits, of which every record shares its own with every sixteenth other."""
    accept = "these people are made up"
    short = [one if one.unique else replace(one, bits=4, accept=accept) for one in INDEXES]
    table, crowd = fill(room, FEW, SEED, short)
    model, asker = Model(crowd), Asker(crowd, f"{SEED} false")
    dropped = dict.fromkeys((one.called for one in short if not one.unique), 0)
    for kind in list(KINDS)[:15]:
        for _ in range(8):
            question = replace(asker.question(kind), limit=None)
            query = question.of(table)
            if question.order in SORTED:
                query = query.scan()
            took = query.explain()
            wanted = model.answer(question.asked, question.order)
            assert [record.id for record in query] == wanted
            assert took.figures is not None
            assert took.figures.found == len(wanted)
            assert took.figures.fetched == took.figures.dropped + len(wanted)
            assert f"{took.figures.dropped} false positives dropped" in str(took)
            names = [str(one.index) for one in took.asked]
            if len(names) == 1 and names[0] in dropped:
                dropped[names[0]] += took.figures.dropped
    assert min(dropped.values()) > 0, dropped


@pytest.mark.parametrize("limit", [0, 1, 2, 3])
def test_a_limit_holds_however_the_query_is_ended(room: strongroom.Strongroom, limit: int) -> None:
    table, crowd = fill(room, 30, SEED, [])
    query = table.all().limit(limit)
    keys = [one["id"] for one in crowd][:limit]
    assert [record.id for record in query] == keys
    assert query.count() == len(keys)
    assert query.exists() is bool(keys)
    first = query.first()
    assert (None if first is None else first.id) == (keys[0] if keys else None)
    if limit == 1:
        assert query.one().id == keys[0]
    else:
        with pytest.raises(strongroom.QueryError if keys else strongroom.NotFoundError):
            query.one()


@pytest.mark.parametrize("order", ["id", "age", "born"])
def test_explain_counts_what_comes_out_within_a_limit(
    room: strongroom.Strongroom, order: str
) -> None:
    table, _ = fill(room, 30, SEED, [])
    query = table.find(ward=1).scan().order_by(order).limit(3)
    assert len(list(query)) == 3
    figures = query.explain().figures
    assert figures is not None
    assert figures.found == 3


def test_the_page_is_written_of_a_whole_run_only(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    rows = [*KINDS, PAGED, ENDS, EXPLAINED, DROPPED]
    equal = {
        name: {row: 1_000 * place + number for number, row in enumerate(rows, start=1)}
        for place, name in enumerate(DATABASES)
    }
    for lacking in DATABASES:
        some = {name: counts for name, counts in equal.items() if name != lacking}
        assert not page.write(5_000, 7, some, path)
    for row in KINDS:
        assert not page.write(5_000, 7, equal | {"mariadb": equal["mariadb"] | {row: 0}}, path)
    assert not path.exists()
    assert page.write(5_000, 7, equal, path)
    written = path.read_text(encoding="utf-8")
    assert written.startswith("# Search, checked\n\n")
    assert " over 5,000 synthetic people " in written
    assert "| | SQLite | MariaDB | PostgreSQL |\n|---|---|---|---|\n" in written
    assert "\n| one value | 1 | 1,001 | 2,001 |\n" in written
    assert written.count("\n| ") == len(rows) + 1
