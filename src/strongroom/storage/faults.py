"""What can go wrong in a database, and the codes by which each server says so.

Codes alone are matched and shown: the sentences that come with them quote rows, names and
addresses. Sources: the error references of MySQL 9 and MariaDB 10.11, PostgreSQL 15 appendix A,
SQLite's "Result and Error Codes".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from strongroom.errors import BusyError, StorageError, UnreachableError


@dataclass(frozen=True)
class Fault:
    """One thing that can go wrong, in words that hold for every database."""

    error: type[StorageError]
    text: str
    hint: str | None = None
    lost: bool = False


UNREACHABLE: Final = Fault(
    UnreachableError,
    "the database server cannot be reached",
    "check the host, the port and that the server is running",
)
LOGIN: Final = Fault(
    UnreachableError,
    "the database server refused the login",
    "check the user and the password (STRONGROOM_PASSWORD, the prompt or the option file)",
)
NO_DATABASE: Final = Fault(
    UnreachableError, "the server has no such database", "create it, or correct its name"
)
CERTIFICATE: Final = Fault(
    UnreachableError,
    "the server's certificate was refused",
    "name the authority that signed it with tls_ca=FILE and the host as the certificate does",
)
NO_TLS: Final = Fault(
    UnreachableError,
    "no verified TLS with the server, so nothing was sent to it",
    "turn TLS on at the server; tls=insecure gives up the protection of the connection",
)
CROWDED: Final = Fault(
    UnreachableError,
    "the server accepts no more connections",
    "try again, or raise its limit of connections",
)
LOST: Final = Fault(
    StorageError,
    "the connection to the database was lost",
    "whether the last change was kept is not known until it is read again",
    lost=True,
)
BUSY: Final = Fault(BusyError, "the database is busy", "run the whole transaction again")
NO_TABLE: Final = Fault(
    StorageError, "a table or column is missing", "was it removed or renamed by another tool?"
)
DUPLICATE: Final = Fault(StorageError, "a row with this key is already there")
CONSTRAINT: Final = Fault(StorageError, "a rule of the table refuses the row")
BAD_VALUE: Final = Fault(
    StorageError, "a value cannot be held or handed over as it is", "does the column fit it?"
)
STATEMENT: Final = Fault(StorageError, "the database does not accept the statement")
READ_ONLY: Final = Fault(
    StorageError,
    "the database is read-only",
    "check the permissions of the file and its folder, or that this server is not a replica",
)
DISK_FULL: Final = Fault(
    StorageError, "the database has no space left", "free some space, then try again"
)
DISK: Final = Fault(StorageError, "the database cannot read or write its disk")
MEMORY: Final = Fault(StorageError, "the database is out of memory")
TOO_LARGE: Final = Fault(
    StorageError,
    "a value or batch is too large for the database",
    "raise max_allowed_packet on the server, or write less at once",
)
PERMISSION: Final = Fault(
    StorageError,
    "the user may not do this in the database",
    "SELECT, INSERT, UPDATE and DELETE are needed to work, CREATE to make a store",
)
NO_TRIGGERS: Final = Fault(
    StorageError,
    "the server lets only its administrators make triggers while it keeps a binary log",
    "set log_bin_trust_function_creators=1 on the server for that long, or work with --offline",
)
CANCELLED: Final = Fault(StorageError, "the statement was stopped by the server or its limits")
NOT_A_DATABASE: Final = Fault(
    StorageError, "the file is not an SQLite database", "was another file meant?"
)
DAMAGED: Final = Fault(
    StorageError, "the database is damaged", "restore a backup; keep the damaged file"
)
CANNOT_OPEN: Final = Fault(
    StorageError,
    "the database file cannot be opened",
    "check the permissions of the file and its folder",
)
OTHER: Final = Fault(StorageError, "the database failed")
OF_A_ROW: Final = (DUPLICATE, CONSTRAINT, BAD_VALUE)
"""What is wrong with one row: the others would be taken."""


def _by_code(table: Mapping[Fault, str]) -> Mapping[str, Fault]:
    return {code: condition for condition, codes in table.items() for code in codes.split()}


# Server errors of MySQL and MariaDB, then the client's own from 2000 on.
MYSQL: Final = _by_code(
    {
        LOGIN: "1045 1130 1251 1524 1698 2059 2061 3118 3955 4151",
        NO_DATABASE: "1049",
        CROWDED: "1040 1129 1203 1226",
        NO_TLS: "2026 3159",
        UNREACHABLE: "2002 2003 2005 1043 1047",
        LOST: "1053 1152 1158 1159 1160 1161 1184 1927 2006 2013 2055 4031",
        BUSY: "1020 1205 1213 1412 1637 3572",
        NO_TABLE: "1051 1054 1109 1146 1932",
        DUPLICATE: "1022 1062 1169 1586",
        CONSTRAINT: "1048 1216 1217 1364 1451 1452 3819 4025",
        BAD_VALUE: "1118 1264 1265 1267 1292 1300 1366 1406 1411 3988",
        STATEMENT: "1050 1064 1071 1072 1136 1149 1295",
        READ_ONLY: "1036 1223 1290 1792 1836 3100",
        DISK_FULL: "1021 1114",
        DISK: "1 2 3 4 5 6 9 1016 1023 1024 1025 1026 1030",
        MEMORY: "1037 1038 1041 1135",
        TOO_LARGE: "1105 1153 1301 2020 2027",
        PERMISSION: "1044 1142 1143 1227 1370 1410",
        NO_TRIGGERS: "1419",
        CANCELLED: "1317 1969 3024",
        DAMAGED: "1033 1034 1194 1712",
    }
)
# PostgreSQL: whole codes first, then the class (the first two characters).
POSTGRESQL: Final = _by_code(
    {
        LOGIN: "28",
        NO_DATABASE: "3D",
        CROWDED: "53300",
        UNREACHABLE: "57P03",
        LOST: "08 25P03 57P01 57P02 57P04 57P05",
        BUSY: "40 55P03 55006",
        NO_TABLE: "42P01 42703 3F",
        DUPLICATE: "23505",
        CONSTRAINT: "23 44",
        BAD_VALUE: "22",
        STATEMENT: "42 25 26 34",
        READ_ONLY: "25006",
        DISK_FULL: "53100",
        DISK: "58",
        MEMORY: "53",
        TOO_LARGE: "54",
        PERMISSION: "42501",
        CANCELLED: "57",
        DAMAGED: "XX001 XX002",
    }
)
# SQLite: extended names first, then the primary code's.
SQLITE: Final = _by_code(
    {
        BUSY: "SQLITE_BUSY SQLITE_LOCKED",
        DUPLICATE: "SQLITE_CONSTRAINT_PRIMARYKEY SQLITE_CONSTRAINT_UNIQUE SQLITE_CONSTRAINT_ROWID",
        CONSTRAINT: "SQLITE_CONSTRAINT",
        READ_ONLY: "SQLITE_READONLY",
        DISK_FULL: "SQLITE_FULL",
        DISK: "SQLITE_IOERR",
        MEMORY: "SQLITE_NOMEM",
        TOO_LARGE: "SQLITE_TOOBIG",
        PERMISSION: "SQLITE_PERM SQLITE_AUTH",
        CANCELLED: "SQLITE_INTERRUPT SQLITE_ABORT",
        NOT_A_DATABASE: "SQLITE_NOTADB",
        DAMAGED: "SQLITE_CORRUPT",
        CANNOT_OPEN: "SQLITE_CANTOPEN",
        BAD_VALUE: "SQLITE_MISMATCH SQLITE_RANGE",
        STATEMENT: "SQLITE_ERROR SQLITE_SCHEMA",
    }
)
