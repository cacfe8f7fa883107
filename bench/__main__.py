"""Measure and write docs/performance.md: `make bench`, or `python -m bench cells` for a part."""

from __future__ import annotations

import sys

from bench import page
from bench.parts import PARTS, measure
from bench.places import servers


def main() -> None:
    """Measure all parts, or those that are named, and write each into the page when it is done."""
    wanted = sys.argv[1:] or list(PARTS)
    unknown = [name for name in wanted if name not in PARTS]
    if unknown:
        sys.exit(f"error: no part {', '.join(unknown)}\nhint: there are {', '.join(PARTS)}")
    titles = [title for title, _ in PARTS.values()]
    known, text = page.read(), ""
    with servers():
        for name in wanted:
            known[PARTS[name][0]] = measure(name)
            text = page.write(known, titles)
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
