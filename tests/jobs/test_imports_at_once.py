"""Imports of one file at once, and a writer beside an import: nothing twice, nothing lost."""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import strongroom
from strongroom import ImportOptions, import_file
from tests.cli.program import SCRIPT, environment
from tests.jobs.files_of_people import stored, write_csv
from tests.jobs.someone import people
from tests.servers.database import Database

RIVALS = 3


def test_several_processes_with_one_file(
    database: Database, room: strongroom.Strongroom, key: str, tmp_path: Path
) -> None:
    room.table("users")
    everyone = people(5_000)
    path = write_csv(tmp_path / "a.csv", everyone)
    secret = {} if database.password is None else {"STRONGROOM_PASSWORD": database.password}
    rivals = [
        subprocess.Popen(
            [str(SCRIPT), "import", "users", path, "--url", database.url, "--key", key],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=environment(tmp_path, secret),
            cwd=tmp_path,
        )
        for _ in range(RIVALS)
    ]
    ends = [(rival.communicate(timeout=90)[1].decode(), rival.returncode) for rival in rivals]
    # Whoever was overtaken says so; the last one to take over comes to the end.
    assert {code for _, code in ends} <= {0, 6}, ends
    assert any(code == 0 for _, code in ends), ends
    for said, code in ends:
        wanted = "another process has taken this job over" if code else "imported: 5,000 records"
        assert wanted in said.replace("imported 5,000", "imported: 5,000"), said
    assert stored(room) == everyone
    assert strongroom.verify(room).intact


def test_another_writer_beside_an_import(room: strongroom.Strongroom, tmp_path: Path) -> None:
    users = room.table("users")
    users.add_many([{"name": f"n{at}", "age": 0} for at in range(1_000)])
    rows = [(at + 1, f"m{at}", 1) for at in range(3_000)]
    path = write_csv(tmp_path / "a.csv", rows, "id,name,age")
    done = Event()

    def write() -> tuple[int, list[int]]:
        changed, added = 0, []
        while not done.is_set() or changed < 20:
            users.update(changed % 1_000 + 1, age=100)
            added.append(users.add(name="beside", age=9)) if changed % 5 == 0 else None
            changed += 1
        return changed, added

    with ThreadPoolExecutor(1) as pool:
        writer = pool.submit(write)
        try:
            options = ImportOptions(upsert="id", on_error="skip")
            report = import_file(room, "users", path, options)
        finally:
            done.set()
        changed, added = writer.result(60)
    everyone = {one.id: one for one in users.all()}
    assert report.added + report.updated + report.rejected == 3_000
    # An id that the writer was given meanwhile is a record that was there: it was updated.
    assert set(added) <= set(everyone)
    assert len(added) == len(set(added))
    assert all(everyone[key].name.startswith("m") for key in range(1, 1_001))
    assert all(everyone[key].record_version >= 2 for key in range(1, min(changed, 1_000)))
    assert strongroom.verify(room).intact
