"""Bulk work over whole tables: it says what it did, and fails loudly when it was not all done."""
