"""Something that happens at a chosen moment of an adoption, done by somebody else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from strongroom.jobs import adopt
from strongroom.room import rewriting


@contextmanager
def before(name: str, happens: Callable[[], object]) -> Iterator[None]:
    """Do something once, right before a step of `strongroom.jobs.adopt`.

    Args:
        name: of the step: `catch_up` comes when every row is proved, `cut_over` when the changes
            that others made are dealt with, `clean` when the table is strongroom's.
        happens: what to do.
    """
    place: Any = adopt if hasattr(adopt, name) else rewriting
    step, done = getattr(place, name), []

    def instead(*given: Any, **named: Any) -> Any:
        if not done:
            done.append(name)
            happens()
        return step(*given, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(place, name, instead)
        yield
    assert done, f"{name} was never reached"
