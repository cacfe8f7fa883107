"""Files that cannot be imported and options that make no sense, with what is said of them."""

from __future__ import annotations

import gzip
from typing import Final

AGE: Final = "users.age must be an integer between 0 and 150"
FIELDS: Final = (
    "hint: its fields are: name, age; --map COLUMN=FIELD or --skip COLUMN, and --columns where "
    "the file has no header"
)
QUOTES: Final = 'hint: a quote inside of a quoted value is written twice: ""'
FORMATS: Final = "hint: --format csv|tsv|jsonl|json|parquet|xlsx"
ENCODING: Final = "hint: name the encoding that the file is in, such as --encoding cp1252"
HIDDEN: Final = "Zwergelstern"
"""Stands in every file that has room for a value, and never in what is said."""
MARK: Final = (
    "error: the file begins with the byte-order mark of utf-16-le, which is not the declared "
    "encoding cp1252"
)

Record = tuple[str, str, list[str], int]
RECORDS: Final[dict[str, Record]] = {
    "too few values": (
        "a.csv",
        f"name,age\n{HIDDEN}\nAda,36\n",
        ["line 2: has 1 value for 2 columns"],
        2,
    ),
    "too many values": (
        "a.csv",
        f"name,age\n{HIDDEN},1,2\n",
        ["line 2: has 3 values for 2 columns"],
        1,
    ),
    "thousands of values": (
        "a.csv",
        "name,age\n" + "," * 900 + "\n",
        ["line 2: has 901 values for 2 columns"],
        1,
    ),
    "text after a quote": (
        "a.csv",
        f'name,age\n"{HIDDEN}"x,36\nb,2\n',
        ["line 2: has text after a closing quote"],
        2,
    ),
    "a carriage return": (
        "a.csv",
        f"name,age\n{HIDDEN}\rb,36\n",
        ["line 2: has a carriage return outside of quotes"],
        1,
    ),
    "a line end inside of quotes is no new record": (
        "a.csv",
        f'name,age\r\n"a\r\n{HIDDEN}",1\r\nb,x\r\n',
        [f"line 4: {AGE}"],
        2,
    ),
    "numbers that are none": (
        "a.csv",
        f"name,age\n{HIDDEN},thirty\nb, 36\nc,36.0\nd,+36\ne,036\nf,\ng,3\uff16\n",
        [f"line {line}: {AGE}" for line in range(2, 9)],
        7,
    ),
    "a number out of range": (
        "a.csv",
        f"name,age\n{HIDDEN},200\n",
        ["line 2: users.age must be between 0 and 150"],
        1,
    ),
    "no value for a required field": (
        "a.csv",
        f"name,age\n{HIDDEN},\\N\n",
        ["line 2: users.age must be given"],
        1,
    ),
    "TSV": ("a.tsv", f"name\tage\n{HIDDEN}\tx\n", [f"line 2: {AGE}"], 1),
    "types of JSON are exact": (
        "a.jsonl",
        f'{{"name":5,"age":1}}\n{{"name":"a","age":true}}\n{{"name":"{HIDDEN}","age":1.5}}\n',
        ["line 1: users.name must be a text", *(f"line {line}: {AGE}" for line in (2, 3))],
        3,
    ),
    "NaN": (
        "a.jsonl",
        f'{{"name":"{HIDDEN}","age":NaN}}\n',
        ["line 1: has NaN or infinity, which is not JSON"],
        1,
    ),
    "a key twice": (
        "a.jsonl",
        f'{{"name":"{HIDDEN}","name":"b","age":1}}\n',
        ["line 1: has a key twice"],
        1,
    ),
    "deep JSON": (
        "a.jsonl",
        '{"name":' + "[" * 100_000 + "]" * 100_000 + "}\n",
        ["line 1: has more than 64 arrays and objects inside others"],
        1,
    ),
    "no JSON": ("a.jsonl", f'{{"name":{HIDDEN}}}\n', ["line 1: is not JSON"], 1),
    "no object": (
        "a.json",
        f'[5, {{"name":"{HIDDEN}","age":1}}]',
        ["line 1: is JSON, but no object"],
        2,
    ),
    "an unknown member": (
        "a.jsonl",
        f'{{"name":"a","age":1,"{HIDDEN}":2}}\n{{"name":"a"}}\n',
        ["line 1: has a member that is no field of users", "line 2: users.age must be given"],
        2,
    ),
    "a lone surrogate": (
        "a.jsonl",
        '{"name":"\\ud800","age":1}\n',
        ["line 1: users.name must not hold lone surrogates"],
        1,
    ),
}

FILES: Final[dict[str, tuple[str, str | bytes, list[str]]]] = {
    "an empty file": ("a.csv", "", ["error: the file is empty"]),
    "nothing but line ends": ("a.csv", "\n\n", ["error: the file is empty"]),
    "a long line": (
        "a.csv",
        b"name,age\n" + b"x" * (33 << 20),
        ["error: line 2: the line has more than 32 MiB"],
    ),
    "a quote that does not end": (
        "a.csv",
        f'name,age\n"{HIDDEN},36\nb,2\n',
        ["error: line 2: a quoted value does not end", QUOTES],
    ),
    "zipped": (
        "a.csv",
        gzip.compress(b"name,age\na,1\n"),
        ["error: the file is compressed (gzip)", "hint: unpack it first"],
    ),
    "zipped by its name": (
        "a.csv.gz",
        "name",
        ["error: the file is compressed (gzip)", "hint: unpack it first"],
    ),
    "another encoding": (
        "a.csv",
        f"name,age\n{HIDDEN},1\nJürgen,2\n".encode("cp1252"),
        ["error: line 3: the bytes are not utf-8", ENCODING],
    ),
    "UTF-16 without a mark": (
        "a.csv",
        f"name,age\n{HIDDEN},1\n".encode("utf-16-le"),
        [
            "error: line 1: the name of column 1 holds a NUL character",
            "hint: the file may be in UTF-16: --encoding utf-16-le or utf-16-be",
        ],
    ),
    "a missing column": (
        "a.csv",
        f"name\n{HIDDEN}\n",
        [
            "error: no column of the file is for users.age, which must be given",
            "hint: if it has another name there: --map COLUMN=age",
        ],
    ),
    "an unknown column": (
        "a.csv",
        f"name,age,{HIDDEN}\na,1,x\n",
        ["error: column 3 of the file is no field of users", FIELDS],
    ),
    "no header": (
        "a.csv",
        f"{HIDDEN},36\n",
        ["error: column 1 of the file is no field of users", FIELDS],
    ),
    "a column twice": (
        "a.csv",
        "name,age,name\na,1,b\n",
        ["error: line 1: columns 1 and 3 have the same name"],
    ),
    "a counted key": (
        "a.csv",
        "id,name,age\n1,a,1\n",
        [
            "error: column 1 of the file is the primary key of users, which strongroom counts",
            "hint: leave it out with --skip id, or update records by it with --upsert id",
        ],
    ),
    "no array": (
        "a.json",
        f'{{"name":"{HIDDEN}"}}',
        [
            "error: line 1: the file is no JSON array",
            "hint: for one object on each line: --format jsonl",
        ],
    ),
    "cut off": (
        "a.json",
        f'[{{"name":"{HIDDEN}","age":1}},\n',
        [
            "error: line 2: the array does not end after the element that starts here",
            "hint: the file may have been cut off",
        ],
    ),
    "no Parquet": ("a.parquet", f"PAR1{HIDDEN}", ["error: the file is no readable Parquet"]),
    "no XLSX": ("a.xlsx", f"PK\x03\x04{HIDDEN}", ["error: the file is no readable XLSX"]),
    "no known suffix": (
        "a.dat",
        HIDDEN,
        ["error: the suffix of the file names no format", FORMATS],
    ),
}


OPTIONS: Final[dict[str, tuple[str | bytes, list[str], list[str]]]] = {
    "another mark": (
        "\ufeffname,age\n".encode("utf-16-le"),
        ["--encoding", "cp1252"],
        [MARK, "hint: leave out --encoding"],
    ),
    "an encoding that is none": (
        "name,age\n",
        ["--encoding", "x"],
        ["error: there is no such encoding", "hint: for example utf-8, cp1252 or utf-16"],
    ),
    "a format that is none": (
        "name,age\n",
        ["--format", "x"],
        ["error: there is no such format", FORMATS],
    ),
    "a sheet of a CSV": (
        "name,age\n",
        ["--sheet", "a"],
        ["error: --sheet is for xlsx, and the file is csv"],
    ),
    "a key for no parcel": (
        "name,age\n",
        ["--parcel-key", "file:k"],
        ["error: the file is no sealed parcel", "hint: leave out --parcel-key"],
    ),
    "two columns for one field": (
        "name,age,nom\na,1,b\n",
        ["--map", "nom=name"],
        [
            "error: columns 1 and 3 of the file are both for users.name",
            "hint: leave one out: --skip COLUMN",
        ],
    ),
    "a map of no column": (
        "name,age\n",
        ["--map", "nom=name"],
        ["error: --map names a column that the file does not have"],
    ),
    "a map to no field": (
        "name,age\n",
        ["--map", "name=nom"],
        ["error: --map names no field of users", FIELDS],
    ),
    "a map that is none": (
        "name,age\n",
        ["--map", "nom"],
        ["error: --map is COLUMN=FIELD, once for a column"],
    ),
    "a skip of no column": (
        "name,age\n",
        ["--skip", "nom"],
        ["error: --skip names a column that the file does not have"],
    ),
    "an upsert by no key": (
        "name,age\n",
        ["--upsert", "age"],
        [
            "error: records of users cannot be told apart by what --upsert names",
            "hint: --upsert id",
        ],
    ),
    "rejects without skipping": (
        "name,age\n",
        ["--rejects", "r"],
        ["error: a rejects file is for an import that skips", "hint: add --on-error skip"],
    ),
    "another way to go on": (
        "name,age\n",
        ["--on-error", "x"],
        ["error: what to do on an error is stop or skip", "hint: --on-error stop|skip"],
    ),
    "no pace": (
        "name,age\n",
        ["--throttle", "0"],
        [
            "error: --throttle must be a whole number, 1 or more",
            "hint: see: strongroom import --help",
        ],
    ),
}
