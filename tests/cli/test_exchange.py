"""The commands import and export: what they say, which options go together, what they leave."""

from __future__ import annotations

import json

import pytest

from tests.cli.inside import Inside

PEOPLE = "name,age\nAda,36\n=1+1,40\n"


@pytest.fixture
def people(inside: Inside) -> Inside:
    """Give a store with two people."""
    assert inside("import", "users", inside.file("people.csv", PEOPLE)).code == 0
    return inside


def test_summaries(people: Inside) -> None:
    again = people("import", "users", "people.csv")
    assert (again.code, again.out, again.said) == (
        0,
        "",
        ["already imported: 2 records; --again to import it once more"],
    )
    bad = people.file("bad.csv", "id,name,age\n1,Ada,37\n5,Eve,30\n6,Zed,x\n")
    done = people("import", "users", bad, "--upsert", "id", "--on-error", "skip", "--json")
    assert (done.code, done.said) == (
        8,
        [
            "imported 2 records into users: 1 added, 1 updated",
            "1 record rejected: bad.csv.rejects.csv",
        ],
    )
    assert json.loads(done.out) == {
        "table": "users",
        "records": 3,
        "added": 1,
        "updated": 1,
        "rejected": 1,
        "rejects": "bad.csv.rejects.csv",
        "already": False,
        "dry_run": False,
    }
    repeated = people("import", "users", bad, "--upsert", "id", "--on-error", "skip")
    assert (repeated.code, repeated.said) == (
        8,
        [
            "already imported: 2 records; --again to import it once more",
            "1 record rejected: bad.csv.rejects.csv",
        ],
    )


def test_a_dry_run_makes_no_store(inside: Inside) -> None:
    done = inside("import", "users", inside.file("people.csv", PEOPLE), "--dry-run")
    assert (done.code, done.said[0]) == (4, "error: there is no store in sqlite:///strongroom.db")
    assert [path.name for path in inside.folder.iterdir()] == ["people.csv"]


def test_a_dry_run_says_what_would_be(people: Inside) -> None:
    bad = people.file("bad.csv", "name,age\nAda,37\nZed,x\n")
    done = people("import", "users", bad, "--on-error", "skip", "--dry-run")
    assert (done.code, done.said) == (
        8,
        [
            "line 3: users.age must be an integer between 0 and 150",
            "would import 1 record into users",
            "1 record would be rejected",
        ],
    )
    assert people("list", "users").out.count("\n") == 3


def test_columns_by_other_names_and_without_a_header(people: Inside) -> None:
    mapped = people.file("a.csv", "Full name,Years,Remarks\nEve,41,none\n")
    options = ("--map", "Full name=name", "--map", "Years=age", "--skip", "Remarks")
    assert people("import", "users", mapped, *options).code == 0
    bare = people.file("b.csv", "42;x;Dan\n")
    options = ("--columns", "age,x,name", "--skip", "x", "--delimiter", ";")
    assert people("import", "users", bare, *options).code == 0
    assert people("list", "users", "--after", "2").out == "id\tname\tage\n3\tEve\t41\n4\tDan\t42\n"


def test_what_is_piped_in(people: Inside) -> None:
    done = people("import", "users", "-", "--format", "tsv", stdin=b"age\tname\n50\tFay\n")
    assert (done.code, done.said) == (0, ["imported 1 record into users"])
    bad = people("import", "users", "-", "--format", "csv", stdin=b"name,age\nGus,51\nHal,x\n")
    assert (bad.code, bad.said) == (
        8,
        [
            "error: line 3: users.age must be an integer between 0 and 150",
            "hint: correct it; 1 record is stored: the same command goes on from there",
        ],
    )
    other = people("import", "users", "-", "--format", "csv", stdin=b"name,age\nIda,51\n")
    assert (other.code, other.said[0]) == (
        2,
        "error: the file is not the one whose import was interrupted",
    )
    restarted = people(
        "import", "users", "-", "--format", "csv", "--restart", stdin=b"name,age\nIda,51\n"
    )
    assert (restarted.code, restarted.said) == (
        0,
        ["imported 1 record into users", "what the earlier run stored is still there: 1 record"],
    )


def test_formats_by_their_suffix(people: Inside) -> None:
    for suffix in ("csv", "tsv", "jsonl", "ndjson", "json", "parquet", "xlsx"):
        done = people("export", "users", "--output", f"out.{suffix}")
        assert (done.code, done.out, done.said) == (0, "", ["exported 2 records of users"]), suffix
        done = people("import", "users", f"out.{suffix}", "--upsert", "id")
        assert done.said[-1] == "imported 2 records into users: 0 added, 2 updated", suffix
    assert people("export", "users").out == f"id,{PEOPLE}".replace("\nA", "\n1,A").replace(
        "\n=", "\n2,="
    )
    chosen = people("export", "users", "age=40", "--fields", "age,id", "--format", "jsonl")
    assert chosen.out == '{"age":40,"id":2}\n'


def test_formulas_are_neutralised_on_demand_and_back(people: Inside) -> None:
    people("export", "users", "--fields", "name,age", "--output", "a.csv", "--spreadsheet")
    assert (people.folder / "a.csv").read_text() == "name,age\nAda,36\n'=1+1,40\n"
    assert people("import", "users", "a.csv", "--spreadsheet").code == 0
    assert people("export", "users", "--fields", "name").out == "name\nAda\n=1+1\nAda\n=1+1\n"


def test_a_file_that_is_there(people: Inside) -> None:
    people.file("out.csv", "mine")
    done = people("export", "users", "--output", "out.csv")
    assert (done.code, done.said) == (
        2,
        [
            "error: the file out.csv is there already",
            "hint: take another name, or --force",
        ],
    )
    assert people("export", "users", "--output", "out.csv", "--force").code == 0
    assert (people.folder / "out.csv").read_text().startswith("id,name,age\n1,Ada")
    assert (people.folder / "out.csv").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["--fields", "name,city"], "error: users has no such field"),
        (
            ["--fields", "name,name"],
            "error: an export has each of its fields once, and at least one",
        ),
        (["--format", "doc"], "error: there is no such format"),
        (["name=Ada"], "error: users.name is encrypted, so the database cannot search it"),
        (["--sealed"], "error: --sealed and --parcel-key KEY belong together"),
        (["--parcel-key", "file:k"], "error: --sealed and --parcel-key KEY belong together"),
        (
            ["--sealed", "--parcel-key", "file:k", "--format", "csv"],
            "error: a sealed parcel has a format of its own",
        ),
    ],
)
def test_exports_that_make_no_sense(people: Inside, options: list[str], line: str) -> None:
    done = people("export", "users", "--output", "out.csv", *options)
    assert (done.code, done.out, done.said[0]) == (2, "", line)
    assert not (people.folder / "out.csv").exists()


def test_a_broken_record(people: Inside) -> None:
    import sqlite3

    database = sqlite3.connect(people.folder / "strongroom.db")
    with database:
        database.execute("UPDATE users SET age = 95 WHERE id = 1")
    database.close()
    done = people("export", "users", "--output", "out.csv")
    changed = "error: record 1 of users was changed outside strongroom"
    assert (done.code, done.said[0]) == (3, changed)
    assert not list(people.folder.glob("*out*"))
    done = people("export", "users", "--output", "out.csv", "--skip-broken")
    assert (done.code, done.said[0], done.said[-1]) == (3, changed, "exported 1 record of users")
    assert (people.folder / "out.csv").read_text() == "id,name,age\n2,=1+1,40\n"


def test_a_parcel(people: Inside) -> None:
    key = ("--parcel-key", "file:parcel.bin")
    assert people("export", "users", "--output", "out.srp", "--sealed", *key).code == 0
    assert (people.folder / "out.srp").read_bytes()[:5] == b"srp1."
    assert b"Ada" not in (people.folder / "out.srp").read_bytes()
    other = ("--url", "sqlite:///other.db", "--key", "file:other.bin")
    no_key = people("import", "users", "out.srp", *other)
    assert (no_key.code, no_key.said) == (
        2,
        [
            "error: the file is a sealed parcel",
            "hint: name the key it was sealed with: --parcel-key KEY",
        ],
    )
    assert not (people.folder / "other.db").exists()
    wrong = people("import", "users", "out.srp", "--parcel-key", "file:aes_key.bin", *other)
    assert (wrong.code, wrong.said[0]) == (
        5,
        "error: the key is not the one that this parcel was sealed with",
    )
    assert people("import", "users", "out.srp", "--upsert", "id", *key, *other).code == 0
    assert people("list", "users", *other).out == people("list", "users").out
    cut = (people.folder / "out.srp").read_bytes()[:-20]
    done = people("import", "users", people.file("cut.srp", cut), "--skip", "id", *key, *other)
    assert (done.code, done.said[0]) == (3, "error: the parcel is cut off in chunk 1")
    sealed = people("export", "users", "--sealed", *key)
    piped = people("import", "users", "-", "--skip", "id", *key, stdin=sealed.out.encode())
    assert piped.said == ["imported 2 records into users"]
