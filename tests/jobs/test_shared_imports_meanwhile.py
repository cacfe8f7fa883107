"""What others, or an import before, have left behind while a shared import gets ready."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

import strongroom
from tests.cli.program import environment, warm_script
from tests.jobs.files_of_people import stored, write_csv
from tests.jobs.shared_imports import Import, count, extra, jobs
from tests.jobs.someone import people
from tests.servers.database import Database

COUNT = 3_500
_HEAD = """
import os, strongroom
from strongroom import ImportOptions, Pace, import_file
from strongroom.jobs.exchange import importing
from strongroom.jobs.exchange.sharing import SharedImport

TWO, meanwhile = ImportOptions(processes=2), []

def before(kind, name):
    known = getattr(kind, name)
    def first(*given, **named):
        while meanwhile:
            meanwhile.pop()()
        return known(*given, **named)
    setattr(kind, name, first)

def unended(*_):
    raise KeyboardInterrupt  # every part has ended, and nobody writes that down

def stop(progress):
    if progress.done:
        raise KeyboardInterrupt

def interrupted(options, pace=Pace()):
    try:
        import_file(room, "users", path, options, pace=pace)
    except KeyboardInterrupt:
        pass

url, key, path = {url!r}, {key!r}, {path!r}
room = strongroom.open(url, key, password=os.environ.get("STRONGROOM_PASSWORD"))
"""
_ENDED = """
before(SharedImport, "_begun")
meanwhile.append(lambda: import_file(room, "users", path, TWO))
report = import_file(room, "users", path, TWO)
print(report.added, report.already)
"""
_ENDED_BY_ONE = _ENDED.replace('"users", path, TWO))', '"users", path))')
_BEGUN_BY_ONE = """
before(SharedImport, "_begun")
meanwhile.append(lambda: interrupted(ImportOptions(), Pace(watch=stop)))
try:
    import_file(room, "users", path, TWO)
except strongroom.BusyError as error:
    print(error, error.retryable)
"""
_BEGUN_BY_SEVERAL = """
known = SharedImport._ended
SharedImport._ended = unended
before(importing, "rehearse")
meanwhile.append(lambda: interrupted(TWO))
try:
    import_file(room, "users", path)
except strongroom.BusyError as error:
    print(error, error.retryable)
"""
_LEFT = """
SharedImport._ended = unended
interrupted(TWO)
"""


def told(code: str, database: Database, key: str, path: str, folder: Path) -> str:
    """Run a program of its own, which has no other threads, and return what it prints."""
    head = _HEAD.format(url=database.url, key=key, path=path)
    done = subprocess.run(
        [str(warm_script()), "-c", head + code],
        capture_output=True,
        check=False,
        text=True,
        env=environment(folder, extra(database)),
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("meanwhile", "said", "there"),
    [
        (_ENDED, f"{COUNT} True", COUNT),
        (_ENDED_BY_ONE, f"{COUNT} True", COUNT),
        (_BEGUN_BY_ONE, "others import this file False", 1_000),
        (_BEGUN_BY_SEVERAL, "others import this file False", COUNT),
    ],
)
def test_whoever_began_meanwhile_is_seen(  # noqa: PLR0913, PLR0917  # three cases, and where they are
    database: Database,
    room: strongroom.Strongroom,
    key: str,
    tmp_path: Path,
    meanwhile: str,
    said: str,
    there: int,
) -> None:
    """Behind the first look, and before anything is stored."""
    room.table("users")
    path = write_csv(tmp_path / "a.csv", people(COUNT))
    assert told(meanwhile, database, key, path, tmp_path) == said
    assert count(database) == there


def test_a_part_that_ended_is_held_to_the_file_too(
    database: Database, room: strongroom.Strongroom, key: str, imported: Import, tmp_path: Path
) -> None:
    everyone = people(COUNT)
    path = write_csv(tmp_path / "a.csv", everyone)
    assert told(_LEFT, database, key, path, tmp_path) == ""
    assert (jobs(database), count(database)) == (3, COUNT)
    for other in ([*everyone[:-1], ("Eve", 9)], [*everyone, ("Eve", 9)], everyone[:-1]):
        write_csv(tmp_path / "a.csv", other)
        code, _, said = imported(path, "--processes", "2")
        assert (code, "the file is not the one" in said) == (2, True), said
    write_csv(tmp_path / "a.csv", everyone)
    code, report, said = imported(path, "--processes", "2")
    assert (code, report["added"], report["already"]) == (0, COUNT, False), said
    assert sorted(stored(room)) == sorted(everyone)
    assert jobs(database) == 1


def test_begun_again_no_part_goes_on(
    database: Database, key: str, imported: Import, tmp_path: Path
) -> None:
    """Nor where the checkpoint that names the parts cannot be believed."""
    path = write_csv(tmp_path / "a.csv", people(COUNT))
    assert told(_LEFT, database, key, path, tmp_path) == ""
    spelled = "REPLACE(document, 'processes\":2', 'processes\":3')"
    database.execute(f"UPDATE strongroom_jobs SET document = {spelled}")
    code, _, said = imported(path, "--processes", "2")
    assert (code, "a job's checkpoint was changed outside strongroom" in said) == (3, True), said
    code, report, said = imported(path, "--processes", "2", "--restart")
    assert (code, report["added"]) == (0, COUNT), said
    assert (jobs(database), count(database)) == (1, 2 * COUNT)


def test_a_file_that_is_written_to_meanwhile(
    database: Database, room: strongroom.Strongroom, key: str, tmp_path: Path
) -> None:
    """Each process may have read another file, and none has seen a change."""
    room.table("users")
    path = write_csv(tmp_path / "a.csv", people(COUNT))
    code = """
before(SharedImport, "_begun")
meanwhile.append(lambda: open(path, "a").write("Eve,9\\n"))
part, opened = SharedImport._part, importing.open_file

def unsuspecting(*given, **named):
    source = opened(*given, **named)
    source.changed = lambda: False  # it was opened just before, or just behind
    return source

def part_of(*given, **named):
    importing.open_file = unsuspecting  # in this process alone
    part(*given, **named)

SharedImport._part = part_of
try:
    import_file(room, "users", path, TWO)
except strongroom.StrongroomError as error:
    print(error)
"""
    said = told(code, database, key, path, tmp_path)
    assert said == "the file changed while it was read"


def test_what_was_refused_and_can_be_taken_now_is_told(
    database: Database, room: strongroom.Strongroom, key: str, tmp_path: Path
) -> None:
    """Others may have deleted the records in its way between the two looks at the table."""
    room.table("users")
    path = write_csv(tmp_path / "a.csv", people(COUNT))
    code = """
SharedImport.checked = lambda *_: 1
try:
    import_file(room, "users", path, TWO)
except strongroom.InputError as error:
    print(error)
"""
    said = told(code, database, key, path, tmp_path)
    assert said == "the table changed while the file was checked"
    assert count(database) == 0
