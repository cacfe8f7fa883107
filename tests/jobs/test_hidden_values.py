"""What bulk work holds shows no value where it is printed, as in a log or a crash report."""

from __future__ import annotations

from strongroom.files.source import Item
from strongroom.jobs.exchange.columns import Taken
from strongroom.jobs.exchange.placing import _One
from strongroom.storage.rewriting.originals import Original, Page
from strongroom.storage.row import Row

SECRET = "Ada Lovelace"


def test_nothing_shows_a_value() -> None:
    row = Row((1,), 1, b"", (SECRET,))
    original = Original((SECRET,), row, b"", (1,))
    item = Item(1, {"name": SECRET}, None, (SECRET,))
    taken = Taken(item, (1,), {"name": SECRET}, SECRET.encode())
    held = (
        Page([original], (1,), last=True),
        taken,
        _One([taken], {"name": SECRET}, row),
    )
    assert SECRET in original.held
    for one in held:
        assert SECRET not in repr(one)
        assert SECRET not in str(one)
