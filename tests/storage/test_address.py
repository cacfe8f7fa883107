"""URLs: what each part becomes, what is refused, and that no message repeats a password."""

from __future__ import annotations

from pathlib import Path

import pytest

from strongroom.errors import InputError
from strongroom.storage.address import Address

SECRET = "hunter2secret"


@pytest.mark.parametrize(
    ("text", "kind", "driver"),
    [
        ("sqlite:///people.db", "sqlite", "sqlite+pysqlite"),
        ("mysql://u@h/d", "mysql", "mysql+pymysql"),
        ("mysql+pymysql://u@h/d", "mysql", "mysql+pymysql"),
        ("mariadb://u@h/d", "mysql", "mariadb+pymysql"),
        ("postgresql://u@h/d", "postgresql", "postgresql+psycopg"),
        ("postgres://u@h/d", "postgresql", "postgresql+psycopg"),
        ("postgresql+psycopg://u@h/d", "postgresql", "postgresql+psycopg"),
    ],
)
def test_scheme_chooses_kind_and_driver(text: str, kind: str, driver: str) -> None:
    address = Address.parse(text)
    assert (address.kind, address.url.drivername, address.shown) == (kind, driver, text)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("sqlite:///people.db", Path("people.db")),
        ("sqlite:////var/lib/people.db", Path("/var/lib/people.db")),
        ("sqlite:///with space@%41%25.db", Path("with space@A%.db")),
    ],
)
def test_sqlite_names_a_file(text: str, path: Path) -> None:
    assert Address.parse(text).path == path


@pytest.mark.parametrize(
    "text",
    [
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite+pysqlite:///:memory:",
        "sqlite:///file:x.db",
        "sqlite:///file::memory:",
    ],
)
def test_sqlite_in_memory_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="cannot live in memory") as caught:
        Address.parse(text)
    assert caught.value.hint == "name a file: sqlite:///people.db"


@pytest.mark.parametrize("text", ["oracle://u@h/d", "mssql+pyodbc://u@h/d", "redis://h"])
def test_unknown_scheme_names_the_supported_ones(text: str) -> None:
    with pytest.raises(InputError, match="a kind of database that is not supported") as caught:
        Address.parse(text)
    assert caught.value.hint == (
        "supported: sqlite:///FILE, mysql://, mariadb:// and postgresql://"
    )


@pytest.mark.parametrize(
    "text", ["mysql+mysqldb://u@h/d", "postgresql+psycopg2://u@h/d", "sqlite+aiosqlite:///x.db"]
)
def test_drivers_whose_tls_is_not_known_are_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"driver for [a-z]+ is not supported"):
        Address.parse(text)


@pytest.mark.parametrize(
    "option",
    [
        "local_infile=1",
        "ssl_disabled=true",
        "ssl_verify_cert=false",
        "ssl_ca=ca.pem",
        "client_flag=65536",
        "init_command=SET%20sql_mode%3D''",
        "sql_mode=ANSI",
        "autocommit=true",
        "conv=x",
        "password=x",
        "passwd=x",
        "ssl=true",
        "host=elsewhere",
    ],
)
def test_unsafe_mysql_options_are_refused(option: str) -> None:
    name = option.partition("=")[0]
    with pytest.raises(InputError, match=rf"^the option {name} is not allowed"):
        Address.parse(f"mysql://u@h/d?{option}")


@pytest.mark.parametrize(
    "option",
    [
        "sslmode=require",
        "sslmode=disable",
        "hostaddr=10.0.0.1",
        "options=-c%20x",
        "password=x",
        "sslrootcert=x",
        "gssencmode=require",
        "sslkeylogfile=x",
        "client_encoding=latin1",
    ],
)
def test_unsafe_postgresql_options_are_refused(option: str) -> None:
    name = option.partition("=")[0]
    with pytest.raises(InputError, match=rf"^the option {name} is not allowed"):
        Address.parse(f"postgresql://u@h/d?{option}")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sqlite:///x.db?mode=ro", "the option mode is not allowed"),
        ("sqlite:///x.db?tls=verify", "the option tls is not allowed"),
        ("sqlite://people.db", "names a host"),
        ("mysql://u@h", "names no database"),
        ("mysql://u@h/d?tls=maybe", "tls must be verify or insecure"),
        ("mysql://u@h/d?tls=insecure&tls_ca=x", "contradicts"),
        ("mysql://u@h/d?tls_key=x", "without tls_cert"),
        ("mysql://u@h/d?connect_timeout=0", "1 to 3600"),
        ("mysql://u@h/d?connect_timeout=1e3", "1 to 3600"),
        ("mysql://u@h/d?connect_timeout=9&connect_timeout=8", "more than once"),
        ("mysql://u@h/d?charset=latin1", "only be utf8mb4"),
        ("mysql://u@h/d?unix_socket=%0A", "not plain text"),
        ("postgresql://u@/d?host=elsewhere", "only name the folder of a socket"),
        ("postgresql://u@h/d?host=/run", "both a host and a socket"),
        ("people.db", "not given as a URL"),
        ("mysql://u@h/d\n", "control character"),
        ("mysql://u@h/d%00", "control character"),
        ("sqlite:///people%00.db", "control character"),
    ],
)
def test_what_else_is_refused(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Address.parse(text)


def test_options_for_strongroom_do_not_reach_the_driver() -> None:
    address = Address.parse(
        "mysql://u@h/d?tls=verify&tls_ca=ca.pem&tls_cert=c.pem&tls_key=k.pem&connect_timeout=3"
    )
    assert dict(address.url.query) == {"connect_timeout": "3"}
    assert (address.tls, address.tls_ca) == ("verify", Path("ca.pem"))
    assert (address.tls_cert, address.tls_key) == (Path("c.pem"), Path("k.pem"))


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("sqlite:///x.db", True),
        ("mysql://u@localhost/d", True),
        ("mysql://u@LOCALHOST/d", True),
        ("mysql://u@127.0.0.1/d", True),
        ("mysql://u@127.9.9.9/d", True),
        ("mysql://u@[::1]/d", True),
        ("mysql:///d", True),
        ("mysql://u@/d?unix_socket=/run/mysqld.sock", True),
        ("postgresql:///d?host=/run/postgresql", True),
        ("postgresql:///d", True),
        # Names that may resolve to loopback today are still only names.
        ("mysql://u@localhost./d", False),
        ("mysql://u@localhost.example.com/d", False),
        ("mysql://u@127.0.0.1.example.com/d", False),
        ("mysql://u@127.1/d", False),
        ("mysql://u@128.0.0.1/d", False),
        ("mysql://u@0.0.0.0/d", False),
        ("mysql://u@[::ffff:127.0.0.1]/d", False),
        ("mysql://u@[::2]/d", False),
        ("mysql://u@db.example.com/d", False),
        ("postgresql://u@localhost,evil.example/d", False),
        # The file may name any host.
        ("mysql:///d?read_default_file=/etc/my.cnf", False),
        ("mysql://u@localhost/d?read_default_file=/etc/my.cnf", True),
        ("postgresql:///d?service=people", False),
    ],
)
def test_only_what_is_written_proves_that_a_server_is_local(text: str, *, local: bool) -> None:
    assert Address.parse(text).is_local is local


def test_a_password_is_masked_wherever_the_address_is_shown() -> None:
    address = Address.parse(f"mysql://root:{SECRET}@h:3306/d?tls=verify")
    assert address.has_password
    assert address.shown == "mysql://root:***@h:3306/d?tls=verify"
    assert repr(address) == "<Address mysql://root:***@h:3306/d?tls=verify>"
    assert SECRET not in f"{address!s} {address.url!r} {address.url!s}"
    assert address.url.password == SECRET


def test_an_address_without_password_says_so() -> None:
    assert not Address.parse("mysql://root@h/d").has_password
    assert not Address.parse("mysql://root:@h/d").has_password


@pytest.mark.parametrize(
    "text",
    [
        f"root:{SECRET}@h/d",
        f"mysql//root:{SECRET}@h/d",
        f"oracle://root:{SECRET}@h/d",
        f"{SECRET}://root@h/d",
        f"mysql://root:{SECRET}@h:port/d",
        f"mysql://root:p@{SECRET}@h/d",
        f"mysql://ro/ot:p@{SECRET}@h/d",
        f"mysql://root:p@h/d?{SECRET}=1@h/d",
        f"mysql://root:{SECRET}@h/d?nope=1",
        f"mysql://root:{SECRET}@h/d?connect_timeout={SECRET}",
        f"mysql://root:{SECRET}@h/d?p%20{SECRET}=1",
        f"mysql://root:{SECRET}@h",
        f"mysql://root:{SECRET}@h/d\x00",
        f"sqlite://root:{SECRET}@h/d",
        f"postgresql://root:{SECRET}@h/d?host=/run",
        f"postgresql://root:{SECRET}@h/d?host={SECRET}",
        f"mysql://root:{SECRET}@[::1/d",
    ],
)
def test_no_error_repeats_a_password(text: str) -> None:
    with pytest.raises(InputError) as caught:
        Address.parse(text)
    error = caught.value
    assert SECRET not in f"{error!s} {error!r} {error.hint}"
    assert error.__cause__ is None
    assert error.__context__ is None
