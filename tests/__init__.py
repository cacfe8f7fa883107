"""Tests of strongroom: `make test` runs them all, over SQLite, MariaDB and PostgreSQL."""
