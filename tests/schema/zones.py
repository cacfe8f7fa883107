"""A zone whose clocks go back, without a time zone database."""

from __future__ import annotations

import datetime as dt


class ClocksGoBack(dt.tzinfo):
    """An hour that comes twice: first two hours ahead of UTC, then one."""

    def utcoffset(self, moment: dt.datetime | None, /) -> dt.timedelta:
        return dt.timedelta(hours=1 if moment is not None and moment.fold else 2)

    def dst(self, moment: dt.datetime | None, /) -> dt.timedelta:
        return self.utcoffset(moment) - dt.timedelta(hours=1)

    def tzname(self, _moment: dt.datetime | None, /) -> str:
        return "Europe/Nowhere"
