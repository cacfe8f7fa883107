"""How uneven tokens are, drawn: rank and share, both on logarithmic scales, as PNG or SVG."""

from __future__ import annotations

import errno
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import Final

from strongroom.errors import InputError, StrongroomError

_FORMS: Final = ("png", "svg")


def check_plot(file: str) -> None:
    """Refuse what could not be drawn, before anything is measured.

    Raises:
        InputError: another ending than ``.png`` or ``.svg``, or the library is not installed.
    """
    if file.rpartition(".")[2].lower() not in _FORMS:
        raise InputError("a plot's file ends in .png or .svg")
    if find_spec("matplotlib") is None:
        raise InputError(
            "drawing needs matplotlib", hint="install it with: pip install 'strongroom[plot]'"
        )


def draw(curves: Mapping[str, Sequence[float]], file: str) -> None:
    """Draw the shares of each curve in descending order.

    Args:
        curves: shares, by what they are called.
        file: where to write; its ending says as what.

    Raises:
        StrongroomError: the file cannot be written.
    """
    import matplotlib as mpl  # noqa: PLC0415  # an extra, and slow to import
    from matplotlib.figure import Figure  # noqa: PLC0415

    form = file.rpartition(".")[2].lower()
    # The same curves give the same file: no date in it, no names drawn at random.
    with mpl.rc_context({"svg.hashsalt": "strongroom", "svg.fonttype": "none"}):
        figure = Figure(figsize=(7, 4.5), dpi=120, layout="constrained")
        axes = figure.subplots()
        for label, shares in curves.items():
            ordered = sorted(shares, reverse=True)
            axes.loglog(range(1, len(ordered) + 1), ordered, label=label)
        axes.set_xlabel("rank")
        axes.set_ylabel("share")
        if curves:
            axes.legend()
        nothing = {"Date": None, "Creator": None} if form == "svg" else {"Software": None}
        try:
            figure.savefig(file, format=form, metadata=nothing)
        except OSError as error:
            name = errno.errorcode.get(error.errno or 0, "unknown error")
            raise StrongroomError(f"the plot cannot be written ({name})") from None
