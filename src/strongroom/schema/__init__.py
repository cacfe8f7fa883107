"""What data looks like, as pure data: field types, tables, the catalogue, encodings, conditions.

`types` is what a field may hold, `values` turns a value into canonical bytes and back, `identity`
does so for primary keys, `table` and `catalogue` say which fields exist, `declared` reads tables
from TOML, `alteration` changes them, `conditions` is what a query asks. Nothing here reads a
database or knows a key.
"""
