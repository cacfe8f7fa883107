"""No failing command repeats a value: not on stderr, not on stdout, not when debugging."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.cli.program import strongroom

CANARY = "Canary7c1e"

FAILING = (
    ("add", "users", f"name={CANARY}", f"age={CANARY}"),
    ("add", "users", f"name={CANARY}", CANARY, "age=1"),
    ("add", "users", f"name={CANARY}", f"name={CANARY}", "age=1"),
    ("add", "users", f"{CANARY}={CANARY}", "age=1"),
    ("add", CANARY, "age=1"),
    ("add", f"name={CANARY}", "age=1"),
    ("update", "users", "1", f"age={CANARY}"),
    ("update", "users", "1", f"name={CANARY}", CANARY),
    ("update", "users", CANARY, "age=1"),
    ("update", "users", "2", f"name={CANARY}"),
    ("get", "users", CANARY),
    ("get", "users", "1", CANARY),
    ("get", "users", "2"),
    ("find", "users", f"name={CANARY}"),
    ("find", "users", f"age={CANARY}"),
    ("find", "users", CANARY),
    ("find", "users", "--null", CANARY),
    ("list", "users", "--order-by", CANARY),
    ("list", "users", "--after", CANARY),
    ("list", "users", "--limit", CANARY),
    ("list", CANARY),
    ("delete", "users", CANARY, "--yes"),
    ("reseal", "users", "2", "--accept", f"age={CANARY}"),
    ("reseal", "users", "2", "--accept", f"name={CANARY}"),
    ("create-table", CANARY, "name:text"),
    ("create-table", "t", CANARY),
    ("create-table", "t", f"{CANARY}:text"),
    ("create-table", "t", f"name:{CANARY}"),
    ("create-table", "t", f"name:text,{CANARY}=1"),
    ("status", "--key", CANARY),
    ("status", "--key", f"env:{CANARY * 5}="),
    ("status", "--url", f"mysql://app:{CANARY}@127.0.0.1:1/people"),
    ("status", "--url", f"mysql://app:{CANARY}@x@127.0.0.1:1/people"),
    ("status", "--url", f"oracle://app:{CANARY}@127.0.0.1/people"),
    (CANARY,),
    ("completion", CANARY),
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a store of which the second record was changed."""
    folder = tmp_path_factory.mktemp("store")
    people = f"{CANARY}\n36\n{CANARY}\n85\n".encode()
    assert strongroom(folder=folder, stdin=people).returncode == 0
    database = sqlite3.connect(folder / "strongroom.db")
    with database:
        database.execute("update users set age = 95 where id = 2")
    database.close()
    return folder


@pytest.mark.parametrize("arguments", FAILING, ids=lambda arguments: " ".join(arguments)[:60])
def test_a_failing_command_repeats_nothing(arguments: tuple[str, ...], store: Path) -> None:
    done = strongroom(*arguments, folder=store, extra={"STRONGROOM_DEBUG": "1"})
    assert done.returncode in {2, 3}
    assert done.stderr.startswith(b"error: ")
    assert b"unexpected failure" not in done.stderr
    assert CANARY.encode() not in done.stderr + done.stdout


@pytest.mark.parametrize(
    "stdin",
    [
        f"{CANARY}\n{CANARY}\nexit\n",
        f"{CANARY}\n",
        f"{CANARY}\ud800\n1\nexit\n",
    ],
)
def test_the_dialogue_repeats_no_answer(stdin: str, store: Path) -> None:
    done = strongroom(folder=store, stdin=stdin.encode("utf-8", "surrogatepass"))
    assert CANARY.encode() not in done.stderr
    assert done.returncode == 3  # the changed record
