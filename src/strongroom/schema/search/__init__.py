"""Search over encrypted fields, as pure data: which terms stand for a value and for a query."""
