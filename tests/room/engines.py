"""Engines as a caller of the library would make them, with other settings than strongroom's."""

from __future__ import annotations

import ssl

import sqlalchemy as sa

from tests.servers.database import Database


def engine_of(database: Database) -> sa.Engine:
    """Make an engine on the same database, with verified TLS; on MariaDB at REPEATABLE READ."""
    url = sa.make_url(database.url)
    if database.kind == "sqlite":
        return sa.create_engine(url)
    url = url.set(password=database.password)
    authority = str(url.query["tls_ca"])
    if database.kind == "mariadb":
        return sa.create_engine(
            url.set(drivername="mysql+pymysql", query={"charset": "utf8mb4"}),
            connect_args={"ssl": ssl.create_default_context(cafile=authority)},
            isolation_level="REPEATABLE READ",
        )
    query = {"sslmode": "verify-full", "sslrootcert": authority}
    return sa.create_engine(url.set(drivername="postgresql+psycopg", query=query))
