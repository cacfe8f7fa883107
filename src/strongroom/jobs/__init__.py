"""Bulk work over whole tables: it says what it did, and fails loudly when it was not all done.

`engine` runs it, batch after batch, and `crew` in several processes. `exchange` is records from
files and to files, `rewriting` takes tables over, changes and releases them, `verify` checks them.
"""
