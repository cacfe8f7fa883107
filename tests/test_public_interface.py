"""The public interface: exactly these names, each of them there, for people and type checkers."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import strongroom

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "strongroom"

# The public interface, pinned: a name that comes or goes is a decision, written down here and in
# CHANGELOG.md.
EXPORTED = {
    "__version__",
    # opening, and what an opened strongroom gives
    "open",
    "Strongroom",
    "Table",
    "Ids",
    "Query",
    "Record",
    "verify",
    # files in and out
    "import_file",
    "ImportOptions",
    "ImportReport",
    "export_file",
    "ExportOptions",
    "ExportReport",
    # tables declared in TOML
    "schema_from_toml",
    "indexes_from_toml",
    "schema_to_toml",
    # search: indexes, and what is asked of them
    "Index",
    "Indexed",
    "add_index",
    "rebuild_index",
    "drop_index",
    "leakage",
    "Leakage",
    "where",
    "one_of",
    "alike",
    "prefix",
    "words",
    "contains",
    "between",
    # bulk work over whole tables
    "adopt",
    "Adoption",
    "Adopted",
    "old_keys",
    "convert",
    "release",
    "Converted",
    "Pace",
    "Progress",
    # the types of fields
    "FieldType",
    "Text",
    "Integer",
    "Float",
    "Decimal",
    "Boolean",
    "Bytes",
    "Date",
    "DateTime",
    "ZonedDateTime",
    "Json",
    # errors
    "StrongroomError",
    "InputError",
    "QueryError",
    "DuplicateError",
    "NotFoundError",
    "NoTableError",
    "NoStoreError",
    "IntegrityError",
    "DecryptionError",
    "RootKeyError",
    "KeyMissingError",
    "KeyRefusedError",
    "WrongKeyError",
    "ConflictError",
    "StorageError",
    "UnreachableError",
    "BusyError",
    "UnfinishedError",
    "ClosedError",
}


def test_the_exported_names_are_these_and_each_is_there() -> None:
    assert set(strongroom.__all__) == EXPORTED
    assert len(strongroom.__all__) == len(EXPORTED)
    for name in EXPORTED:
        assert getattr(strongroom, name) is not None


def test_a_type_checker_sees_what_is_exported() -> None:
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    (for_checkers,) = (node for node in tree.body if isinstance(node, ast.If))
    seen = {
        (node.module, alias.name)
        for node in (*tree.body, *for_checkers.body)
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("strongroom.")
        for alias in node.names
    }
    assert {name for _, name in seen} == EXPORTED
    for module, name in seen:
        assert getattr(importlib.import_module(str(module)), name) is getattr(strongroom, name)
