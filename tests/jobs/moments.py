"""Something that happens at a chosen moment of an adoption, done by somebody else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from strongroom.jobs.rewriting import adopt, passes
from strongroom.room import rewriting


@contextmanager
def before(name: str, happens: Callable[[], object], *, call: int = 1) -> Iterator[None]:
    """Do something once, right before a step of an adoption.

    Args:
        name: of the step: `catch_up` comes when every row is proved, `cut_over` when the changes
            that others made are dealt with, `clean` when the table is strongroom's.
        happens: what to do.
        call: before which call of that step: the second `carry_out` proves.
    """
    place: Any = next(one for one in (adopt, passes, rewriting) if hasattr(one, name))
    step, calls = getattr(place, name), []

    def instead(*given: Any, **named: Any) -> Any:
        calls.append(name)
        if len(calls) == call:
            happens()
        return step(*given, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(place, name, instead)
        yield
    assert len(calls) >= call, f"{name} was never reached"
