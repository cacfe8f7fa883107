"""The plot of docs/performance.md: the same figures give the same file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import matplotlib as mpl
from matplotlib.figure import Figure

from bench.page import DOCS

_CELLS: Final = "performance-cells.svg"


def draw_cells(found: Mapping[str, Mapping[str, Mapping[int, float]]]) -> str:
    """Draw how strongroom compares to each peer over the bytes of a plaintext.

    Args:
        found: ratios, by what was done, who it is beside, and bytes.

    Returns:
        The name of the file, beside the page.
    """
    with mpl.rc_context({"svg.hashsalt": "strongroom", "svg.fonttype": "none"}):
        figure = Figure(figsize=(9, 4.5), layout="constrained")
        sides = figure.subplots(1, len(found), sharey=True)
        for axes, (way, ratios) in zip(sides, found.items(), strict=True):
            for name, by_size in ratios.items():
                axes.loglog(list(by_size), list(by_size.values()), marker=".", label=name)
            axes.minorticks_off()
            axes.axhline(1, color="black", linewidth=0.8)
            axes.set_title(way)
            axes.set_xlabel("bytes of a plaintext")
        sides[0].set_ylabel("time of strongroom ÷ time of the other")
        handles, labels = sides[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=3, fontsize="small")
        figure.savefig(DOCS / _CELLS, format="svg", metadata={"Date": None, "Creator": None})
    return _CELLS
