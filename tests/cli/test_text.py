"""Nothing that is shown can drive a terminal, and everything that is shown can be read back."""

from __future__ import annotations

import codecs
import json
import re
import unicodedata

import hypothesis.strategies as st
import pytest
from hypothesis import example, given

from strongroom.cli import terminal
from strongroom.cli.text import NULL, visible, visible_json

TEXTS = st.text(st.characters(codec=None, exclude_categories=()), max_size=40)


def read_back(shown: str) -> str:
    """Undo `visible`: each escape is one of C's."""
    return re.sub(
        r"\\(?:x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8}|[\\tnr])",
        lambda found: codecs.decode(found[0].encode("ascii"), "unicode_escape"),
        shown,
    )


@given(TEXTS)
@example("\\N")
@example("\\\\x1b \x1b")
@example("\udc80")
def test_what_is_shown_can_be_read_back(text: str) -> None:
    assert read_back(visible(text)) == text


@given(TEXTS)
def test_nothing_that_is_shown_acts(text: str) -> None:
    shown = visible(text)
    assert shown != NULL
    for character in shown:
        assert unicodedata.category(character) not in {"Cc", "Cs", "Zl", "Zp"}
        assert unicodedata.bidirectional(character) not in {
            *("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
        }


@given(TEXTS, st.booleans())
def test_json_stays_the_same_json(text: str, ascii_only: bool) -> None:  # noqa: FBT001
    document = {"name": text}
    shown = visible_json(json.dumps(document, ensure_ascii=ascii_only))
    assert json.loads(shown) == document
    assert shown.isascii() or not ascii_only
    assert not set(shown) & set("\x7f\x9b\u2028\u202e\u2066\udc80")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Ada Lovelace", "Ada Lovelace"),
        ("\x1b[31m", "\\x1b[31m"),
        ("\x9b31m", "\\x9b31m"),
        ("\x00", "\\x00"),
        ("a\tb\nc\r", "a\\tb\\nc\\r"),
        ("C:\\N", "C:\\\\N"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\U000e0041", "\\U000e0041"),
        ("\u200fמ\u200e", "\u200fמ\u200e"),
        ("👩\u200d👧 e\u0301", "👩\u200d👧 e\u0301"),
    ],
)
def test_spelled(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("made a new store: a\x1b]0;title\x07.db", "made a new store: a\\x1b]0;title\\x07.db"),
        ("\ninterrupted: a\\b", "\ninterrupted: a\\b"),
        ("\r\x9b2K\u202e\udc80", "\\r\\x9b2K\\u202e\\udc80"),
        ("Zoë 👩\u200d👧", "Zoë 👩\u200d👧"),
    ],
)
def test_a_notice_cannot_drive_the_terminal(
    line: str, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal.notice(line)
    terminal.notice(line, end="")
    assert capsys.readouterr() == ("", f"{shown}\n{shown}")


def test_a_line_is_written_over(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.overwrite("1,000 records\x1b[2J")
    terminal.overwrite("")
    assert capsys.readouterr() == ("", "\r1,000 records\\x1b[2J\x1b[K\r\x1b[K")
