"""Where a skipped test counts as a failure: under `CI=true` or `STRONGROOM_REQUIRE_SERVERS=1`.

There every server and every driver can be installed, so a skip would hide an untested promise.
A test that may stay out even there (a server that only another Debian suite has) says so: its
reason starts with `optional:`.
"""

from __future__ import annotations

import os
from typing import NoReturn

import pytest

OPTIONAL = "optional:"


def required() -> bool:
    """Tell whether every skip is refused."""
    yes = {"1", "true", "yes"}
    named = (os.environ.get("CI"), os.environ.get("STRONGROOM_REQUIRE_SERVERS"))
    return any((value or "").lower() in yes for value in named)


def unavailable(reason: str) -> NoReturn:
    """Skip the test for want of what `reason` names, or fail it where that is refused."""
    if required():
        pytest.fail(f"not available, and no skip is allowed here: {reason}", pytrace=False)
    pytest.skip(f"not available: {reason}")


class RefuseSkips:
    """Fails a session in which a test was skipped for a reason that is not optional."""

    def __init__(self) -> None:
        self._refused: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped and not hasattr(report, "wasxfail"):
            self._note(report.nodeid, report.longrepr)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.skipped:
            self._note(report.nodeid, report.longrepr)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self._refused and session.exitstatus in (pytest.ExitCode.OK, 0):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._refused:
            terminalreporter.section("skips that are refused here", red=True)
            for test, reason in sorted(self._refused.items()):
                terminalreporter.line(f"{test}: {reason}")

    def _note(self, test: str, why: object) -> None:
        # The shape of a skip's report: (file, line, "Skipped: reason").
        reason = str(why[2]) if isinstance(why, tuple) else str(why)
        reason = reason.removeprefix("Skipped: ")
        if not reason.startswith(OPTIONAL):
            self._refused[test] = reason
