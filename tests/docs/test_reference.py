"""What the documents list is complete: methods, errors, exit codes, decisions."""

from __future__ import annotations

import inspect
import re
import textwrap
import tomllib
from typing import Any, Final

import pytest

import strongroom
from strongroom import errors
from strongroom.cli import exits
from strongroom.keys.provider import open_provider
from strongroom.room.query import Query
from strongroom.room.strongroom import Strongroom
from strongroom.room.table import Table
from strongroom.storage.address import Address
from tests.docs.documents import ROOT, blocks, documents, headings, tokens

LIBRARY: Final = "docs/library.md"
WIDEST_TABLE: Final = 110
"""Characters in a row of a table, without the targets of its links: what a page shows unfolded."""

PLACE: Final = "db.example.com/people"
"""What examples call `place`, but for its options."""

SCHEMES: Final = {"file:", "env:", "command:", "env:…"}
"""Said of a provider as such."""

SPECIFICATION: Final = {"docs/format.md"}
"""Exact layouts, whose tables say everything about a byte in one place."""


def public(owner: type) -> set[str]:
    return {
        name
        for kind in owner.__mro__[:-1]
        for name, value in vars(kind).items()
        if not name.startswith("_") and (inspect.isfunction(value) or isinstance(value, property))
    }


def raised() -> dict[str, Any]:
    return {
        name: one
        for name, one in vars(errors).items()
        if inspect.isclass(one) and issubclass(one, errors.StrongroomError)
    }


@pytest.mark.parametrize(
    ("prefix", "owner"), [("room", Strongroom), ("table", Table), ("query", Query)]
)
def test_every_method_has_a_heading(prefix: str, owner: type) -> None:
    described = {
        name.removeprefix(f"{prefix}.")
        for heading in headings(LIBRARY)
        for name in heading.split(", ")
        if name.startswith(f"{prefix}.")
    }
    attributes = {"made_store", "made_key"} if owner is Strongroom else set()
    assert described == public(owner) | attributes


def test_every_function_and_type_is_described() -> None:
    text = (ROOT / LIBRARY).read_text(encoding="utf-8")
    errors_of = {name for name in strongroom.__all__ if name.endswith("Error")}
    classes = {"Strongroom", "Table", "Query", "Record", "Ids", "FieldType", "__version__"}
    for name in set(strongroom.__all__) - errors_of - classes:
        assert f"`{name}`" in text or f"### strongroom.{name}\n" in text, name


def test_the_tree_of_errors_is_the_one_in_the_code() -> None:
    [tree] = blocks("docs/errors.md", "text")
    assert textwrap.indent(tree.text, "    ") in (errors.__doc__ or "")
    named = set(re.findall(r"\b[A-Z]\w+Error\b", tree.text))
    assert named - {"ValueError", "LookupError"} == set(raised())


def test_exit_codes_are_those_of_the_command_line() -> None:
    rows = [
        [cell.strip() for cell in line.split("|")[1:-1]]
        for line in (ROOT / "docs/errors.md").read_text(encoding="utf-8").splitlines()
        if re.match(r"\| \d", line)
    ]
    assert {int(row[0]) for row in rows} == set(exits.MEANINGS)
    listed = {name: int(row[0]) for row in rows for name in re.findall(r"`(\w+Error)`", row[-1])}
    for name, kind in raised().items():
        error = kind() if kind is errors.DecryptionError else kind("made")
        assert listed.get(name, 1) == exits.code_of(error), name


def test_decisions_are_numbered_listed_and_complete() -> None:
    found = [name for name in documents() if re.match(r"docs/adr/\d", name)]
    assert [int(name[9:13]) for name in found] == list(range(1, len(found) + 1))
    assert len(found) >= 15
    index = (ROOT / "docs/adr/README.md").read_text(encoding="utf-8")
    for name in found:
        number = name[9:13]
        title, *parts = headings(name)
        assert title.startswith(f"{number} ")
        assert parts == ["Context", "Decision", "Rejected", "Consequences"], name
        assert f"[{number}]({name.removeprefix('docs/adr/')}) | {title[5:]} |" in index.replace(
            "`", ""
        )


@pytest.mark.parametrize("document", sorted(set(documents()) - SPECIFICATION))
def test_no_table_is_too_wide_to_read(document: str) -> None:
    parsed = tokens(document)
    width = 0
    for place, token in enumerate(parsed):
        if token.type == "tr_open":
            width = 0
        elif token.type in ("td_open", "th_open"):
            parts = parsed[place + 1].children or ()
            width += sum(len(part.content) for part in parts) + 3
        elif token.type == "tr_close":
            assert width <= WIDEST_TABLE, f"{document}: a row of {width} characters"


def test_every_database_and_key_that_is_named_is_one() -> None:
    urls: set[str] = set()
    keys: set[str] = set()
    for document in documents():
        text = (ROOT / document).read_text(encoding="utf-8").replace("{place}", PLACE)
        urls |= set(re.findall(r"\b(?:mysql|mariadb|postgresql)://\w[^\s'\"`|)]+", text))
        keys |= set(re.findall(r"`((?:file|env|command|passphrase):[^`]*)`", text))
    assert len(urls) >= 4
    assert len(keys) >= 8
    for url in urls:
        assert Address.parse(url).kind in {"mysql", "postgresql"}
    for key in keys - SCHEMES:
        assert open_provider(key).scheme == key.partition(":")[0]


def test_settings_that_are_shown_are_accepted() -> None:
    [settings] = blocks("README.md", "toml")
    found = tomllib.loads(settings.text)
    assert found.keys() == {"url", "key"}
    assert Address.parse(found["url"]).kind == "mysql"
    assert open_provider(found["key"]).scheme == "file"
