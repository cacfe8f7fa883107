"""docs/databases.md on real servers: the accounts it makes have the rights that are needed.

Only names are replaced: of the server, the database, the accounts and the file of authorities.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

import strongroom
from tests.docs.documents import Block, blocks
from tests.docs.running import run_python, shell
from tests.servers import mariadb as mariadb_server
from tests.servers import postgresql as postgresql_server
from tests.servers.database import ServerDatabase
from tests.servers.server import Server

DOCUMENT: Final = "docs/databases.md"
ACCOUNTS: Final = ("keeper", "app", "reader")
STATEMENTS: Final = {"mariadb": 8, "postgresql": 6}
EXAMPLES: Final = 11


def test_every_block_for_a_server_is_for_one_of_these() -> None:
    servers = [block.run for block in blocks(DOCUMENT, "sql", "python") if block.run]
    basic = ["mariadb"] * 3 + ["postgresql"] * 3
    indexes = ["mariadb"] * 2 + ["postgresql"]
    assert servers == basic + indexes


@pytest.fixture(params=STATEMENTS)
def names(request: pytest.FixtureRequest) -> Iterator[Names]:
    found = Names(request.param, request.getfixturevalue(request.param))
    yield found
    found.remove()


def test_accounts_can_do_what_the_document_says(
    names: Names, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    scope: dict[str, Any] = {}
    statements = examples = 0
    for block in blocks(DOCUMENT, "sql", "python"):
        if block.run != names.kind:
            continue
        if block.language == "sql":
            statements += names.execute(names.replaced(block))
        else:
            examples += run_python(names.replaced_block(block), scope)
    assert (statements, examples) == (STATEMENTS[names.kind], EXAMPLES)


@pytest.mark.parametrize("kind", STATEMENTS)
def test_printed_statements_spare_the_right_to_create(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database: ServerDatabase = request.getfixturevalue(f"{kind}_database")
    folder = tmp_path / "people"
    folder.mkdir()
    monkeypatch.chdir(folder)
    printed = shell(f"strongroom init --sql --url '{database.url}'", folder)
    assert printed.returncode == 0
    statements = printed.stdout.split(";\n")
    assert [one.partition(" (")[0][:19] for one in statements] == ["CREATE TABLE strong"] * 3 + [
        'CREATE TABLE "users' if kind == "postgresql" else "CREATE TABLE `users",
        "",
    ]
    for statement in statements[:-1]:
        database.execute(statement)
    url, password = database.account("SELECT", "INSERT", "UPDATE", "DELETE")
    with strongroom.open(url, key="file:aes_key.bin", password=password) as room:
        assert room.made_store
        assert room.table("users").add(name="Ada Lovelace", age=36) == 1


class Names:
    """The names in the document and those that they stand for here."""

    def __init__(self, kind: str, server: Server) -> None:
        self.kind = kind
        self.server = server
        mark = secrets.token_hex(4)
        self._words = {name: f"doc_{name}_{mark}" for name in (*ACCOUNTS, "people")}

    def replaced(self, block: Block) -> str:
        text = block.text.replace("db.example.com", f"{self.server.host}:{self.server.port}")
        text = text.replace("/etc/ssl/db-ca.pem", str(self.server.ca))
        for word, other in self._words.items():
            text = re.sub(rf"\b{word}\b", other, text)
        return text

    def replaced_block(self, block: Block) -> Block:
        return Block(
            block.document, block.line, block.language, self.replaced(block), None, self.kind
        )

    def execute(self, text: str) -> int:
        """Run statements as the administrator, as `psql` does where the database is changed."""
        count, statement, connection = 0, "", self._connect(None)
        try:
            for line in text.splitlines():
                if line.startswith("\\connect "):
                    connection.close()
                    connection = self._connect(line.split()[1])
                    continue
                statement += f"{line}\n"
                if line.endswith(";"):
                    connection.cursor().execute(statement.rstrip(";\n"))
                    count, statement = count + 1, ""
        finally:
            connection.close()
        assert not statement, "the last statement has no end"
        return count

    def remove(self) -> None:
        force, host = ("", "@'%'") if self.kind == "mariadb" else (" WITH (FORCE)", "")
        account = "USER" if self.kind == "mariadb" else "ROLE"
        drops = [f"DROP DATABASE IF EXISTS {self._words['people']}{force};"]
        drops += [f"DROP {account} IF EXISTS {self._words[name]}{host};" for name in ACCOUNTS]
        self.execute("\n".join(drops))

    def _connect(self, database: str | None) -> Any:
        administrator = self.server.administrator
        if self.kind == "mariadb":
            return mariadb_server.connect(self.server, administrator, database)
        return postgresql_server.connect(
            self.server, administrator, *([database] if database else [])
        )
