"""Passwords: asked for once, only when a server wants one, and shown nowhere."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from strongroom.errors import (
    InputError,
    UnreachableError,
)
from strongroom.storage.connect import Database
from tests.servers.database import ServerDatabase
from tests.storage.counter import Opener


class Asked:
    """A prompt that counts how often it was shown."""

    def __init__(self, answer: str) -> None:
        self.answer = answer
        self.times = 0

    def __call__(self) -> str:
        self.times += 1
        return self.answer


def test_the_password_is_asked_for_once_and_kept(place: ServerDatabase, opened: Opener) -> None:
    asked = Asked(str(place.password))
    database = opened(place.url, password=asked)
    assert asked.times == 0
    with database.read(), database.read(), database.reserve():
        pass
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: database.read().__enter__(), range(4)))
    assert asked.times == 1
    assert str(place.password) not in f"{database!r} {vars(database)!r}"


def test_threads_that_come_first_together_ask_once(place: ServerDatabase, opened: Opener) -> None:
    asked = Asked(str(place.password))
    database = opened(place.url, password=asked)

    def use(_: int) -> int:
        with database.read() as connection:
            return int(connection.exec_driver_sql("SELECT 1").scalar_one())

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(use, range(6))) == [1] * 6
    assert asked.times == 1


def test_a_wrong_answer_is_refused_and_the_next_attempt_asks_again(
    place: ServerDatabase, opened: Opener
) -> None:
    asked = Asked("wrong-horse-battery")
    database = opened(place.url, password=asked)
    with pytest.raises(UnreachableError, match="refused the login") as caught, database.read():
        pass
    assert "wrong-horse" not in f"{caught.value} {caught.value.hint}"
    assert asked.times == 1
    asked.answer = str(place.password)
    with database.read():
        pass
    assert asked.times == 2


@pytest.mark.parametrize("password", [None, "wrong-horse-battery"])
def test_without_the_password_the_login_is_refused(
    place: ServerDatabase, opened: Opener, password: str | None
) -> None:
    database = opened(place.url, password=password)
    with pytest.raises(UnreachableError, match="refused the login") as caught, database.write():
        pass
    assert "wrong-horse" not in f"{caught.value!r} {caught.value.hint}"
    assert caught.value.__context__ is None


def test_nobody_is_asked_where_the_url_has_the_password(
    place: ServerDatabase, opened: Opener
) -> None:
    asked = Asked("")
    url = place.url_for(f"{place.server.ordinary.user}:{place.password}")
    database = opened(url, password=asked)
    with database.read():
        pass
    assert asked.times == 0
    assert str(place.password) not in database.shown


def test_nobody_is_asked_when_the_server_cannot_be_reached(opened: Opener) -> None:
    asked = Asked("x")
    for url in ("mysql://u@127.0.0.1:1/d", "postgresql://u@127.0.0.1:1/d"):
        with (
            pytest.raises(UnreachableError, match="server cannot be reached"),
            opened(url, password=asked).read(),
        ):
            pass
    assert asked.times == 0


def test_what_the_prompt_raises_passes_as_it_is(place: ServerDatabase, opened: Opener) -> None:
    class AbortedError(RuntimeError):
        pass

    def ask() -> str:
        raise AbortedError

    with pytest.raises(AbortedError), opened(place.url, password=ask).read():
        pass


def test_the_servers_own_ways_to_a_password_work(
    mariadb_database: ServerDatabase,
    postgresql_database: ServerDatabase,
    tmp_path: Path,
    opened: Opener,
) -> None:
    options = tmp_path / "client.cnf"
    options.write_text(f"[client]\npassword = {mariadb_database.password}\n")
    passwords = tmp_path / "pgpass"
    passwords.write_text(f"*:*:*:*:{postgresql_database.password}\n")
    passwords.chmod(0o600)
    for place, option in (
        (mariadb_database, f"read_default_file={options}"),
        (postgresql_database, f"passfile={passwords}"),
    ):
        asked = Asked("not needed")
        assert place.server is not None
        url = place.url_for(
            place.server.ordinary.user, options=f"tls_ca={place.server.ca}&{option}"
        )
        with opened(url, password=asked).read() as connection:
            assert connection.exec_driver_sql("SELECT 1").scalar_one() == 1
        assert asked.times == 0


def test_two_passwords_are_one_too_many() -> None:
    with pytest.raises(InputError, match="both in the database URL and beside it"):
        Database.open("mysql://u:one@h/d", password="two")
    engine = sa.create_engine("sqlite://")
    with pytest.raises(InputError, match="an Engine brings its own password"):
        Database.open(engine, password="two")
    engine.dispose()


def test_a_missing_driver_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pymysql", None)
    with pytest.raises(InputError, match="the driver for mysql is not installed") as caught:
        Database.open("mysql://u@localhost/d")
    assert caught.value.hint == (
        "install strongroom with its extra mysql, or pip install 'PyMySQL>=1.2'"
    )
