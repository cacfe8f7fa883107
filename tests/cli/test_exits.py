"""Which error ends with which exit code, and what is said of errors that nobody foresaw."""

from __future__ import annotations

import pytest

from strongroom import errors
from strongroom.cli import exits
from strongroom.cli.terminal import ReaderGoneError

CODES = {
    "StrongroomError": 1,
    "InputError": 2,
    "QueryError": 2,
    "DuplicateError": 2,
    "NotFoundError": 4,
    "NoTableError": 4,
    "NoStoreError": 4,
    "IntegrityError": 3,
    "DecryptionError": 3,
    "RootKeyError": 5,
    "KeyMissingError": 5,
    "KeyRefusedError": 5,
    "WrongKeyError": 5,
    "ConflictError": 6,
    "BusyError": 6,
    "StorageError": 1,
    "UnreachableError": 7,
    "UnfinishedError": 8,
    "ClosedError": 1,
}


def test_every_error_has_its_code() -> None:
    kinds = {
        name: kind
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, errors.StrongroomError)
    }
    assert kinds.keys() == CODES.keys()
    for name, kind in kinds.items():
        error = kind() if kind is errors.DecryptionError else kind("message")
        assert exits.ending(error) == CODES[name]


def test_an_error_and_its_hint(capsys: pytest.CaptureFixture[str]) -> None:
    assert exits.ending(errors.KeyMissingError("it is gone", hint="bring it back")) == 5
    assert capsys.readouterr() == ("", "error: it is gone\nhint: bring it back\n")


def test_an_error_cannot_drive_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    error = errors.IntegrityError("record a\x1b[2J\\ of users", hint="look\nhint: \x9b31m\u202e")
    assert exits.ending(error) == 3
    assert capsys.readouterr() == (
        "",
        "error: record a\\x1b[2J\\\\ of users\nhint: look\\nhint: \\x9b31m\\u202e\n",
    )


def failure() -> ValueError:
    """Return an error as it comes out of a defect, with a value in its text and in its cause."""
    try:
        try:
            int("Ada Lovelace")
        except ValueError as cause:
            raise ValueError("canary 7c1e") from cause
    except ValueError as error:
        return error
    raise AssertionError


def test_an_unforeseen_error_is_named_by_its_type_alone(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(exits.DEBUG, raising=False)
    assert exits.ending(failure()) == 1
    written = capsys.readouterr().err
    assert written.splitlines()[0] == "error: unexpected failure (ValueError)"
    assert len(written.splitlines()) == 2


def test_debugging_shows_where_and_no_text_of_the_errors(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(exits.DEBUG, "1")
    assert exits.ending(failure()) == 1
    written = capsys.readouterr().err
    assert "in failure\n" in written
    assert written.count("builtins.ValueError\n") == 2
    # A traceback quotes source lines, not values; the texts of the errors would be lines of ours.
    assert "invalid literal" not in written
    assert "ValueError: canary" not in written


def test_a_reader_that_went_away_is_told_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert exits.ending(ReaderGoneError()) == 141
    assert capsys.readouterr() == ("", "")


def test_interrupted(capsys: pytest.CaptureFixture[str]) -> None:
    assert exits.ending(KeyboardInterrupt()) == 130
    assert capsys.readouterr().err == "interrupted\n"
