"""A value that must be nowhere in an error."""

from __future__ import annotations

import traceback

from strongroom.errors import (
    StorageError,
)

CANARY = "Ada-Lovelace-1815"


def told_nothing(error: StorageError) -> None:
    """Check that neither the error nor what hangs on it holds a value or a driver's words."""
    assert CANARY not in f"{error!s} {error!r} {error.hint} {vars(error)}"
    assert CANARY not in "".join(traceback.format_exception(error))
    assert error.__cause__ is None
    assert error.__context__ is None
    step = error.__traceback__
    while step is not None:
        # A local variable of the driver would bring its message to whoever reports frames.
        assert "/site-packages/" not in step.tb_frame.f_code.co_filename
        step = step.tb_next
