"""The key of another scheme is read where it is kept, and no error repeats what may be the key."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from strongroom.errors import StrongroomError
from strongroom.keys.elsewhere import read_elsewhere

SECRET = "django-insecure-7$x(q"


def read(place: str, *, raw: bool = False) -> bytes:
    return read_elsewhere(place, raw=raw, ask=lambda: SECRET)


def test_every_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "old.key"
    path.write_text(SECRET + "\n")
    path.chmod(0o600)
    monkeypatch.setenv("OLD_KEY", SECRET)
    for place in (str(path), f"file:{path}", "env:OLD_KEY", "prompt:"):
        assert read(place) == SECRET.encode()


@pytest.mark.parametrize(
    ("place", "raw"),
    [
        (SECRET, False),
        *product(
            (f"env:{SECRET}", f"prompt:{SECRET}", f"{SECRET}:{SECRET}", "q" * 43 + "="),
            (True, False),
        ),
    ],
)
def test_a_key_in_the_place_of_its_place_is_not_repeated(place: str, *, raw: bool) -> None:
    with pytest.raises(StrongroomError) as caught:
        read(place, raw=raw)
    said = f"{caught.value!r} {caught.value.hint} {caught.value.__context__!r}"
    assert SECRET not in said
    assert "q" * 43 not in said
